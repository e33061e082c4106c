// Filters: sliders with their histograms, the periodic table, chips and texts.
import { digits, drawn, element, thousands } from "./explorer_words.js";

const STEPS = 1000;
const byId = (id) => document.getElementById(id);

// A slider with two ends. onChange is called with no argument.
function slider(fact, onChange) {
  const { low, high, log, whole, label, unit, bars } = fact;
  const at = (step) => (log ? low * (high / low) ** (step / STEPS) : low + (high - low) * step / STEPS);
  const step = (value) => {
    const share = log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    return Math.max(0, Math.min(STEPS, Math.round(share * STEPS)));
  };
  const rounded = (value) => (whole ? Math.round(value) : Number(value.toPrecision(3)));
  const name = `${label}${unit ? ` (${unit})` : ""}`;
  const range = (kind, start) => element("input", {
    type: "range", class: kind, min: 0, max: STEPS, value: start,
    "aria-label": `${kind === "low" ? "Least" : "Largest"} ${label}`
  });
  const number = (kind) => element("input", {
    type: "number", step: "any", inputmode: "decimal",
    placeholder: whole ? (kind === "low" ? low : high) : digits(kind === "low" ? low : high),
    "aria-label": `${kind === "low" ? "Least" : "Largest"} ${name}`
  });
  const ends = { low: range("low", 0), high: range("high", STEPS) };
  const numbers = { low: number("low"), high: number("high") };
  const top = Math.max(...bars, 1);
  const rects = bars.map((count, index) => drawn("rect", {
    x: index + 0.05, width: 0.9,
    y: 20 - Math.max(count ? 0.7 : 0, 20 * Math.sqrt(count / top)), height: 20
  }));
  const picture = drawn("svg", {
    viewBox: `0 0 ${bars.length} 20`, preserveAspectRatio: "none", "aria-hidden": "true"
  }, ...rects);
  const values = { low: null, high: null };

  function show() {
    const from = values.low === null ? 0 : step(values.low);
    const to = values.high === null ? STEPS : step(values.high);
    ends.low.value = from;
    ends.high.value = to;
    // where both ends meet at the right, the left one must be the one that can be taken
    ends.low.style.zIndex = from > STEPS / 2 ? 3 : 2;
    ends.high.style.zIndex = 2;
    ends.low.setAttribute("aria-valuetext", `${digits(at(from))} ${unit}`);
    ends.high.setAttribute("aria-valuetext", `${digits(at(to))} ${unit}`);
    rects.forEach((rect, index) => {
      const middle = (index + 0.5) / bars.length * STEPS;
      rect.classList.toggle("out", middle < from || middle > to);
    });
  }
  for (const kind of ["low", "high"]) {
    ends[kind].addEventListener("input", () => {
      const limit = Number(ends[kind === "low" ? "high" : "low"].value);
      const moved = kind === "low" ? Math.min(Number(ends.low.value), limit)
        : Math.max(Number(ends.high.value), limit);
      const open = kind === "low" ? moved === 0 : moved === STEPS;
      values[kind] = open ? null : rounded(at(moved));
      numbers[kind].value = values[kind] === null ? "" : values[kind];
      show();
      onChange();
    });
    numbers[kind].addEventListener("input", () => {
      const given = numbers[kind].value.trim();
      values[kind] = given === "" || !Number.isFinite(Number(given)) ? null : Number(given);
      show();
      onChange();
    });
  }
  const box = element("fieldset", { class: "range" },
    element("legend", {}, label, unit ? element("small", {}, ` ${unit}`) : ""),
    element("div", { class: "track" }, picture, ends.low, ends.high),
    element("div", { class: "ends" }, numbers.low, element("span", {}, "to"), numbers.high));
  show();
  return {
    box,
    name: fact.name,
    main: fact.main,
    read: () => (values.low === null && values.high === null ? null : [values.low, values.high]),
    write: (pair) => {
      [values.low, values.high] = pair || [null, null];
      for (const kind of ["low", "high"]) {
        numbers[kind].value = values[kind] === null ? "" : values[kind];
      }
      show();
    }
  };
}

