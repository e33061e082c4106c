// One job, looked at every second until it is over.
(function () {
  "use strict";
  var box = document.getElementById("job");
  var address = "/api/jobs/" + box.dataset.job;
  var state = document.getElementById("state");
  var cancel = document.getElementById("cancel");
  var words = {
    queued: "Waits", running: "Running", done: "Done", failed: "Failed", cancelled: "Cancelled"
  };
  var stages = { starting: "starting", relax: "relaxing", response: "elastic response" };

  function fixed(value, decimals) { return value.toFixed(decimals).replace("-", "−"); }

  function facts(rows) {
    var list = document.getElementById("facts");
    list.replaceChildren.apply(list, rows.map(function (fact) {
      var row = document.createElement("div");
      row.appendChild(document.createElement("dt")).textContent = fact[0];
      row.appendChild(document.createElement("dd")).textContent = fact[1];
      return row;
    }));
  }

  function element(name, attributes) {
    var made = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.keys(attributes).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    return made;
  }

  function label(x, y, text, anchor) {
    var made = element("text", { x: x, y: y, "text-anchor": anchor });
    made.textContent = text;
    return made;
  }

  // A line in a box, with the ends of both axes written on it.
  function draw(id, points, column, unit) {
    var svg = document.getElementById(id);
    var x = points.map(function (p) { return p[0]; });
    var y = points.map(function (p) { return p[column]; });
    var low = Math.min.apply(null, y), high = Math.max.apply(null, y);
    var span = high - low || 1, last = x[x.length - 1];
    var place = points.map(function (p) {
      var across = last > x[0] ? (p[0] - x[0]) / (last - x[0]) : 0;
      return (90 + 300 * across).toFixed(1) + "," + (20 + 140 * (high - p[column]) / span).toFixed(1);
    });
    svg.replaceChildren(
      element("path", { class: "axis", d: "M90 15V165H395" }),
      element("polyline", { class: "line", points: place.join(" ") }),
      label(84, 25, fixed(high, 3), "end"), label(84, 165, fixed(low, 3), "end"),
      label(90, 185, String(x[0]), "middle"), label(390, 185, String(last), "middle")
    );
    svg.setAttribute("aria-label", "From " + y[0].toFixed(3) + " to " +
      y[y.length - 1].toFixed(3) + " " + unit + " in " + last + " evaluations");
  }

  function show(job) {
    var text = words[job.state];
    if (job.state === "queued") { text += job.ahead ? ", " + job.ahead + " before it" : ", next"; }
    if (job.state === "running" && job.progress) { text += ": " + stages[job.progress.stage]; }
    if (state.textContent !== text) { state.textContent = text; }
    document.getElementById("error").textContent = job.error || "";
    var rows = [];
    var progress = job.progress;
    if (progress) {
      rows.push(["Time", progress.seconds.toFixed(0) + " s"]);
      rows.push(["Evaluations of the relaxation", String(progress.evaluations.relax || 0)]);
      rows.push(["Products of the response", String(progress.evaluations.response || 0)]);
      var points = progress.relaxation;
      if (points.length) {
        var now = points[points.length - 1];
        rows.push(["Energy", fixed(now[1], 4) + " eV"], ["Volume", fixed(now[2], 2) + " Å³"]);
      }
      document.getElementById("course").hidden = points.length < 2;
      if (points.length > 1) {
        draw("energy", points, 1, "electronvolts");
        draw("volume", points, 2, "cubic ångströms");
      }
    }
    facts(rows);
    var over = Boolean(job.ended);
    cancel.hidden = over;
    document.getElementById("result").hidden = !over || !job.record;
    return over;
  }

  function look() {
    return fetch(address).then(function (answer) {
      return answer.json().then(function (job) {
        if (!answer.ok) {
          state.textContent = job.error;
          return true;
        }
        return show(job);
      });
    }).catch(function () { state.textContent = "The server does not answer."; return false; })
      .then(function (over) { if (!over) { setTimeout(look, 1000); } });
  }

  cancel.addEventListener("click", function () {
    cancel.disabled = true;
    fetch(address, { method: "DELETE" });
  });
  look();
})();
