// plotly.js makes style elements and sets style attributes; this lets the page's policy, which
// knows neither, apply to everything else.
(function () {
  "use strict";
  var nonce = document.currentScript.dataset.nonce;
  var create = document.createElement;
  document.createElement = function (name) {
    var made = create.apply(document, arguments);
    if (String(name).toLowerCase() === "style") { made.nonce = nonce; }
    return made;
  };
  var set = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    if (String(name).toLowerCase() === "style" && this.style) {
      this.style.cssText = value;
    } else {
      set.call(this, name, value);
    }
  };
})();
