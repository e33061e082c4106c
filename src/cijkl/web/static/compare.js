// Results side by side: fetched by what the address names, compared by the server.
import { digits, drawn, element, formula } from "./explorer_words.js";

const byId = (id) => document.getElementById(id);
const MOST = Number(document.querySelector("[data-most]").dataset.most);
const PAUSE = 1500;
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const CONFIG = { responsive: true, displaylogo: false, scrollZoom: false, displayModeBar: false };
// each: {kind: "crystal" | "result", id, name, record}
let chosen = [];
let answer = null, reference = 0, asked = 0;

function say(text) { byId("state").textContent = text; }
function fail(reason) {
  say("");
  byId("error").textContent = reason instanceof TypeError ? "The server does not answer." : reason.message;
}

async function json(address, options) {
  const got = await fetch(address, options);
  const found = await got.json();
  if (!got.ok) { throw new Error(found.error); }
  return found;
}

function remember() {
  const query = new URLSearchParams();
  chosen.forEach((each) => {
    query.append(each.kind, each.id);
    query.append("name", each.own || "");
  });
  history.replaceState(null, "", `/compare${chosen.length ? `?${query}` : ""}`);
}

// The record of a result that is kept; one that is still computed is waited for.
async function kept(id) {
  for (;;) {
    const job = await json(`/api/jobs/${encodeURIComponent(id)}`);
    if (job.record && job.record.status === "ok") { return job.record; }
    if (job.ended) { throw new Error(job.error || "This job has no result."); }
    const facts = job.progress || {};
    const count = Object.values(facts.evaluations || {}).reduce((sum, each) => sum + each, 0);
    say(job.state === "queued" ? `${job.name} waits in the queue: ${job.ahead} before it`
      : `${job.name}: ${facts.stage || "starting"}, ${count} evaluations of the potential`);
    await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
  }
}

function titled(each) {
  const record = each.record;
  return each.own || `${record.formula || record.id}, ${record.engine.name}`;
}

async function include(kind, id, own) {
  if (chosen.length >= MOST) { throw new Error(`Up to ${MOST} fit side by side; remove one first.`); }
  const record = kind === "crystal"
    ? await json(`/explorer/crystals/${encodeURIComponent(id)}/record.json`) : await kept(id);
  chosen.push({ kind, id, own, record });
  say("");
}

function cards() {
  byId("chosen").replaceChildren(...chosen.map((each, index) => {
    const record = each.record;
    const remove = element("button", {
      type: "button", "aria-label": `Remove ${titled(each)}`
    }, "×");
    remove.addEventListener("click", () => {
      chosen.splice(index, 1);
      if (reference >= chosen.length) { reference = 0; }
      update();
      byId("adding").querySelector("summary").focus();
    });
    const facts = [record.id, record.structure && record.structure.spacegroup_symbol, record.engine.version]
      .filter(Boolean).join(" · ");
    const doubts = record.warnings.length
      ? element("small", { class: "mark" }, `⚠ ${record.warnings.map((note) => note.code).join(", ")}`) : "";
    return element("li", {}, line(index), element("div", { class: "about" },
      element("strong", {}, titled(each)), element("small", {}, facts), doubts), remove);
  }));
  byId("empty").hidden = chosen.length > 0;
  byId("adding").open = chosen.length < 2 || byId("adding").open;
}

const DASHES = { solid: "", dash: "8 5", dot: "3 3", dashdot: "8 4 2 4", longdash: "13 5", longdashdot: "13 4 2 4" };
function line(index) {
  const [colour, dash] = answer && answer.looks[index] ? answer.looks[index] : ["currentColor", "solid"];
  return drawn("svg", { width: 34, height: 22, "aria-hidden": "true" }, drawn("line", {
    x1: 1, x2: 33, y1: 12, y2: 12, stroke: colour, "stroke-width": 3, "stroke-dasharray": DASHES[dash]
  }));
}

function difference(value, base, index) {
  if (index === reference || value === null || base === null) { return ""; }
  const change = value - base;
  const sign = (text) => (text.startsWith("−") || text === "0" ? text : `+${text}`);
  // of what is near zero or changes sign a share says nothing
  if (base <= 0 || value <= 0 || Math.abs(change) > 9 * base) { return sign(digits(change)); }
  const share = 100 * change / base;
  return `${sign(digits(share, Math.abs(share) < 10 ? 2 : 3))}\u202f%`;
}

