// One crystal of a screening, named by the number after the # of the address.
(function () {
  "use strict";
  var size = Number(document.getElementById("formula").dataset.chunk);
  var wanted = Number(location.hash.slice(1));
  window.addEventListener("hashchange", function () { location.reload(); });

  function say(text) { document.getElementById("verdict").textContent = text; }
  if (!Number.isInteger(wanted) || wanted < 0 || location.hash.length < 2) {
    say("No crystal is named; choose one in the overview.");
    return;
  }

  window.cijklCrystals = function (number, crystals) {
    var crystal = crystals[wanted - number * size];
    if (crystal) { show(crystal); } else { say("There is no crystal with this number."); }
  };
  var script = document.createElement("script");
  script.src = "crystals/" + Math.floor(wanted / size) + ".js";
  script.onerror = function () { say("The data of this crystal are not beside this page."); };
  document.body.appendChild(script);

  function text(value, unit) {
    if (value === null || value === undefined) { return "–"; }
    var shown = typeof value !== "number" ? value
      : Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(3);
    return shown.replace("-", "−") + (unit ? " " + unit : "");
  }

  function pairs(list, rows) {
    rows.forEach(function (row) {
      var box = document.createElement("div");
      var name = document.createElement("dt");
      var value = document.createElement("dd");
      name.textContent = row[0];
      value.textContent = text(row[1], row[2]);
      box.append(name, value);
      list.append(box);
    });
  }

  function show(c) {
    document.title = c.formula + ": elastic tensor";
    var head = document.getElementById("formula");
    head.textContent = "";
    (c.formula.match(/\d+|[^\d]+/g) || []).forEach(function (part, i) {
      var node = document.createElement(/\d/.test(part) && i > 0 ? "sub" : "span");
      node.textContent = part;
      head.append(node);
    });
    document.getElementById("about").textContent = [c.id, c.spacegroup_symbol,
      c.crystal_system, c.natoms + " atoms", c.source].filter(Boolean).join(" · ");
    var verdict = document.getElementById("verdict");
    verdict.classList.remove("waiting");
    verdict.hidden = c.stable;
    if (!c.stable) {
      verdict.classList.add("failed");
      verdict.textContent = "Mechanically unstable: moduli have no meaning.";
    }
    pairs(document.getElementById("tiles"), [["Bulk modulus K", c.K_hill, "GPa"],
      ["Shear modulus G", c.G_hill, "GPa"], ["Mean Young’s modulus", c.E_rh, "GPa"],
      ["Stiffest direction", c.E_max, "GPa"]]);
    pairs(document.getElementById("facts"), [["Softest direction", c.E_min, "GPa"],
      ["Poisson’s ratio", c.nu_hill, ""], ["Universal anisotropy", c.anisotropy_universal, ""],
      ["Longitudinal sound", c.v_l, "m/s"], ["Transverse sound", c.v_t, "m/s"],
      ["Mean sound", c.v_mean, "m/s"], ["Debye temperature", c.debye_temperature, "K"],
      ["Density", c.density, "g/cm³"], ["Volume of the cell", c.volume, "Å³"],
      ["Space group", c.spacegroup && String(c.spacegroup), ""]]);
    var C = matrix(c.C);
    table(C);
    document.getElementById("content").hidden = false;
    var plots = document.querySelectorAll(".plot");
    if (c.stable) { window.cijkl.show(plots[0], surface(inverse(C))); } else {
      document.getElementById("directions").hidden = true;
    }
    window.cijkl.show(plots[1], cell(c));
  }

  function matrix(upper) {
    var C = [0, 1, 2, 3, 4, 5].map(function () { return [0, 0, 0, 0, 0, 0]; });
    var k = 0;
    for (var i = 0; i < 6; i += 1) {
      for (var j = i; j < 6; j += 1) { C[i][j] = C[j][i] = upper[k]; k += 1; }
    }
    return C;
  }

  function table(C) {
    var body = document.getElementById("tensor");
    C.forEach(function (row, i) {
      var line = document.createElement("tr");
      row.forEach(function (value, j) {
        var box = document.createElement("td");
        box.textContent = j < i ? "" : value.toFixed(1).replace("-", "−");
        line.append(box);
      });
      body.append(line);
    });
  }

  // Gauss and Jordan, with the largest pivot of the column.
  function inverse(C) {
    var A = C.map(function (row, i) {
      return row.concat([0, 1, 2, 3, 4, 5].map(function (j) { return i === j ? 1 : 0; }));
    });
    for (var i = 0; i < 6; i += 1) {
      var p = i;
      for (var r = i + 1; r < 6; r += 1) { if (Math.abs(A[r][i]) > Math.abs(A[p][i])) { p = r; } }
      var swap = A[i]; A[i] = A[p]; A[p] = swap;
      var pivot = A[i][i];
      for (var k = 0; k < 12; k += 1) { A[i][k] /= pivot; }
      for (r = 0; r < 6; r += 1) {
        if (r !== i) {
          var f = A[r][i];
          for (k = 0; k < 12; k += 1) { A[r][k] -= f * A[i][k]; }
        }
      }
    }
    return A.map(function (row) { return row.slice(6); });
  }

  // 1/E(n) = sum of S_ij v_i v_j with v = (x x, y y, z z, y z, x z, x y).
  function young(S, x, y, z) {
    var v = [x * x, y * y, z * z, y * z, x * z, x * y];
    var sum = 0;
    for (var i = 0; i < 6; i += 1) {
      for (var j = 0; j < 6; j += 1) { sum += S[i][j] * v[i] * v[j]; }
    }
    return 1 / sum;
  }
  window.cijklYoung = function (C, n) { return young(inverse(C), n[0], n[1], n[2]); };

  function surface(S) {
    var X = [], Y = [], Z = [], V = [], top = 0;
    for (var i = 0; i <= 60; i += 1) {
      var rows = [[], [], [], []];
      for (var j = 0; j <= 120; j += 1) {
        var t = Math.PI * i / 60, f = 2 * Math.PI * j / 120;
        var n = [Math.sin(t) * Math.cos(f), Math.sin(t) * Math.sin(f), Math.cos(t)];
        var E = young(S, n[0], n[1], n[2]);
        top = Math.max(top, E);
        rows[0].push(E * n[0]); rows[1].push(E * n[1]); rows[2].push(E * n[2]); rows[3].push(E);
      }
      X.push(rows[0]); Y.push(rows[1]); Z.push(rows[2]); V.push(rows[3]);
    }
    function axis(name) {
      return { title: { text: name + " (GPa)" }, range: [-1.05 * top, 1.05 * top], nticks: 5 };
    }
    return {
      data: [{ type: "surface", x: X, y: Y, z: Z, surfacecolor: V, colorscale: "Viridis",
        customdata: V, hovertemplate: "E = %{customdata:.3g} GPa<extra></extra>",
        colorbar: { title: { text: "E (GPa)" }, thickness: 12, len: 0.6, outlinewidth: 0 },
        lighting: { ambient: 0.6, diffuse: 0.8, specular: 0.2, roughness: 0.45 } }],
      layout: { margin: { l: 0, r: 0, t: 0, b: 0 }, scene: { aspectratio: { x: 1.1, y: 1.1, z: 1.1 },
        camera: { eye: { x: 1.25, y: 1.25, z: 0.8 }, projection: { type: "orthographic" } },
        xaxis: axis("x"), yaxis: axis("y"), zaxis: axis("z") } }
    };
  }

  var colours = { H: "#d5d9de", C: "#6e6e6e", N: "#4d6ef0", O: "#e23b30", F: "#7fd34f",
    Si: "#d9b380", P: "#f08a24", S: "#d6c11f", Cl: "#3fbf4a", Fe: "#c86432", Cu: "#c07a3a" };

  function colour(symbol) {
    if (colours[symbol]) { return colours[symbol]; }
    var sum = symbol.charCodeAt(0) * 37 + (symbol.charCodeAt(1) || 11) * 101;
    return "hsl(" + sum % 360 + ", 45%, 55%)";
  }

  function cell(c) {
    var L = c.lattice, kinds = {}, edges = [[], [], []];
    c.species.forEach(function (symbol, i) {
      kinds[symbol] = kinds[symbol] || [[], [], []];
      c.positions[i].forEach(function (value, a) { kinds[symbol][a].push(value); });
    });
    [0, 1, 2].forEach(function (axis) {
      var b = (axis + 1) % 3, d = (axis + 2) % 3;
      [[0, 0], [0, 1], [1, 0], [1, 1]].forEach(function (corner) {
        [0, 1].forEach(function (end) {
          edges.forEach(function (list, k) {
            list.push(end * L[axis][k] + corner[0] * L[b][k] + corner[1] * L[d][k]);
          });
        });
        edges.forEach(function (list) { list.push(null); });
      });
    });
    var data = Object.keys(kinds).map(function (symbol) {
      var p = kinds[symbol];
      return { type: "scatter3d", mode: "markers", name: symbol, x: p[0], y: p[1], z: p[2],
        marker: { size: symbol === "H" ? 5 : 10, color: colour(symbol), opacity: 1,
          line: { width: 1, color: "#444" } },
        hovertemplate: symbol + "<br>%{x:.2f}, %{y:.2f}, %{z:.2f} Å<extra></extra>" };
    });
    data.push({ type: "scatter3d", mode: "lines", x: edges[0], y: edges[1], z: edges[2],
      line: { color: "#8894a2", width: 3 }, hoverinfo: "skip", showlegend: false });
    var hidden = { visible: false };
    return { data: data, layout: { margin: { l: 0, r: 0, t: 0, b: 0 },
      legend: { orientation: "h", y: 1 },
      scene: { aspectmode: "data", xaxis: hidden, yaxis: hidden, zaxis: hidden,
        camera: { eye: { x: 1.4, y: 1.0, z: 0.6 }, projection: { type: "orthographic" } } } } };
  }
})();
