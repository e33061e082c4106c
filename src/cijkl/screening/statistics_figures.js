// Figures of a page: drawn when they come into view, freed when they are far from it, because
// browsers keep no more than some sixteen scenes.
(function () {
  "use strict";
  var templates = JSON.parse(document.getElementById("templates").textContent);
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var config = {
    responsive: true,
    displaylogo: false,
    displayModeBar: window.matchMedia("(hover: none)").matches ? false : "hover",
    showSendToCloud: false,
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "hoverClosest3d",
      "tableRotation", "resetCameraLastSave3d"],
    toImageButtonOptions: { format: "png", scale: 3 }
  };
  var contents = {};
  var seen = [];

  function content(name) {
    if (contents[name]) { return contents[name]; }
    var block = document.getElementById("figure-" + name);
    return block ? JSON.parse(block.textContent) : null;
  }

  function narrow(figure, plot) {
    var layout = figure.layout;
    delete layout.width;
    delete layout.height;
    if (plot.classList.contains("small") && layout.scene) { bare(figure); }
    if (plot.clientWidth > 600) { return; }
    if (plot.classList.contains("panels")) { twoColumns(layout); }
    if (plot.classList.contains("table")) {
      figure.data[0].texttemplate = "";
      figure.data[0].showscale = false;
      figure.data[1].visible = false;
    }
  }

  // In a small picture of a surface only its shape and colours say something.
  function bare(figure) {
    figure.layout.showlegend = figure.layout.showlegend !== false && figure.data.length > 3;
    figure.data.forEach(function (trace) {
      if (trace.type === "surface") { trace.showscale = false; }
    });
    if (figure.layout.coloraxis) { figure.layout.coloraxis.showscale = false; }
    if (figure.data[0].type === "surface") {
      ["xaxis", "yaxis", "zaxis"].forEach(function (axis) {
        figure.layout.scene[axis].showticklabels = false;
        figure.layout.scene[axis].title = { text: axis[0] };
      });
    }
  }

  // Panels in two columns instead of four, on a phone.
  function twoColumns(layout) {
    var panels = layout.annotations.length;
    var rows = Math.ceil(panels / 2);
    for (var i = 0; i < panels; i += 1) {
      var end = i === 0 ? "" : String(i + 1);
      var column = i % 2;
      var row = Math.floor(i / 2);
      var height = (1 - 0.06 * (rows - 1)) / rows;
      var top = 1 - row * (height + 0.06);
      layout["xaxis" + end].domain = [0.52 * column, 0.52 * column + 0.48];
      layout["yaxis" + end].domain = [Math.max(0, top - height), top];
      layout["yaxis" + end].showticklabels = column === 0;
      layout["yaxis" + end].title = { text: column === 0 ? "G (GPa)" : "" };
      layout["xaxis" + end].title = { text: i + 2 >= panels ? "K (GPa)" : "" };
      layout.annotations[i].x = 0.52 * column;
      layout.annotations[i].y = top;
    }
  }

  function draw(plot) {
    var figure = content(plot.dataset.figure);
    if (!figure) { return Promise.resolve(); }
    figure.layout.template = templates[dark.matches ? "dark" : "light"];
    narrow(figure, plot);
    if (plot.camera && figure.layout.scene) { figure.layout.scene.camera = plot.camera; }
    plot.drawn = true;
    return Plotly.react(plot, figure.data, figure.layout, config).then(function () {
      plot.removeAllListeners("plotly_click");
      plot.removeAllListeners("plotly_relayout");
      plot.on("plotly_click", function (event) {
        var key = event.points[0].customdata;
        if (event.points[0].data.mode === "markers" && Number.isInteger(key)) {
          window.open("crystal.html#" + key, "_blank", "noopener");
        }
      });
      plot.on("plotly_relayout", function (change) {
        if (change["scene.camera"]) { plot.camera = change["scene.camera"]; }
      });
    });
  }

  function free(plot) {
    var heavy = plot.drawn && plot.layout && (plot.layout.scene ||
      plot.data.some(function (trace) { return trace.type === "scattergl"; }));
    if (!heavy) { return; }
    var canvases = Array.prototype.slice.call(plot.querySelectorAll("canvas"));
    Plotly.purge(plot);
    plot.drawn = false;
    // else a browser keeps the memory of the graphics processor until it tidies up
    canvases.forEach(function (canvas) {
      var context = canvas.getContext("webgl2") || canvas.getContext("webgl");
      var loss = context && context.getExtension("WEBGL_lose_context");
      if (loss) { loss.loseContext(); }
    });
  }

  var watcher = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (entry.isIntersecting) {
        if (!entry.target.drawn) { draw(entry.target); }
      } else { free(entry.target); }
    });
  }, { rootMargin: "300px 0px" });

  window.cijkl = {
    show: function (plot, figure) {
      if (figure) { contents[plot.dataset.figure] = figure; }
      seen.push(plot);
      watcher.observe(plot);
    },
    dark: dark
  };
  dark.addEventListener("change", function () {
    seen.filter(function (plot) { return plot.drawn; }).forEach(draw);
  });
  window.cijklReady = function () {
    return Promise.all(seen.filter(function (plot) { return !plot.drawn; }).map(draw));
  };
})();