function head(withChoice) {
  const cells = chosen.map((each, index) => {
    const radio = element("input", { type: "radio", name: "reference", "aria-label": `Reference: ${titled(each)}` });
    radio.checked = index === reference;
    radio.addEventListener("change", () => { reference = index; tables(); byId("numbers").querySelectorAll("[name=reference]")[index].focus(); });
    return element("th", { scope: "col" }, titled(each),
      withChoice ? element("label", {}, radio, " reference") : "");
  });
  return element("tr", {}, element("th", { scope: "col" }, element("span", { class: "hidden" }, "quantity")), ...cells);
}

function body(rows, subscripts) {
  return rows.map((row) => {
    const name = subscripts ? formula(row.name) : [row.name];
    return element("tr", {}, element("th", { scope: "row" }, ...name, row.unit ? element("small", {}, ` ${row.unit}`) : ""),
      ...row.values.map((value, index) => {
        const change = difference(value, row.values[reference], index);
        return element("td", {}, digits(value), change ? element("small", {}, change) : "");
      }));
  });
}

function tables() {
  for (const [id, rows] of [["numbers", answer.rows], ["constants", answer.constants]]) {
    byId(id).tHead.replaceChildren(head(id === "numbers" && chosen.length > 1));
    byId(id).tBodies[0].replaceChildren(...body(rows, id === "constants"));
  }
}

function plot(box, figure) {
  const content = structuredClone(figure);
  content.layout.template = answer.templates[dark.matches ? "dark" : "light"];
  if (content.layout.scene) {
    const scale = Math.min(1, box.clientWidth / box.clientHeight);
    for (const axis of ["x", "y", "z"]) { content.layout.scene.aspectratio[axis] *= scale; }
    if (box.camera) { content.layout.scene.camera = box.camera; }
  }
  return Plotly.react(box, content.data, content.layout, CONFIG);
}

// One view for all surfaces, since a comparison from two sides is none.
function turn(source, camera) {
  document.querySelectorAll("#surfaces .plot").forEach((box) => {
    box.camera = camera;
    if (box !== source && box.layout) { Plotly.relayout(box, { "scene.camera": camera }); }
  });
}
function turnable(box) {
  box.on("plotly_relayout", (change) => {
    const camera = change["scene.camera"];
    // those that follow say so too, and must not lead in turn
    if (camera && JSON.stringify(camera) !== JSON.stringify(box.camera)) { turn(box, camera); }
  });
  box.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!step) { return; }
    event.preventDefault();
    const camera = box.layout.scene.camera;
    const { x, y, z } = camera.eye;
    const radius = Math.hypot(x, y, z);
    const azimuth = Math.atan2(y, x) + 0.15 * step[0];
    const elevation = Math.max(-1.5, Math.min(1.5, Math.asin(z / radius) + 0.12 * step[1]));
    turn(null, { ...camera, up: { x: 0, y: 0, z: 1 }, eye: {
      x: radius * Math.cos(elevation) * Math.cos(azimuth),
      y: radius * Math.cos(elevation) * Math.sin(azimuth),
      z: radius * Math.sin(elevation)
    } });
  });
}

async function pictures() {
  byId("legend").replaceChildren(...chosen.map((each, index) => (
    element("li", {}, line(index), titled(each)))));
  for (const box of document.querySelectorAll("[data-plane]")) {
    const figure = answer.sections[box.dataset.plane];
    box.hidden = !figure;
    if (figure) {
      figure.data.forEach((trace) => {
        const name = titled(chosen[Number(trace.name) - 1]);
        trace.hovertemplate = "%{theta:.0f}°: %{r:.4g} GPa<extra></extra>";
        trace.meta = name;
      });
      await plot(box, figure);
    }
  }
  const boxes = chosen.map((each, index) => {
    const box = element("div", { class: "plot", role: "img", tabindex: 0,
      "aria-label": `Surface of Young's modulus: ${titled(each)}. Arrow keys turn it.` });
    const unstable = element("p", { class: "lead" }, "Not drawn: an unstable tensor has no such surface.");
    return [box, element("figure", {}, element("h3", {}, titled(each)), answer.surfaces[index] ? box : unstable)];
  });
  byId("surfaces").querySelectorAll(".plot").forEach((box) => Plotly.purge(box));
  byId("surfaces").replaceChildren(...boxes.map(([, figure]) => figure));
  for (const [index, [box]] of boxes.entries()) {
    if (answer.surfaces[index]) {
      answer.surfaces[index].data.forEach((trace) => {
        if (trace.type === "surface") { trace.hovertemplate = null; trace.hoverinfo = "none"; }
      });
      await plot(box, answer.surfaces[index]);
      turnable(box);
    }
  }
}

function notes() {
  const found = chosen.flatMap((each) => each.record.warnings.map((note) => (
    element("li", {}, element("strong", {}, `${titled(each)}: `), note.message, " ", element("code", {}, note.code)))));
  const frames = new Set(answer.frames);
  if (frames.size > 1) {
    found.unshift(element("li", {}, "The tensors stand in different frames: compare constants and sections in the IEEE frame."));
  }
  byId("notes").replaceChildren(...found);
  byId("warnings").hidden = !found.length;
}

