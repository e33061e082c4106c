// The explorer: what is chosen goes to the server, and the table and the map come back.
import { filters } from "./explorer_filters.js";
import { makeMap } from "./explorer_map.js";
import { digits, element, formula, thousands } from "./explorer_words.js";

const byId = (id) => document.getElementById(id);
const error = byId("error"), wrong = byId("condition-error");
// address, last request and what it was for, of each part of the page
const parts = { rows: {}, count: {}, map: {} };
const state = { by: "K_hill", descending: true, before: [], after: "", next: null, region: null };
const picked = new Map();
// columns that begin with A
const TEXTS = ["formula", "spacegroup_symbol", "crystal_system"];
let facts, chosen, map, columns;

async function ask(part, query) {
  const own = parts[part] || (parts[part] = {});
  if (own.controller) { own.controller.abort(); }
  own.controller = new AbortController();
  const answer = await fetch(`/explorer/${part}?${new URLSearchParams(query)}`, {
    signal: own.controller.signal
  });
  const found = await answer.json();
  if (!answer.ok) { throw new Error(found.error); }
  return found;
}

function fail(reason) {
  if (reason.name === "AbortError") { return; }
  const text = reason instanceof TypeError ? "The server does not answer." : reason.message;
  const ofCondition = /condition|query fails|unknown column/.test(text) && byId("condition").value;
  wrong.textContent = ofCondition ? text : "";
  error.textContent = ofCondition ? "" : text;
  byId("count").textContent = "–";
}

function filter(withRegion = true) {
  const found = chosen.read();
  if (withRegion && state.region) { found.region = state.region; }
  return JSON.stringify(found);
}

function title(name) {
  const column = columns.get(name);
  return column ? [column.label, column.unit, column.short] : [name, "", name];
}

function head(names) {
  const cells = names.map((name) => {
    const [label, unit, short] = title(name);
    const sorted = name === state.by ? (state.descending ? "descending" : "ascending") : null;
    const arrow = sorted ? (state.descending ? " ▾" : " ▴") : "";
    const button = element("button", { type: "button", "data-by": name, title: label }, short + arrow,
      unit ? element("small", {}, unit) : "");
    const left = TEXTS.includes(name) ? "text" : null;
    return element("th", { scope: "col", class: left, "aria-sort": sorted }, button);
  });
  const pick = element("th", { scope: "col" }, element("span", { class: "hidden" }, "compare"));
  byId("rows").tHead.replaceChildren(element("tr", {}, pick, ...cells));
}

function line(row, names) {
  const mark = row.warnings || row.stable === false;
  const notes = [row.stable === false ? "unstable" : "", row.warnings || ""].filter(Boolean).join(", ");
  const name = `${row.formula} (${row.id})`;
  const box = element("input", { type: "checkbox", "aria-label": `Compare ${name}` });
  box.checked = picked.has(row.key);
  box.addEventListener("change", () => pick(row.key, box));
  const first = element("th", { scope: "row" },
    element("a", { href: `/explorer/crystals/${row.key}` }, ...formula(row.formula)),
    mark ? element("span", { class: "mark", title: notes, role: "img", "aria-label": notes }, " ⚠") : "",
    element("small", { title: row.id }, row.id));
  const cells = names.slice(1).map((key) => {
    const value = row[key];
    const text = typeof value !== "number" ? (value ?? "–") : Number.isInteger(value) ? value : digits(value);
    return element("td", { class: typeof value === "string" ? "text" : null }, String(text));
  });
  return element("tr", {}, element("td", {}, box), first, ...cells);
}

function pick(key, box) {
  if (box.checked) { picked.set(key, true); } else { picked.delete(key); }
  if (picked.size > 6) { picked.delete(key); box.checked = false; }
  const link = byId("compare");
  link.hidden = picked.size < 2;
  link.textContent = `Compare ${picked.size}`;
  link.href = `/compare?${[...picked.keys()].map((each) => `crystal=${encodeURIComponent(each)}`).join("&")}`;
}

async function showRows() {
  const body = byId("rows").tBodies[0];
  body.classList.add("busy");
  const found = await ask("rows", {
    filter: filter(), by: state.by, descending: state.descending, after: state.after
  });
  const shown = ["formula", ...facts.shown.filter((name) => name !== "formula")];
  if (!shown.includes(state.by)) { shown.push(state.by); }
  head(shown);
  body.replaceChildren(...found.rows.map((values) => (
    line(Object.fromEntries(values.map((value, index) => [found.columns[index], value])), shown)
  )));
  body.classList.remove("busy");
  state.next = found.next;
  byId("next").disabled = found.next === null;
  byId("previous").disabled = byId("first").disabled = !state.before.length;
  const from = state.before.length * facts.page;
  byId("place").textContent = found.rows.length
    ? `${thousands(from + 1)} to ${thousands(from + found.rows.length)}` : "";
}

async function showCount() {
  const { count } = await ask("count", { filter: filter() });
  byId("count").textContent = `${thousands(count)} of ${thousands(facts.total)}`;
  document.querySelectorAll("[data-kind]").forEach((link) => {
    link.href = `/explorer/export?${new URLSearchParams({ kind: link.dataset.kind, filter: filter() })}`;
  });
}

