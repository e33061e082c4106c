// The figures of a page, asked for while its numbers are read and plotly.js starts; then the script
// that draws them, which finds them in the page.
(function () {
  "use strict";
  var address = document.currentScript.dataset.figures;
  var plots = document.querySelectorAll(".plot");

  function started() {
    return new Promise(function (resolve) {
      if (window.Plotly) { resolve(); }
      document.addEventListener("DOMContentLoaded", resolve);
    });
  }

  function hold(figures) {
    var held = document.createDocumentFragment();
    Object.keys(figures).forEach(function (name) {
      var block = held.appendChild(document.createElement("script"));
      block.type = "application/json";
      block.id = "figure-" + name;
      block.textContent = JSON.stringify(figures[name]);
    });
    document.body.appendChild(held);
  }

  // What was chosen before the script that follows it was there.
  function choose() {
    document.querySelectorAll("[data-pattern]").forEach(function (plot) {
      var chosen = plot.closest("section").querySelector(".choice input:checked");
      if (chosen) { chosen.dispatchEvent(new Event("change", { bubbles: true })); }
    });
  }

  function draw() {
    var script = document.createElement("script");
    script.src = "/assets/page.js";
    script.addEventListener("load", choose);
    document.body.appendChild(script);
  }

  function tell(reason) {
    plots.forEach(function (plot) { plot.textContent = reason; });
  }

  if (!plots.length) { return; }
  Promise.all([fetch(address), started()]).then(function (answers) {
    return answers[0].json().then(function (content) {
      if (!answers[0].ok) { throw new Error(content.error); }
      hold(content);
      draw();
    });
  }).catch(function (error) {
    tell(error instanceof TypeError ? "The server does not answer." : error.message);
  });
})();