// Buttons of the periodic table: none, required, excluded.
function periodic(counts, onChange) {
  const buttons = [...document.querySelectorAll(".element")];
  const states = ["", "with", "without"];
  const words = { "": "", with: ", must be in it", without: ", must not be in it" };

  function label(button) {
    const state = button.dataset.state || "";
    const number = counts[button.dataset.symbol] || 0;
    button.setAttribute("aria-label",
      `${button.dataset.symbol}, ${thousands(number)} results${words[state]}`);
    button.setAttribute("aria-pressed", state ? "true" : "false");
    button.title = `${button.dataset.symbol}: ${thousands(number)}`;
  }
  function focusable(button) {
    buttons.forEach((each) => { each.tabIndex = each === button ? 0 : -1; });
  }
  function neighbour(button, across, down) {
    const row = Number(button.dataset.row), column = Number(button.dataset.column);
    const ahead = buttons.filter((other) => {
      if (other.disabled || other === button) { return false; }
      const r = other.dataset.row - row, c = other.dataset.column - column;
      return across ? r === 0 && c * across > 0 : r * down > 0;
    });
    const distance = (other) => Math.abs(other.dataset.row - row) * (down ? 20 : 1)
      + Math.abs(other.dataset.column - column);
    return ahead.sort((a, b) => distance(a) - distance(b))[0];
  }
  buttons.forEach((button) => {
    button.disabled = !counts[button.dataset.symbol];
    label(button);
    button.addEventListener("click", () => {
      const next = states[(states.indexOf(button.dataset.state || "") + 1) % 3];
      button.dataset.state = next;
      label(button);
      focusable(button);
      onChange();
    });
    button.addEventListener("keydown", (event) => {
      const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      if (!moves[event.key]) { return; }
      event.preventDefault();
      const next = neighbour(button, ...moves[event.key]);
      if (next) { focusable(next); next.focus(); }
    });
  });
  focusable(buttons.find((button) => !button.disabled));
  const chosen = (state) => buttons.filter((b) => b.dataset.state === state).map((b) => b.dataset.symbol);
  return {
    read: () => ({ elements: chosen("with"), without: chosen("without") }),
    write: (required, excluded) => buttons.forEach((button) => {
      const symbol = button.dataset.symbol;
      button.dataset.state = required.includes(symbol) ? "with"
        : excluded.includes(symbol) ? "without" : "";
      label(button);
    })
  };
}

// All filters of the page; read() gives them as the server takes them.
export function filters(facts, onChange) {
  const sliders = facts.sliders.map((fact) => slider(fact, onChange));
  sliders.forEach((each) => byId(each.main ? "sliders" : "more-sliders").append(each.box));
  const elements = periodic(facts.elements, onChange);
  const systems = [...document.querySelectorAll("[name=system]")];
  systems.forEach((box) => { box.closest("label").hidden = !facts.systems[box.value]; });
  const engines = Object.keys(facts.engines).map((name) => {
    const box = element("input", { type: "checkbox", name: "engine", value: name });
    byId("engines").append(element("label", {}, box, element("span", {}, name)));
    return box;
  });
  byId("engines").hidden = engines.length < 2;
  byId("stability").hidden = !facts.unstable;
  const stable = [...document.querySelectorAll("[name=stable]")];
  const [text, condition, only] = [byId("text"), byId("condition"), byId("only")];
  [...systems, ...engines, ...stable, only].forEach((box) => box.addEventListener("change", onChange));
  [text, condition].forEach((box) => box.addEventListener("input", onChange));
  byId("form").addEventListener("submit", (event) => event.preventDefault());
  byId("names-list").textContent = facts.columns.map((column) => column.name).sort().join(", ");
  byId("names").addEventListener("click", () => {
    const list = byId("names-list");
    list.hidden = !list.hidden;
    byId("names").setAttribute("aria-expanded", String(!list.hidden));
  });
  const checked = (boxes) => boxes.filter((box) => box.checked).map((box) => box.value);

  function read() {
    const found = {};
    const ranges = sliders.map((each) => [each.name, each.read()]).filter(([, pair]) => pair);
    if (ranges.length) { found.ranges = Object.fromEntries(ranges); }
    for (const [key, list] of Object.entries({
      ...elements.read(), systems: checked(systems), engines: checked(engines)
    })) {
      if (list.length) { found[key] = list; }
    }
    if (only.checked && found.elements) { found.only = true; }
    const [wanted] = checked(stable);
    if (wanted) { found.stable = wanted === "true"; }
    if (text.value.trim()) { found.text = text.value.trim(); }
    if (condition.value.trim()) { found.condition = condition.value; }
    return found;
  }
  function write(given) {
    sliders.forEach((each) => each.write((given.ranges || {})[each.name]));
    elements.write(given.elements || [], given.without || []);
    systems.forEach((box) => { box.checked = (given.systems || []).includes(box.value); });
    engines.forEach((box) => { box.checked = (given.engines || []).includes(box.value); });
    stable.forEach((box) => { box.checked = box.value === String(given.stable ?? ""); });
    only.checked = Boolean(given.only);
    text.value = given.text || "";
    condition.value = given.condition || "";
  }
  return { read, write };
}