async function update() {
  remember();
  const number = ++asked;
  byId("error").textContent = "";
  if (!chosen.length) {
    answer = null;
    byId("results").hidden = true;
    cards();
    return;
  }
  const frame = document.querySelector("[name=frame]:checked").value;
  try {
    const found = await json("/compare/figures", {
      method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ records: chosen.map((each) => each.record), frame })
    });
    if (number !== asked) { return; }
    answer = found;
  } catch (reason) {
    if (frame === "ieee") { document.querySelector("[name=frame][value=input]").checked = true; }
    cards();
    throw reason;
  }
  byId("results").hidden = false;
  byId("results").classList.toggle("few", chosen.length < 4);
  cards();
  tables();
  notes();
  await pictures();
}

function given(event) {
  event.preventDefault();
  byId("error").textContent = "";
  const file = byId("file").files[0] || (byId("text").value.trim() ? new File([byId("text").value], "pasted") : null);
  if (!file) { fail(new Error("Choose a file or paste a text first.")); return; }
  const [route, ...rest] = byId("route").value.split(" ");
  const own = byId("name").value.trim();
  const data = new FormData();
  data.append(route === "analyze" ? "tensor" : "structure", file, file.name);
  if (route === "analyze") {
    const crystal = byId("crystal").files[0], frame = byId("tensor-frame").value;
    if (crystal) { data.append("structure", crystal, crystal.name); }
    if (frame) { data.append("frame", frame); }
  }
  if (route === "predict") { data.append("model", rest.join(" ")); }
  if (route === "compute") { data.append("potential", rest.join(" ")); } else { data.append("keep", "true"); }
  say("Working…");
  add(async () => {
    const found = await json(`/api/${route}`, { method: "POST", body: data });
    const ids = route === "compute" ? found.jobs.map((job) => job.id) : found.kept;
    for (const id of ids) { await include("result", id, ids.length === 1 ? own : ""); }
    byId("name").value = "";
  });
}

// One after the other, so that results keep the order in which they were asked for.
let line_up = Promise.resolve();
function add(work) {
  line_up = line_up.then(work).then(update).catch(fail);
  return line_up;
}

let searching;
function search() {
  clearTimeout(searching);
  searching = setTimeout(async () => {
    const text = byId("words").value.trim();
    if (!text) { byId("hits").replaceChildren(); return; }
    try {
      const found = await json(`/explorer/rows?${new URLSearchParams({ filter: JSON.stringify({ text }), by: "id", descending: false })}`);
      const rows = found.rows.slice(0, 8).map((values) => (
        Object.fromEntries(values.map((value, index) => [found.columns[index], value]))));
      byId("hits").replaceChildren(...rows.map((row) => {
        const button = element("button", { type: "button" }, ...formula(row.formula),
          ` (${row.id}), ${row.spacegroup_symbol || "?"}, ${row.engine}, K ${digits(row.K_hill)} GPa`);
        button.addEventListener("click", () => add(() => include("crystal", row.key, "")));
        return element("li", {}, button);
      }));
      if (!rows.length) { byId("hits").replaceChildren(element("li", {}, "None.")); }
    } catch (reason) { fail(reason); }
  }, 200);
}

// What the address names, in its order.
async function recall() {
  const pairs = [...new URLSearchParams(location.search)];
  for (const [index, [kind, id]] of pairs.entries()) {
    if (kind !== "crystal" && kind !== "result") { continue; }
    const next = pairs[index + 1];
    try { await include(kind, id, next && next[0] === "name" ? next[1] : ""); } catch (reason) { fail(reason); }
  }
  const reasons = byId("error").textContent;
  byId("adding").open = chosen.length < 2;
  if (chosen.length) { await update(); }
  if (reasons) { byId("error").textContent = reasons; }
}

byId("add").addEventListener("submit", given);
function offer() { byId("of-tensor").hidden = byId("route").value !== "analyze"; }
byId("route").addEventListener("change", offer);
offer();
byId("file").addEventListener("change", () => { byId("text").value = ""; });
byId("text").addEventListener("input", () => { byId("file").value = ""; });
if (byId("find")) {
  byId("words").addEventListener("input", search);
  byId("find").addEventListener("submit", (event) => { event.preventDefault(); search(); });
}
byId("frame").addEventListener("change", () => { update().catch(fail); });
dark.addEventListener("change", () => { if (answer) { pictures(); } });
recall().catch(fail).finally(() => { document.documentElement.dataset.ready = "true"; });
