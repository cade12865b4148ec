// What is late or failed now, over pages that never change: told by status.js beside the releases, which is part of none of
// them. A draft, or a release copied elsewhere, has nobody to tell it and shows nothing.
(function () {
  "use strict";
  var place = /^(.*\/)(?:\d{4}-\d{2}\/r\d+|latest)(?:\/[a-z]+)?\/site\//.exec(location.href.split(/[?#]/)[0]);
  if (!place) return;
  window.statusNow = function (told) {
    var english = document.documentElement.lang === "en", lines = english ? told.en : told.zh;
    if (!lines.length) return;
    var banner = document.createElement("div"), main = document.getElementById("main");
    banner.id = "now";
    banner.className = "banner";
    banner.setAttribute("role", "status");
    lines.concat((english ? "As of " : "截至") + told.on).forEach(function (line) {
      banner.appendChild(document.createElement("p")).textContent = line;
    });
    banner.lastChild.className = "mute";
    main.insertBefore(banner, main.firstChild);
  };
  // Looked for as a document first: a script that is not there would be an error on the page's console.
  var probe = document.createElement("object");
  function tell() {
    var element = document.createElement("script");
    element.src = place[1] + "status.js";
    document.head.appendChild(element);
    probe.remove();
  }
  if (location.protocol !== "file:") return tell();
  probe.type = "text/javascript";
  probe.data = place[1] + "status.js";
  probe.className = "probe";
  probe.setAttribute("aria-hidden", "true");
  probe.tabIndex = -1;
  probe.onload = tell;
  probe.onerror = function () { probe.remove(); };
  document.body.appendChild(probe);
})();
