// A file, a text or an example; a route; and the way to the result.
(function () {
  "use strict";
  var form = document.getElementById("ask");
  var file = document.getElementById("file");
  var text = document.getElementById("text");
  var given = document.getElementById("given");
  var drop = document.getElementById("drop");
  var go = document.getElementById("go");
  var state = document.getElementById("state");
  var error = document.getElementById("error");
  var found = document.getElementById("found");
  var names = { predict: "Predict", compute: "Compute", analyze: "Analyze" };
  var chosen = null;
  var textName = "";

  function route() { return form.elements.route.value; }

  function choose(name) {
    form.elements.route.value = name;
    document.querySelectorAll("[data-route]").forEach(function (part) {
      part.hidden = part.dataset.route !== name;
      part.querySelectorAll("input, select").forEach(function (field) {
        field.disabled = part.hidden;
      });
    });
    go.textContent = names[name];
  }

  // Numbers in rows of six, or the output of a code, are a tensor; all else is a crystal.
  function isTensor(content, name) {
    if (/\.(cif|vasp|poscar|xyz|extxyz|zip|gz)$/i.test(name)) { return false; }
    if (/outcar|\.castep$|\.elastic$/i.test(name)) { return true; }
    var row = /^\s*\[?\[?\s*(-?\d+\.?\d*(e[-+]?\d+)?[\s,;]+){5}-?\d/im;
    return row.test(content.slice(0, 4000)) && !/_cell_length|Lattice=/i.test(content);
  }

  function guess(content, name) {
    if (isTensor(content, name)) { choose("analyze"); }
    else if (route() === "analyze") { choose("predict"); }
  }

  function take(one) {
    chosen = one;
    text.value = "";
    textName = "";
    given.textContent = one.name + ", " + Math.ceil(one.size / 1024) + " kB";
    one.slice(0, 4000).text().then(function (content) { guess(content, one.name); });
  }

  file.addEventListener("change", function () { if (file.files[0]) { take(file.files[0]); } });
  ["dragenter", "dragover"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      event.preventDefault();
      drop.classList.add("over");
    });
  });
  document.addEventListener("dragleave", function (event) {
    if (!event.relatedTarget) { drop.classList.remove("over"); }
  });
  document.addEventListener("drop", function (event) {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files[0]) { take(event.dataTransfer.files[0]); }
  });
  text.addEventListener("input", function () {
    chosen = null;
    file.value = "";
    textName = "";
    given.textContent = "";
    guess(text.value, "");
  });
  document.querySelectorAll("[data-example]").forEach(function (button) {
    button.addEventListener("click", function () {
      fetch("/examples/" + button.dataset.example).then(function (answer) {
        return answer.text();
      }).then(function (content) {
        chosen = null;
        file.value = "";
        text.value = content;
        textName = button.dataset.example;
        given.textContent = textName;
        guess(content, textName);
      });
    });
  });
  form.elements.route.forEach(function (radio) {
    radio.addEventListener("change", function () { choose(route()); });
  });

  function body(name) {
    var data = new FormData();
    var input = chosen || new File([text.value], textName || "pasted");
    data.append(name === "analyze" ? "tensor" : "structure", input, input.name);
    form.querySelectorAll("[data-route='" + name + "'] [name]").forEach(function (field) {
      if (field.type === "file") {
        if (field.files[0]) { data.append(field.name, field.files[0]); }
      } else if (field.value !== "") { data.append(field.name, field.value); }
    });
    if (name !== "compute") { data.append("keep", "true"); }
    return data;
  }

  function list(records, ids) {
    found.replaceChildren.apply(found, records.map(function (record, number) {
      var row = document.createElement("li");
      var link = row.appendChild(document.createElement("a"));
      link.href = "/results/" + ids[number];
      link.textContent = record.formula ? record.formula + " (" + record.id + ")" : record.id;
      if (record.status !== "ok") { row.append(": " + record.error); }
      return row;
    }));
  }

  function follow(name, answer) {
    if (name === "compute") {
      var jobs = answer.jobs;
      location.assign(jobs.length === 1 ? "/jobs/" + jobs[0].id : "/jobs");
    } else if (answer.kept.length === 1) {
      location.assign("/results/" + answer.kept[0]);
    } else {
      list(answer.records, answer.kept);
    }
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    error.textContent = "";
    found.replaceChildren();
    if (!chosen && !text.value.trim()) {
      error.textContent = "Choose a file, paste a text or pick an example first.";
      return;
    }
    var name = route();
    go.disabled = true;
    state.textContent = "Working…";
    fetch("/api/" + name, { method: "POST", body: body(name) }).then(function (answer) {
      return answer.json().then(function (content) {
        if (answer.ok) { follow(name, content); } else { error.textContent = content.error; }
      });
    }).catch(function () {
      error.textContent = "The server does not answer, or the file is too large for it.";
    }).finally(function () {
      go.disabled = false;
      state.textContent = "";
    });
  });
  choose(route());
})();
