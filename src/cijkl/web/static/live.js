// The box for a direction, and the picture of the surface.
(function () {
  "use strict";
  var box = document.getElementById("live");
  var last = 0;

  function digits(value, unit) {
    if (value === null || value === undefined) { return "–"; }
    return Number(value.toPrecision(4)).toString().replace("-", "−") + (unit ? " " + unit : "");
  }

  function range(pair, unit) { return digits(pair[0]) + " to " + digits(pair[1], unit); }

  function show(found) {
    var facts = [
      ["Young’s modulus E", digits(found.E, "GPa")],
      ["Shear modulus G, over the planes that hold it", range(found.G, "GPa")],
      ["Poisson’s ratio ν, over the transverse directions", range(found.nu, "")],
      ["Linear compressibility β", digits(1000 * found.beta, "TPa⁻¹")]
    ];
    if (found.M) { facts.push(["Indentation modulus of the face", digits(found.M, "GPa")]); }
    if (found.velocities) {
      facts.push(["Sound velocities", found.velocities.map(function (v) {
        return digits(v);
      }).join(" / ") + " m/s"]);
    }
    facts.push(["Unit vector", found.direction.map(function (x) {
      return x.toFixed(3).replace("-", "−");
    }).join(", ")]);
    var list = document.getElementById("live-facts");
    list.replaceChildren.apply(list, facts.map(function (fact) {
      var row = document.createElement("div");
      row.appendChild(document.createElement("dt")).textContent = fact[0];
      row.appendChild(document.createElement("dd")).textContent = fact[1];
      return row;
    }));
  }

  function ask() {
    var form = box.querySelector("form");
    var query = new URLSearchParams(new FormData(form));
    query.set("frame", box.dataset.frame);
    var number = ++last;
    var error = document.getElementById("live-error");
    fetch("/api" + box.dataset.base + "/direction?" + query).then(function (answer) {
      return answer.json().then(function (found) {
        if (number !== last) { return; }
        error.textContent = answer.ok ? "" : found.error;
        if (answer.ok) { show(found); }
      });
    }).catch(function () { error.textContent = "The server does not answer."; });
  }

  if (box) {
    box.querySelector("form").addEventListener("submit", function (event) {
      event.preventDefault();
      ask();
    });
    box.querySelectorAll("input[type=radio]").forEach(function (radio) {
      radio.addEventListener("change", ask);
    });
    ask();
  }
  var picture = document.getElementById("png");
  if (picture) {
    picture.addEventListener("click", function () {
      var plot = document.querySelector("[data-pattern='surface-*']");
      Plotly.downloadImage(plot, {
        format: "png", scale: 3, width: plot.clientWidth, height: plot.clientHeight,
        filename: plot.dataset.figure
      });
    });
  }
})();
