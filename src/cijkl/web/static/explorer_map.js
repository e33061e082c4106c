// The map: points or bins on a canvas, and a brush over them.
import { digits, thousands } from "./explorer_words.js";

const MARGIN = { left: 58, right: 14, top: 12, bottom: 46 };
// viridis at eleven places
const VIRIDIS = ["#440154", "#482475", "#414487", "#355f8d", "#2a788e", "#21918c", "#22a884",
  "#44bf70", "#7ad151", "#bddf26", "#fde725"].map((colour) => (
  [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16))
));
const PUGH = 1.75;
const CORNERS = 90;

function shade(share) {
  const place = Math.min(0.9999, share) * (VIRIDIS.length - 1);
  const [a, b] = [VIRIDIS[Math.floor(place)], VIRIDIS[Math.floor(place) + 1]];
  const mixed = a.map((value, index) => Math.round(value + (b[index] - value) * (place % 1)));
  return `rgb(${mixed.join(" ")})`;
}

// Numbers along an axis; of a logarithmic one 1, 2 and 5 of each decade.
function ticks(axis, length) {
  const found = [];
  if (axis.log) {
    const decades = axis.high - axis.low;
    const steps = decades > 4 ? [1] : decades > 2 ? [1, 3] : [1, 2, 5];
    for (let power = Math.floor(axis.low); power <= axis.high; power += 1) {
      for (const step of steps) { found.push([Math.log10(step) + power, step * 10 ** power]); }
    }
  } else {
    const rough = (axis.high - axis.low) / Math.max(2, length / 80);
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((times) => times * power).find((each) => each >= rough);
    for (let value = Math.ceil(axis.low / step) * step; value <= axis.high; value += step) {
      found.push([value, value]);
    }
  }
  return found.filter(([place]) => place >= axis.low && place <= axis.high)
    .map(([place, value]) => [place, String(Number(value.toPrecision(6))).replace("-", "−")]);
}

