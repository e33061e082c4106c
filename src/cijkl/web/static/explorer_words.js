// Numbers for people, and elements in few words.

export function digits(value, count = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) { return "–"; }
  if (value === 0) { return "0"; }
  const size = Math.abs(value);
  let text;
  if (size >= 10 ** count) { text = value.toFixed(0); }
  else if (size < 1e-3) {
    const [mantissa, exponent] = value.toExponential(count - 1).split("e");
    const raised = String(Number(exponent)).replace(/./g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);
    text = `${mantissa}·10${raised}`;
  } else { text = value.toPrecision(count); }
  return text.replace(/^-/, "−");
}

export function thousands(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

// element("td", {class: "main"}, "text", node, ...)
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) { made.setAttribute(key, ""); }
    else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(key, value);
    }
  }
  made.append(...children);
  return made;
}

// A formula with its numbers below the line.
export function formula(text) {
  return (String(text).match(/\d+(\.\d+)?|[^\d]+/g) || []).map((part, index) => (
    /^\d/.test(part) && index > 0 ? element("sub", {}, part) : part
  ));
}

const SVG = "http://www.w3.org/2000/svg";

export function drawn(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) { made.setAttribute(key, value); }
  made.append(...children);
  return made;
}
