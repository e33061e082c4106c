document.querySelectorAll(".plot").forEach(function (plot) { window.cijkl.show(plot); });
