// Tables that sort and filter, charts that say their months, the map of tiles, search, and Plotly where a reader asks for it.
// Pages read without it. No fetch and no modules: both are closed to a page on a file share.
(function () {
  "use strict";
  var script = document.currentScript, english = document.documentElement.lang === "en", figures = {};

  function t(zh, en) { return english ? en : zh; }
  function all(selector, place) { return Array.prototype.slice.call((place || document).querySelectorAll(selector)); }
  function make(tag, more, text) {
    var made = document.createElement(tag);
    Object.keys(more || {}).forEach(function (name) { made.setAttribute(name, more[name]); });
    if (text) made.textContent = text;
    return made;
  }
  function holds(row, wanted) { return ((row.dataset.find || "") + " " + row.textContent).toLowerCase().indexOf(wanted) >= 0; }

  function search() {
    var field = document.getElementById("find");
    if (!field) return;
    field.parentNode.hidden = false;
    field.addEventListener("input", function () {
      var wanted = field.value.trim().toLowerCase(), shown = 0;
      all(".subject").forEach(function (subject) {
        var any = 0;
        all("tbody tr", subject).forEach(function (row) {
          row.hidden = !holds(row, wanted);
          any += row.hidden ? 0 : 1;
        });
        subject.hidden = !any;
        shown += any;
      });
      document.getElementById("found").textContent = wanted ? t(shown + "项", String(shown)) : "";
    });
  }

  // A cell's number where its column holds numbers, else its text; null for a cell without one.
  function worth(row, at, numeric) {
    var cell = row.cells[at], text = cell ? cell.textContent.trim() : "", found = /-?\d+(\.\d+)?/.exec(text.replace("−", "-"));
    return numeric ? (found ? parseFloat(found[0]) : null) : text || null;
  }

  function sortBy(table, at, down) {
    var body = table.tBodies[0], rows = Array.prototype.slice.call(body.rows);
    var numeric = rows.some(function (row) { return row.cells[at] && row.cells[at].classList.contains("n"); });
    var keyed = rows.map(function (row) { return { row: row, key: worth(row, at, numeric) }; });
    keyed.sort(function (a, b) {
      if (a.key === null || b.key === null) return (a.key === null) - (b.key === null);
      var order = numeric ? a.key - b.key : a.key.localeCompare(b.key, "zh");
      return down ? -order : order;
    });
    keyed.forEach(function (one) { body.appendChild(one.row); });
    all("thead th", table).forEach(function (head, place) {
      if (place === at) head.setAttribute("aria-sort", down ? "descending" : "ascending"); else head.removeAttribute("aria-sort");
    });
  }

  function tables() {
    all(".scroll > table").forEach(function (table) {
      var heads = table.tHead ? Array.prototype.slice.call(table.tHead.rows[0].cells) : [], body = table.tBodies[0];
      if (!heads.length || body.rows.length < 5 || body.querySelector("[colspan]")) return;
      heads.forEach(function (head, at) {
        var button = make("button", { type: "button", "class": "sort" }), told = head.textContent.trim();
        if (!told) return;
        if (head.querySelector("a")) {
          button.setAttribute("aria-label", t("按" + told + "排序", "sort by " + told));
        } else {
          while (head.firstChild) button.appendChild(head.firstChild);
        }
        button.addEventListener("click", function () { sortBy(table, at, head.getAttribute("aria-sort") === "ascending"); });
        head.appendChild(button);
      });
      if (body.rows.length < 8 || document.getElementById("find")) return;
      var label = make("label", { "class": "find" }, t("筛选 ", "Filter ")), field = make("input", { type: "search", autocomplete: "off" });
      label.appendChild(field);
      table.parentNode.parentNode.insertBefore(label, table.parentNode);
      field.addEventListener("input", function () {
        var wanted = field.value.trim().toLowerCase();
        Array.prototype.forEach.call(body.rows, function (row) { row.hidden = !holds(row, wanted); });
      });
    });
  }

  var MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  function monthAt(first, at) {
    var whole = +first.slice(0, 4) * 12 + +first.slice(5) - 1 + at, year = Math.floor(whole / 12), month = whole % 12;
    return t(year + "年" + (month + 1) + "月", MONTHS[month] + " " + year);
  }

  function fieldsOf(drawing) {
    return (drawing.dataset.fields || "").split(" ").map(function (one) { return one.split(",").map(Number); });
  }

  // Months read by pointer and by keys: an upright line where the month stands, its words below.
  function reads(figure) {
    var lines = JSON.parse(figure.dataset.told), first = figure.dataset.first, count = +figure.dataset.count;
    var output = figure.querySelector("output"), last = Math.max.apply(null, lines.map(function (line) { return line[1] + line[2].length - 1; }));
    var at = last + 1;
    function tell(place, which) {
      at = Math.min(Math.max(place, 0), count - 1);
      var told = lines.map(function (line) { return (lines.length > 1 ? line[0] + " " : "") + (line[2][at - line[1]] || ""); });
      output.textContent = monthAt(first, at) + t("：", ": ") + (which === undefined ? told.join(t("，", ", ")) : told[which]);
      all("svg", figure).forEach(function (drawing) {
        all(".cursor", drawing).forEach(function (line) { line.remove(); });
        fieldsOf(drawing).forEach(function (field) {
          var line = document.createElementNS("http://www.w3.org/2000/svg", "line"), x = field[0] + (field[1] - field[0]) * at / Math.max(count - 1, 1);
          [["class", "cursor"], ["x1", x], ["x2", x], ["y1", field[2]], ["y2", field[3]]].forEach(function (one) { line.setAttribute(one[0], one[1]); });
          drawing.appendChild(line);
        });
      });
    }
    figure.tabIndex = 0;
    figure.setAttribute("role", "group");
    figure.setAttribute("aria-label", figure.dataset.label);
    figure.addEventListener("keydown", function (event) {
      var place = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
      if (place === undefined || event.target !== figure) return;
      event.preventDefault();
      tell(place);
    });
    figure.addEventListener("pointermove", function (event) {
      var drawing = event.target.closest("svg");
      if (!drawing) return;
      var edge = drawing.getBoundingClientRect(), scale = drawing.viewBox.baseVal.width / edge.width;
      var x = (event.clientX - edge.left) * scale, y = (event.clientY - edge.top) * scale;
      fieldsOf(drawing).forEach(function (field, which) {
        if (x < field[0] - 8 || x > field[1] + 8 || y < field[2] - 30 || y > field[3] + 24) return;
        tell(Math.round((x - field[0]) / (field[1] - field[0]) * (count - 1)), which);
      });
    });
  }

  function saves(figure) {
    var button = make("button", { type: "button", "class": "save" }, t("保存图片", "Save the picture"));
    button.addEventListener("click", function () {
      var drawing = all("svg", figure).filter(function (one) { return one.getBoundingClientRect().width; })[0], copy = drawing.cloneNode(true);
      all(".cursor", copy).forEach(function (line) { line.remove(); });
      var size = drawing.viewBox.baseVal, image = new Image();
      image.onload = function () {
        var canvas = make("canvas", { width: size.width * 2, height: size.height * 2 });
        canvas.getContext("2d").drawImage(image, 0, 0, size.width * 2, size.height * 2);
        make("a", { href: canvas.toDataURL("image/png"), download: document.title.split(" · ")[0] + ".png" }).click();
      };
      image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(copy));
    });
    figure.appendChild(button);
  }

  function load(names, then) {
    if (!names.length) return then();
    var element = make("script", { src: names[0] });
    element.onload = function () { load(names.slice(1), then); };
    document.head.appendChild(element);
  }

  // An indicator's chart and ranks, with Plotly: what pages draw on when a reader asks for it.
  function withFigures(codes, then) {
    var root = script.dataset.root + "assets/", wanted = codes.filter(function (code) { return !figures[code]; });
    var names = wanted.map(function (code) { return script.dataset.home + "figures/" + code + ".js"; });
    load(names.concat(window.Plotly ? [] : [root + "plotly.min.js", root + "template.js"]), function () {
      then(codes.map(function (code) { return figures[code]; }));
    });
  }
  window.houseFigure = function (code, told) { figures[code] = told; };

  // Plots a figure; the keys walk along its first line, since Plotly knows the pointer only.
  function plot(place, figure, label) {
    var narrow = place.clientWidth < 500, layout = Object.assign({}, figure.layout, { template: window.houseTemplate });
    if (narrow) layout = Object.assign(layout, { margin: Object.assign({}, layout.margin, { l: 48, r: 12 }), title: undefined });
    window.Plotly.newPlot(place, figure.data, layout, { responsive: true, displayModeBar: false });
    var at = figure.data[0].x.length;
    place.tabIndex = 0;
    place.setAttribute("role", "group");
    place.setAttribute("aria-label", label + t("：按左右方向键逐月读数", ": left and right keys read the months"));
    var output = make("output", { "class": "reading" }), save = make("button", { type: "button", "class": "save" }, t("保存图片", "Save the picture"));
    all(".reading, .save", place.parentNode).forEach(function (one) { if (one.previousElementSibling === place || one.dataset.of === place.id) one.remove(); });
    output.dataset.of = save.dataset.of = place.id;
    place.insertAdjacentElement("afterend", save);
    place.insertAdjacentElement("afterend", output);
    save.addEventListener("click", function () { window.Plotly.downloadImage(place, { format: "png", scale: 2, filename: label }); });
    place.onkeydown = function (event) {
      var step = { ArrowLeft: -1, ArrowRight: 1 }[event.key], line = figure.data[0];
      if (!step) return;
      event.preventDefault();
      at = Math.min(Math.max(at + step, 0), line.x.length - 1);
      window.Plotly.Fx.hover(place, [{ curveNumber: 0, pointNumber: at }]);
      output.textContent = monthAt(line.x[at], 0) + t("：", ": ") + figure.data.filter(function (one) {
        return one.showlegend !== false && one.visible !== "legendonly" && one.x[at] === line.x[at] && one.y[at] !== null && one.name;
      }).map(function (one) { return one.name + " " + one.y[at]; }).join(t("，", ", "));
    };
  }

  function live() {
    var button = document.getElementById("live"), place = document.getElementById("chart");
    if (!button) return;
    button.hidden = false;
    button.addEventListener("click", function () {
      button.disabled = true;
      withFigures([button.dataset.code], function (found) {
        place.hidden = false;
        plot(place, found[0].figure, found[0].name);
        button.hidden = true;
      });
    });
  }

  // The map of tiles: the chosen indicator's words and shade of every township.
  function tiles() {
    var field = document.getElementById("tile-indicator"), told = document.getElementById("tile-figures");
    if (!field) return;
    var known = JSON.parse(told.textContent);
    field.parentNode.hidden = false;
    field.addEventListener("change", function () {
      var chosen = known[field.value];
      all(".tile").forEach(function (tile, at) {
        var cell = chosen.cells[at];
        tile.className = "tile " + cell[1];
        tile.querySelector(".figure").textContent = cell[0];
        tile.querySelector(".class").textContent = cell[2];
      });
      document.getElementById("tile-link").href = script.dataset.home + "indicator/" + field.value + ".html";
    });
  }

  window.house = { t: t, all: all, make: make, withFigures: withFigures, plot: plot };
  document.addEventListener("DOMContentLoaded", function () {
    search();
    tables();
    all("figure.chart").forEach(function (figure) {
      if (figure.dataset.told) reads(figure);
      saves(figure);
    });
    live();
    tiles();
  });
})();
