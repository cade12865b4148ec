// What is late or failed now, over pages that never change: told by status.js beside the releases, which is part of none of
// them. A draft, or a release copied elsewhere, has nobody to tell it and shows nothing.
(function () {
  "use strict";
  var place = /^(.*\/)(?:\d{4}-\d{2}\/r\d+|latest)(?:\/bureau)?\/site\//.exec(location.href.split(/[?#]/)[0]);
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
  var element = document.createElement("script");
  element.src = place[1] + "status.js";
  document.head.appendChild(element);
})();
