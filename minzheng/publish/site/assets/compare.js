// Two to five figures side by side: chosen in the page, kept in its address, drawn from the scripts that the indicators' pages use.
(function () {
  "use strict";
  document.addEventListener("DOMContentLoaded", function () {
    var house = window.house, t = house.t, all = house.all, make = house.make, MOST = 5;
    var form = document.getElementById("choice"), rows = document.getElementById("rows"), shown = [];
    if (!form) return;
    form.hidden = false;
    form.addEventListener("submit", function (event) { event.preventDefault(); });

    function chosen() {
      return all(".choice", rows).map(function (row) {
        return { code: row.querySelector(".indicator").value, area: row.querySelector(".area").value, name: row.querySelector(".area").selectedOptions[0].textContent };
      });
    }

    function add(code, area) {
      var row = document.getElementById("one").content.firstElementChild.cloneNode(true);
      rows.appendChild(row);
      var indicator = row.querySelector(".indicator"), where = row.querySelector(".area");
      if (code) indicator.value = code;
      if (area) where.value = area;
      if (!indicator.value || !where.value) return row.remove();
      row.addEventListener("change", changed);
      row.querySelector(".less").addEventListener("click", function () { row.remove(); changed(); });
    }

    function changed() {
      document.getElementById("more").disabled = rows.children.length >= MOST;
      history.replaceState(null, "", "#" + chosen().map(function (one) { return one.code + "@" + one.area; }).join(","));
      var codes = chosen().map(function (one) { return one.code; });
      house.withFigures(codes.filter(function (code, at) { return codes.indexOf(code) === at; }), draw);
    }

    function series(told, name) {
      return (told.figure ? told.figure.data : []).filter(function (one) { return one.name === plain(name) && one.mode === "lines+markers"; })[0];
    }
    function plain(text) { return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;"); }

    function draw(found) {
      var by = {}, picks = chosen();
      found.forEach(function (told) { by[told.code] = told; });
      shown = picks.map(function (pick) { return { pick: pick, told: by[pick.code], line: series(by[pick.code], pick.name) }; });
      plotted();
      table();
      ranking();
    }

    function label(one) { return one.told.name + t("，", ", ") + one.pick.name; }

    // One panel a unit, so that no chart has two scales.
    function plotted() {
      var units = [], place = document.getElementById("compared"), lines = shown.filter(function (one) { return one.line; });
      lines.forEach(function (one) { if (units.indexOf(one.told.unit) < 0) units.push(one.told.unit); });
      place.hidden = !lines.length;
      if (!lines.length) return;
      var layout = { height: 120 + 260 * units.length, showlegend: true, legend: { orientation: "h", y: -0.12 }, margin: { l: 56, r: 16, t: 24, b: 48 }, xaxis: { type: "date", tickformat: t("%Y年%-m月", "%b %Y"), anchor: "y" + (units.length > 1 ? units.length : "") } };
      units.forEach(function (unit, at) {
        layout["yaxis" + (at ? at + 1 : "")] = { domain: [1 - (at + 1) / units.length + 0.06, 1 - at / units.length], title: { text: unit } };
      });
      house.plot(place, {
        data: lines.map(function (one) {
          var at = units.indexOf(one.told.unit);
          return Object.assign({}, one.line, { name: plain(label(one)), visible: true, showlegend: true, line: { width: 2 }, marker: { size: 4 }, yaxis: "y" + (at ? at + 1 : "") });
        }), layout: layout
      }, t("比较", "Compared"));
    }

    function months() {
      var all_ = {};
      shown.forEach(function (one) { (one.line ? one.line.x : []).forEach(function (month) { all_[month] = true; }); });
      return Object.keys(all_).sort().reverse();
    }

    function at(one, month) {
      var place = one.line ? one.line.x.lastIndexOf(month) : -1, value = place < 0 ? null : one.line.y[place];
      return value === null || value === undefined ? "" : value.toFixed(one.told.decimals);
    }

    function table() {
      var place = document.getElementById("compared-table"), made = make("table"), head = made.createTHead().insertRow(), body = made.createTBody();
      place.replaceChildren(made);
      [t("月份", "Month")].concat(shown.map(function (one) { return label(one) + t("（", " (") + one.told.unit + t("）", ")"); })).forEach(function (text, at_) {
        head.appendChild(make("th", at_ ? { scope: "col", "class": "n" } : { scope: "col" }, text));
      });
      months().slice(0, 13).forEach(function (month) {
        var row = body.insertRow();
        row.appendChild(make("th", { scope: "row" }, month));
        shown.forEach(function (one) { row.appendChild(make("td", { "class": "n" }, at(one, month))); });
      });
      place.hidden = document.getElementById("compared-tools").hidden = !shown.length;
    }

    function ranking() {
      var place = document.getElementById("ranking"), seen = [];
      place.replaceChildren();
      shown.forEach(function (one) {
        if (seen.indexOf(one.pick.code) >= 0 || one.told.ranking.length < 2) return;
        seen.push(one.pick.code);
        place.appendChild(make("h2", {}, t("乡镇位次：", "Townships in order: ") + one.told.name));
        var list = make("ul", { "class": "ranks" });
        one.told.ranking.forEach(function (told) {
          var rank = told[2] === null ? t("不排位次", "no rank") : t("第" + told[2] + "位", String(told[2]));
          list.appendChild(make("li", {}, rank + t("　", " ") + told[0] + t("　", " ") + told[1]));
        });
        place.appendChild(list);
      });
      if (seen.length) place.appendChild(make("p", { "class": "mute" }, t("待更正数据使可能的数值区间相互重叠的，以及没有数据的，不排位次；数值相同的并列。", "No rank is told where what is open lets intervals overlap, or where there is no figure; equal values share theirs.")));
      place.hidden = !seen.length;
    }

    document.getElementById("csv").addEventListener("click", function () {
      var lines = [[t("月份", "month")].concat(shown.map(label))].concat(months().map(function (month) {
        return [month].concat(shown.map(function (one) { return at(one, month); }));
      }));
      var text = "\ufeff" + lines.map(function (line) {
        return line.map(function (cell) { return '"' + (/^[=+@-]/.test(cell) && isNaN(cell) ? "'" : "") + cell.replace(/"/g, '""') + '"'; }).join(",");
      }).join("\r\n");
      make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), download: t("比较", "compared") + ".csv" }).click();
    });
    document.getElementById("more").addEventListener("click", function () {
      var last = chosen().pop() || {};
      add(last.code, last.area);
      changed();
    });
    document.getElementById("narrow").addEventListener("input", function (event) {
      var wanted = event.target.value.trim().toLowerCase();
      all("option[data-find]", rows).forEach(function (option) {
        option.hidden = !option.selected && (option.dataset.find + " " + option.textContent).toLowerCase().indexOf(wanted) < 0;
      });
    });

    // An address may name an indicator alone: then it is taken for the county and the first townships.
    var areas = all(".area option", document.getElementById("one").content).map(function (one) { return one.value; });
    var asked = decodeURIComponent(location.hash.slice(1)).split(",").filter(Boolean).slice(0, MOST);
    if (asked.length === 1 && asked[0].indexOf("@") < 0) asked = areas.slice(0, MOST).map(function (area) { return asked[0] + "@" + area; });
    asked.forEach(function (one) { add(one.split("@")[0], one.split("@")[1]); });
    if (rows.children.length) changed(); else { add(null, areas[0]); add(null, areas[1]); changed(); }
  });
})();
