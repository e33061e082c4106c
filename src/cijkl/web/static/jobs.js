// The queue, looked at every two seconds while somebody looks.
(function () {
  "use strict";
  var body = document.getElementById("jobs");
  var state = document.getElementById("state");
  var earlier = document.getElementById("earlier");
  var shown = 50;

  function cell(row, content) {
    var made = row.appendChild(document.createElement("td"));
    made.append(content);
    return made;
  }

  function took(job) {
    if (!job.begun) { return "–"; }
    var seconds = (Date.parse(job.ended || new Date().toISOString()) - Date.parse(job.begun)) / 1000;
    return seconds < 100 ? seconds.toFixed(0) + " s" : (seconds / 60).toFixed(0) + " min";
  }

  function said(job) {
    if (job.state === "queued") { return job.ahead ? "waits, " + job.ahead + " before it" : "next"; }
    if (job.state === "running" && job.progress) { return "running: " + job.progress.stage; }
    return job.state;
  }

  function act(job) {
    var over = ["done", "failed", "cancelled"].indexOf(job.state) >= 0;
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = over ? "Forget" : "Cancel";
    button.setAttribute("aria-label", button.textContent + " " + (job.formula || job.name));
    button.addEventListener("click", function () {
      button.disabled = true;
      fetch("/api/jobs/" + job.id, { method: "DELETE" }).then(look);
    });
    return button;
  }

  function row(job) {
    var made = document.createElement("tr");
    var head = made.appendChild(document.createElement("th"));
    head.scope = "row";
    var link = head.appendChild(document.createElement("a"));
    link.href = (job.state === "done" ? "/results/" : "/jobs/") + job.id;
    link.textContent = (job.formula || "") + " " + job.name;
    cell(made, said(job)).className = job.state === "failed" ? "fails" : "";
    cell(made, String(job.options.potential || ""));
    cell(made, new Date(job.created).toLocaleString());
    cell(made, took(job));
    cell(made, act(job));
    return made;
  }

  function look() {
    return fetch("/api/jobs?limit=" + shown).then(function (answer) {
      return answer.json();
    }).then(function (answer) {
      // a button that has the focus keeps it
      var held = body.contains(document.activeElement) &&
        document.activeElement.getAttribute("aria-label");
      body.replaceChildren.apply(body, answer.jobs.map(row));
      if (held) {
        var again = Array.from(body.querySelectorAll("button")).find(function (button) {
          return button.getAttribute("aria-label") === held;
        });
        if (again) { again.focus(); }
      }
      var text = answer.count === 1 ? "1 job" : answer.count + " jobs";
      // a screen reader is told only of what is new
      if (state.textContent !== text) { state.textContent = text; }
      earlier.hidden = answer.count <= shown || shown >= 200;
    }).catch(function () { state.textContent = "The server does not answer."; });
  }

  earlier.addEventListener("click", function () {
    shown = 200;
    look();
  });
  look();
  setInterval(function () { if (!document.hidden) { look(); } }, 2000);
})();
