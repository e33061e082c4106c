(function () {
  "use strict";
  var templates = JSON.parse(document.getElementById("templates").textContent);
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var plots = Array.prototype.slice.call(document.querySelectorAll(".plot"));
  var printing = false;
  var config = {
    responsive: true,
    displaylogo: false,
    scrollZoom: false,
    showSendToCloud: false,
    modeBarButtonsToRemove: [
      "select2d", "lasso2d", "hoverClosest3d", "tableRotation", "resetCameraLastSave3d",
      "pan3d", "autoScale2d", "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"
    ],
    toImageButtonOptions: { format: "png", scale: 3 }
  };

  function figure(name) {
    var block = document.getElementById("figure-" + name);
    return block ? JSON.parse(block.textContent) : null;
  }

  function draw(plot) {
    var content = figure(plot.dataset.figure);
    if (!content) { return Promise.resolve(); }
    content.layout.template = templates[dark.matches && !printing ? "dark" : "light"];
    if (content.layout.scene) { fit(content.layout.scene, plot); }
    content.data.forEach(function (trace) {
      if (trace.type === "surface") { trace.hovertemplate = null; trace.hoverinfo = "none"; }
    });
    plot.drawn = plot.dataset.figure;
    return Plotly.react(plot, content.data, content.layout, config).then(function () {
      if (content.layout.scene && !plot.turnable) { makeTurnable(plot); }
    });
  }

  // A narrow scene is drawn smaller, so that its axes stay inside, and keeps its last view.
  function fit(scene, plot) {
    var scale = Math.min(1, plot.clientWidth / plot.clientHeight);
    ["x", "y", "z"].forEach(function (axis) { scene.aspectratio[axis] *= scale; });
    if (plot.camera) { scene.camera = plot.camera; }
  }

  function redraw() { plots.filter(function (p) { return p.drawn; }).forEach(draw); }

  // The point under the pointer gives value and direction, in words of the field.
  function makeReadable(plot) {
    var readout = document.createElement("div");
    readout.className = "readout";
    readout.hidden = true;
    plot.appendChild(readout);
    plot.on("plotly_hover", function (event) {
      var point = event.points[0];
      var meta = point.data.meta;
      if (!meta || !meta.symbol) { return; }
      var r = Math.hypot(point.x, point.y, point.z);
      var polar = r > 0 ? Math.acos(point.z / r) * 180 / Math.PI : 0;
      var azimuth = (Math.atan2(point.y, point.x) * 180 / Math.PI + 360) % 360;
      readout.textContent = meta.symbol + " = " + r.toPrecision(3) + " " + meta.unit +
        " at θ " + polar.toFixed(0) + "°, φ " + azimuth.toFixed(0) + "°";
      readout.hidden = false;
    });
    function hide() { readout.hidden = true; }
    plot.on("plotly_unhover", hide);
    plot.addEventListener("mouseleave", hide);
    plot.addEventListener("keydown", hide);
  }

  // Arrow keys turn a scene about its upright axis and over the poles.
  function makeTurnable(plot) {
    plot.turnable = true;
    makeReadable(plot);
    plot.on("plotly_relayout", function (change) {
      if (change["scene.camera"]) { plot.camera = change["scene.camera"]; }
    });
    plot.addEventListener("keydown", function (event) {
      var turn = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
      var step = turn[event.key];
      if (!step) { return; }
      event.preventDefault();
      var camera = plot.layout.scene.camera;
      var eye = camera.eye;
      var radius = Math.hypot(eye.x, eye.y, eye.z);
      var azimuth = Math.atan2(eye.y, eye.x) + step[0] * 0.15;
      var elevation = Math.asin(eye.z / radius) + step[1] * 0.12;
      elevation = Math.max(-1.5, Math.min(1.5, elevation));
      plot.camera = Object.assign({}, camera, {
        up: { x: 0, y: 0, z: 1 },
        eye: {
          x: radius * Math.cos(elevation) * Math.cos(azimuth),
          y: radius * Math.cos(elevation) * Math.sin(azimuth),
          z: radius * Math.sin(elevation)
        }
      });
      Plotly.relayout(plot, { "scene.camera": plot.camera });
    });
  }

  document.querySelectorAll(".choice").forEach(function (choice) {
    choice.addEventListener("change", function (event) {
      var key = event.target.value;
      var box = choice.closest("section");
      box.querySelectorAll("[data-pattern]").forEach(function (plot) {
        plot.dataset.figure = plot.dataset.pattern.replace("*", key);
        if (plot.drawn) { draw(plot); }
      });
      box.querySelectorAll("[data-caption]").forEach(function (caption) {
        caption.hidden = caption.dataset.key !== key;
      });
    });
  });

  var watcher = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (entry.isIntersecting) {
        watcher.unobserve(entry.target);
        draw(entry.target);
      }
    });
  }, { rootMargin: "500px 0px" });
  plots.forEach(function (plot) { watcher.observe(plot); });

  dark.addEventListener("change", redraw);
  // On paper a figure keeps its proportions and is scaled as a whole.
  var paperWidth = { solid: 520, polar: 215, map: 660, square: 400, bars: 480, faces: 480 };
  window.addEventListener("beforeprint", function () {
    printing = true;
    plots.forEach(function (plot) {
      var kind = Object.keys(paperWidth).find(function (k) { return plot.classList.contains(k); });
      var width = plot.clientWidth;
      var height = plot.clientHeight;
      watcher.unobserve(plot);
      draw(plot);
      plot.style.width = width + "px";
      plot.style.height = height + "px";
      plot.style.zoom = Math.min(1, paperWidth[kind] / width);
    });
  });
  window.addEventListener("afterprint", function () {
    printing = false;
    plots.forEach(function (plot) { plot.removeAttribute("style"); });
    redraw();
  });
  window.cijklReady = function () {
    return Promise.all(plots.map(function (plot) { watcher.unobserve(plot); return draw(plot); }));
  };
})();