async function showMap() {
  const query = { filter: filter(false), x: byId("x").value, y: byId("y").value };
  const key = JSON.stringify(query);
  if (parts.map.key === key) { return; }
  const found = await ask("map", query);
  parts.map.key = key;
  map.show(found);
  byId("legend").hidden = Boolean(found.bins);
  byId("density").hidden = !found.bins;
  if (found.bins) {
    const most = Math.max(...found.bins.map((bin) => bin[2]));
    byId("density").textContent = `Colour: how many of ${thousands(found.count)} results lie in a `
      + `place, from 1 (dark) to ${thousands(most)} (light), by its logarithm.`;
  }
  const [across, up] = [found.x, found.y].map((axis) => axis.label);
  const how = found.bins ? "; the lighter a place, the more lie there" : "";
  byId("map").setAttribute("aria-label",
    `Map of ${found.count} results: ${across} across, ${up} up${how}`);
}

function remember() {
  const query = new URLSearchParams({ filter: filter(), by: state.by, descending: state.descending,
    x: byId("x").value, y: byId("y").value });
  history.replaceState(null, "", `/explorer?${query}`);
}

function refresh({ rows = true, all = true } = {}) {
  error.textContent = wrong.textContent = "";
  remember();
  const jobs = [];
  if (rows) { jobs.push(showRows()); }
  if (all) { jobs.push(showCount(), showMap()); }
  return Promise.allSettled(jobs).then((ended) => {
    ended.filter((each) => each.status === "rejected").forEach((each) => fail(each.reason));
  });
}

function restart() {
  state.before = [];
  state.after = "";
}

let waiting;
function changed() {
  clearTimeout(waiting);
  waiting = setTimeout(() => { restart(); refresh(); }, 180);
}

function brushed(points) {
  const [x, y] = [parts.map.x, parts.map.y];
  state.region = points && {
    x: x.name, y: y.name, log_x: x.log, log_y: y.log,
    points: points.map((point) => point.map((value) => Number(value.toPrecision(7))))
  };
  map.mark(points);
  byId("unbrush").disabled = !points;
  restart();
  refresh();
}

function sort(name) {
  state.descending = name === state.by ? !state.descending : !TEXTS.includes(name);
  state.by = name;
  restart();
  refresh({ all: false }).then(() => {
    const button = document.querySelector(`[data-by="${CSS.escape(name)}"]`);
    if (button) { button.focus(); }
  });
}

function listen() {
  byId("rows").tHead.addEventListener("click", (event) => {
    const button = event.target.closest("[data-by]");
    if (button) { sort(button.dataset.by); }
  });
  byId("next").addEventListener("click", () => {
    state.before.push(state.after);
    state.after = state.next;
    refresh({ all: false });
  });
  byId("previous").addEventListener("click", () => {
    state.after = state.before.pop();
    refresh({ all: false });
  });
  byId("first").addEventListener("click", () => { restart(); refresh({ all: false }); });
  byId("unbrush").addEventListener("click", () => brushed(null));
  byId("clear").addEventListener("click", () => {
    chosen.write({});
    brushed(null);
  });
  document.querySelectorAll("[name=brush]").forEach((radio) => {
    radio.addEventListener("change", () => map.brush(radio.value));
  });
  ["x", "y"].forEach((id) => byId(id).addEventListener("change", () => brushed(null)));
}

function choices() {
  const numbers = facts.sliders.map((fact) => fact.name);
  ["x", "y"].forEach((id) => byId(id).replaceChildren(...numbers.map((name) => (
    element("option", { value: name }, title(name)[0])
  ))));
}

// What the address says is chosen again.
function recall() {
  const query = new URLSearchParams(location.search);
  let given = {};
  try { given = JSON.parse(query.get("filter") || "{}"); } catch { given = {}; }
  if (columns.has(query.get("by"))) { state.by = query.get("by"); }
  state.descending = query.get("descending") !== "false";
  byId("x").value = query.get("x") || "K_hill";
  byId("y").value = query.get("y") || "G_hill";
  chosen.write(given);
  if (given.region && Array.isArray(given.region.points)) {
    state.region = given.region;
    byId("unbrush").disabled = false;
  }
}

async function begin() {
  if (window.matchMedia("(max-width: 1000px)").matches) { byId("filters").open = false; }
  facts = await ask("facts", {});
  columns = new Map(facts.columns.map((column) => [column.name, column]));
  byId("total").textContent = `${thousands(facts.total)} results`;
  const colours = Object.fromEntries([...document.querySelectorAll("[data-system]")].map((item) => {
    item.hidden = !facts.systems[item.dataset.system];
    return [item.dataset.system, item.dataset.colour];
  }));
  map = makeMap(byId("map"), byId("readout"), {
    colours, onBrush: brushed, onOpen: (row) => { location.assign(`/explorer/rows/${row}`); }
  });
  const show = map.show;
  map.show = (found) => { parts.map.x = found.x; parts.map.y = found.y; show(found); };
  chosen = filters(facts, changed);
  choices();
  recall();
  if (state.region) { map.mark(state.region.points); }
  listen();
  await refresh();
  document.documentElement.dataset.ready = "true";
}

begin().catch(fail);