export function makeMap(canvas, readout, { colours, onBrush, onOpen }) {
  const context = canvas.getContext("2d");
  let data = null, region = null, kind = "box", path = null, size = [0, 0];
  const theme = (name) => getComputedStyle(canvas).getPropertyValue(`--${name}`).trim();

  const toX = (value) => MARGIN.left + (value - data.x.low) / (data.x.high - data.x.low)
    * (size[0] - MARGIN.left - MARGIN.right);
  const toY = (value) => size[1] - MARGIN.bottom - (value - data.y.low) / (data.y.high - data.y.low)
    * (size[1] - MARGIN.top - MARGIN.bottom);
  const fromX = (place) => data.x.low + (place - MARGIN.left)
    / (size[0] - MARGIN.left - MARGIN.right) * (data.x.high - data.x.low);
  const fromY = (place) => data.y.low + (size[1] - MARGIN.bottom - place)
    / (size[1] - MARGIN.top - MARGIN.bottom) * (data.y.high - data.y.low);

  function corners(points) {
    if (points.length > 2) { return points; }
    const [[x1, y1], [x2, y2]] = points;
    return [[x1, y1], [x2, y1], [x2, y2], [x1, y2]];
  }
  function trace(points) {
    context.beginPath();
    corners(points).forEach(([x, y], index) => {
      context[index ? "lineTo" : "moveTo"](toX(x), toY(y));
    });
    context.closePath();
  }
  function name(axis) { return axis.label + (axis.unit ? ` (${axis.unit})` : ""); }

  function axes() {
    context.font = `12px ${theme("font")}`;
    context.strokeStyle = theme("grid");
    context.fillStyle = theme("muted");
    context.lineWidth = 1;
    context.textAlign = "center";
    context.textBaseline = "top";
    for (const [place, text] of ticks(data.x, size[0])) {
      const x = Math.round(toX(place)) + 0.5;
      context.beginPath();
      context.moveTo(x, MARGIN.top);
      context.lineTo(x, size[1] - MARGIN.bottom);
      context.stroke();
      context.fillText(text, x, size[1] - MARGIN.bottom + 6);
    }
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const [place, text] of ticks(data.y, size[1])) {
      const y = Math.round(toY(place)) + 0.5;
      context.beginPath();
      context.moveTo(MARGIN.left, y);
      context.lineTo(size[0] - MARGIN.right, y);
      context.stroke();
      context.fillText(text, MARGIN.left - 6, y);
    }
    context.fillStyle = theme("ink");
    context.font = `13px ${theme("font")}`;
    context.textAlign = "center";
    context.textBaseline = "bottom";
    context.fillText(name(data.x), (MARGIN.left + size[0] - MARGIN.right) / 2, size[1] - 4);
    context.save();
    context.translate(14, (MARGIN.top + size[1] - MARGIN.bottom) / 2);
    context.rotate(-Math.PI / 2);
    context.textBaseline = "middle";
    context.fillText(name(data.y), 0, 0);
    context.restore();
  }
  function dots() {
    const radius = data.points.length > 3000 ? 2.2 : data.points.length > 300 ? 3 : 4.5;
    for (const [, x, y, system] of data.points) {
      context.fillStyle = colours[system] || theme("muted");
      context.beginPath();
      context.arc(toX(x), toY(y), radius, 0, 2 * Math.PI);
      context.fill();
    }
  }
  function boxes() {
    const [across, up] = data.shape;
    const width = (data.x.high - data.x.low) / across, height = (data.y.high - data.y.low) / up;
    const top = Math.log(1 + Math.max(...data.bins.map((bin) => bin[2])));
    for (const [i, j, count] of data.bins) {
      const left = toX(data.x.low + i * width), base = toY(data.y.low + j * height);
      context.fillStyle = shade(Math.log(1 + count) / top);
      // a little larger than the bin, so that no line shows between two
      context.fillRect(left, toY(data.y.low + (j + 1) * height),
        toX(data.x.low + (i + 1) * width) - left + 0.6,
        base - toY(data.y.low + (j + 1) * height) + 0.6);
    }
  }
  function pugh() {
    if (data.x.name !== "K_hill" || data.y.name !== "G_hill" || !data.x.log || !data.y.log) { return; }
    const shift = Math.log10(PUGH);
    const low = Math.max(data.x.low, data.y.low + shift), high = Math.min(data.x.high, data.y.high + shift);
    if (low >= high) { return; }
    context.setLineDash([6, 5]);
    context.strokeStyle = theme("muted");
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(toX(low), toY(low - shift));
    context.lineTo(toX(high), toY(high - shift));
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = theme("muted");
    context.font = `12px ${theme("font")}`;
    context.textAlign = "left";
    context.textBaseline = "top";
    context.fillText("K/G < 1.75", MARGIN.left + 8, MARGIN.top + 6);
    context.textAlign = "right";
    context.textBaseline = "bottom";
    context.fillText("K/G > 1.75", size[0] - MARGIN.right - 8, size[1] - MARGIN.bottom - 6);
  }
  function content() { if (data.points) { dots(); } else { boxes(); } }

  function draw() {
    const ratio = window.devicePixelRatio || 1;
    size = [canvas.clientWidth, canvas.clientHeight];
    canvas.width = Math.round(size[0] * ratio);
    canvas.height = Math.round(size[1] * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, ...size);
    if (!data) { return; }
    axes();
    context.save();
    context.beginPath();
    context.rect(MARGIN.left, MARGIN.top, size[0] - MARGIN.left - MARGIN.right,
      size[1] - MARGIN.top - MARGIN.bottom);
    context.clip();
    const shown = path || region;
    context.globalAlpha = shown ? 0.12 : data.points ? 0.7 : 1;
    content();
    if (shown && shown.length > 1) {
      context.save();
      trace(shown);
      context.clip();
      context.globalAlpha = data.points ? 0.8 : 1;
      content();
      context.restore();
      context.globalAlpha = 1;
      context.strokeStyle = theme("accent");
      context.lineWidth = 1.5;
      trace(shown);
      context.stroke();
    }
    context.globalAlpha = 1;
    pugh();
    context.restore();
  }

  function place(event) {
    const box = canvas.getBoundingClientRect();
    const x = Math.max(MARGIN.left, Math.min(size[0] - MARGIN.right, event.clientX - box.left));
    const y = Math.max(MARGIN.top, Math.min(size[1] - MARGIN.bottom, event.clientY - box.top));
    return [x, y];
  }
  function nearest([x, y]) {
    if (!data || !data.points) { return null; }
    let best = null, least = 100;
    for (const point of data.points) {
      const distance = (toX(point[1]) - x) ** 2 + (toY(point[2]) - y) ** 2;
      if (distance < least) { least = distance; best = point; }
    }
    return best;
  }
  function value(axis, at) { return digits(axis.log ? 10 ** at : at); }
  function tell(where) {
    const point = nearest(where);
    let text = "";
    if (point) {
      text = `${point[4]}, ${point[3]}: ${value(data.x, point[1])}, ${value(data.y, point[2])}`;
    } else if (data && data.bins) {
      const i = Math.floor((fromX(where[0]) - data.x.low) / (data.x.high - data.x.low) * data.shape[0]);
      const j = Math.floor((fromY(where[1]) - data.y.low) / (data.y.high - data.y.low) * data.shape[1]);
      const bin = data.bins.find((each) => each[0] === i && each[1] === j);
      text = bin ? `${thousands(bin[2])} results here` : "";
    }
    readout.textContent = text;
    readout.hidden = !text;
    canvas.style.cursor = point ? "pointer" : "crosshair";
  }
  function thinned(points) {
    if (points.length <= CORNERS) { return points; }
    return Array.from({ length: CORNERS }, (_, i) => points[Math.floor(i * points.length / CORNERS)]);
  }

  let start = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !data) { return; }
    start = place(event);
    path = null;
    canvas.setPointerCapture(event.pointerId);
    // a focus by the pointer needs no ring, but Escape must reach the canvas
    canvas.focus({ focusVisible: false, preventScroll: true });
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!start) { tell(place(event)); return; }
    const here = place(event);
    const at = [fromX(here[0]), fromY(here[1])];
    if (!path && Math.hypot(here[0] - start[0], here[1] - start[1]) < 4) { return; }
    const first = [fromX(start[0]), fromY(start[1])];
    path = kind === "box" ? [first, at] : [...(path || [first]), at];
    readout.hidden = true;
    draw();
  });
  canvas.addEventListener("pointerup", (event) => {
    if (!start) { return; }
    const drawnPath = path;
    start = null;
    path = null;
    if (!drawnPath) {
      const point = nearest(place(event));
      if (point) { onOpen(point[0]); } else if (region) { onBrush(null); }
      return;
    }
    if (kind === "lasso" && drawnPath.length < 3) { draw(); return; }
    onBrush(thinned(drawnPath));
  });
  canvas.addEventListener("pointercancel", () => { start = null; path = null; draw(); });
  canvas.addEventListener("pointerleave", () => { readout.hidden = true; });
  canvas.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { path = null; start = null; onBrush(null); }
  });
  new ResizeObserver(draw).observe(canvas);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

  return {
    show(found) { data = found; draw(); },
    mark(points) { region = points; draw(); },
    brush(chosen) { kind = chosen; }
  };
}
