// Search in the list of indicators, and the interactive chart of an indicator's page. Plotly is loaded when asked for.
(function () {
  "use strict";
  var script = document.currentScript;

  function search() {
    var field = document.getElementById("find");
    if (!field) return;
    field.parentNode.hidden = false;
    field.addEventListener("input", function () {
      var wanted = field.value.trim().toLowerCase(), shown = 0;
      document.querySelectorAll(".subject").forEach(function (subject) {
        var any = 0;
        subject.querySelectorAll("tbody tr").forEach(function (row) {
          var link = row.querySelector("a");
          var hit = (link.textContent + " " + link.getAttribute("href")).toLowerCase().indexOf(wanted) >= 0;
          row.hidden = !hit;
          any += hit ? 1 : 0;
        });
        subject.hidden = !any;
        shown += any;
      });
      document.getElementById("found").textContent = wanted ? String(shown) : "";
    });
  }

  function chart() {
    var button = document.getElementById("live"), numbers = document.getElementById("numbers");
    if (!button || !numbers) return;
    var told = JSON.parse(numbers.textContent);
    if (!told.lines.length) return;
    button.hidden = false;
    button.addEventListener("click", function () {
      button.disabled = true;
      load(["plotly.min.js", "template.js"], function () { draw(told); button.hidden = true; });
    });
  }

  function load(names, then) {
    if (!names.length) return then();
    var element = document.createElement("script");
    element.src = script.dataset.root + "assets/" + names[0];
    element.onload = function () { load(names.slice(1), then); };
    document.head.appendChild(element);
  }

  function plain(text) {
    return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  }

  function draw(told) {
    var begins = told.breaks.map(function (one) { return one[0]; });
    function cut(values, between) {  // an empty point before each break, so that no line leads across
      return values.reduce(function (all, value, at) {
        return all.concat(begins.indexOf(told.months[at]) < 0 ? [value] : [between(value), value]);
      }, []);
    }
    var months = cut(told.months, function (month) { return month; });
    var traces = told.lines.map(function (line, place) {
      return {
        type: "scatter", mode: "lines+markers", name: plain(line.name), x: months, y: cut(line.values, function () { return null; }), connectgaps: false,
        visible: place === 0 ? true : "legendonly", marker: { size: 4 },
        hovertemplate: "%{x|%Y-%m}: %{y:." + told.decimals + "f} " + plain(told.unit) + "<extra>" + plain(line.name) + "</extra>"
      };
    });
    if (told.plan.length) {
      traces.push({ type: "scatter", mode: "lines", name: told.planName, line: { dash: "dash", color: window.houseColours.mute, width: 1.6 },
        x: told.plan.map(function (end) { return end[0]; }), y: told.plan.map(function (end) { return end[1]; }) });
    }
    if (told.projection) {
      var end = told.plan[1][0];
      traces.push({ type: "scatter", mode: "markers", name: told.projectionName, x: [end], y: [told.projection[0]], marker: { color: window.houseColours.value, symbol: "circle-open", size: 9 },
        error_y: { type: "data", symmetric: false, array: [told.projection[2] - told.projection[0]], arrayminus: [told.projection[0] - told.projection[1]] } });
    }
    var edge = { color: window.houseColours.mute, width: 1, dash: "dot" };
    var place = document.getElementById("chart");
    place.hidden = false;
    window.Plotly.newPlot(place, traces, {
      template: window.houseTemplate, height: 420, showlegend: true, legend: { orientation: "h", y: -0.14 },
      margin: { l: 56, r: 16, t: 16, b: 64 }, xaxis: { type: "date", tickformat: "%Y-%m" }, hovermode: "closest",
      shapes: told.breaks.map(function (one) { return { type: "line", x0: one[0], x1: one[0], y0: 0, y1: 1, yref: "paper", line: edge }; }),
      annotations: told.breaks.map(function (one) { return { x: one[0], y: 1, yref: "paper", text: one[1], showarrow: false, xanchor: "left" }; })
    }, { responsive: true, displayModeBar: false });
  }

  document.addEventListener("DOMContentLoaded", function () { search(); chart(); });
})();
