// Draws the charts of the page's data with ECharts. The legend above them serves all of them.
(function () {
  "use strict";

  var data = JSON.parse(document.getElementById("data").textContent);
  var hidden = new Set();
  var logX = false;
  var fromOne = false; // of the chart being drawn: 0 has no place on its axis
  var drawn = [];
  // Lines that are no arm of the page's legend get one of their chart's own.
  var arms = new Set();
  document.querySelectorAll(".arm").forEach(function (button) { arms.add(button.dataset.arm); });

  // What went wrong is written on the page element, where a test can see it.
  var errors = 0;
  window.addEventListener("error", function () {
    errors += 1;
    document.documentElement.dataset.errors = String(errors);
  });
  document.documentElement.dataset.errors = "0";

  // Colours of the page's scheme, light or dark.
  var scheme = window.matchMedia("(prefers-color-scheme: dark)");
  function paint(name) { return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim(); }
  function colour(series) { return scheme.matches ? data.dark[series.colour] : series.colour; }

  function number(value) {
    if (value === 0) return "0";
    var size = Math.abs(value);
    if (size < 1e-3 || size >= 1e6) return Number(value.toPrecision(3)).toExponential().replace("e-", "e−").replace("e+", "e");
    return String(Number(value.toPrecision(4)));
  }

  function escaped(text) {
    var node = document.createElement("span");
    node.textContent = text;
    return node.innerHTML;
  }

  // An end of the axis that is no round number has no label: it would stand in the way of its neighbour.
  function tick(value, axis) {
    var end = value === axis.min || value === axis.max;
    if (!axis.log) return end && Number(value.toPrecision(2)) !== value ? "" : number(value);
    var decade = Math.round(Math.log10(value));
    if (axis.max / axis.min < 100) return number(Number(value.toPrecision(3)));
    if (Math.abs(value / Math.pow(10, decade) - 1) > 1e-6) return "";
    if (axis.min > 0.9e-3 && axis.max < 1.1e4) return number(Math.pow(10, decade));
    return "10" + String(decade).replace(/./g, function (c) { return c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]; });
  }

  // Over many decades an axis begins and ends with whole ones and has a label at every one, or at every so many.
  function decades(spec) {
    if (!spec.log || !(spec.max / spec.min >= 1e4)) return spec;
    var low = Math.floor(Math.log10(spec.min) + 1e-9), high = Math.ceil(Math.log10(spec.max) - 1e-9);
    var step = Math.ceil((high - low) / 9);
    low = step * Math.floor(low / step);
    high = step * Math.ceil(high / step);
    return Object.assign({}, spec, { min: Math.pow(10, low), max: Math.pow(10, high), base: Math.pow(10, step) });
  }

  function axis(given, kind) {
    var spec = decades(given);
    return {
      logBase: spec.base || 10,
      type: spec.log ? "log" : "value",
      name: spec.caption,
      nameLocation: "middle",
      nameGap: kind === "x" ? 28 : 48,
      nameTextStyle: { color: paint("soft") },
      min: spec.min,
      max: spec.max,
      axisLine: { show: kind === "x", onZero: false, lineStyle: { color: paint("line") } },
      axisTick: { show: kind === "x" },
      axisLabel: { color: paint("ink"), hideOverlap: true, formatter: function (v) { return tick(v, spec); } },
      splitLine: { show: kind === "y", lineStyle: { color: paint("rule") } },
      minorSplitLine: { show: kind === "y" && !!spec.log, lineStyle: { color: paint("tint") } },
      minorTick: { show: false, splitNumber: 9 }
    };
  }

  function points(series, values) {
    var xs = data.xs[series.x];
    var list = [];
    for (var i = 0; i < xs.length; i++) {
      if (!fromOne || xs[i] > 0) list.push([xs[i], values[i]]);
    }
    return list;
  }

  // A band is a polygon: along the upper edge and back along the lower one.
  function band(series) {
    var high = points(series, series.high);
    var low = points(series, series.low).reverse();
    var edge = high.concat(low).filter(function (p) { return p[1] !== null; });
    return {
      type: "custom",
      data: edge,
      silent: true,
      animation: false,
      clip: true,
      tooltip: { show: false },
      z: 1,
      renderItem: function (params, api) {
        if (params.dataIndex > 0) return null;
        return {
          type: "polygon",
          shape: { points: edge.map(function (p) { return api.coord(p); }) },
          style: { fill: colour(series), opacity: 0.15 }
        };
      }
    };
  }

  var DASHES = { "dashed": [8, 6], "dash-dotted": [9, 4, 2, 4], "dotted": [2, 4] };

  // Lines that lie on one another take turns, a dash each.
  function stroke(series) {
    if (series.style === "solid") return { type: "solid" };
    if (!series.turns) return { type: DASHES[series.style] };
    var dash = Math.min(series.style === "dotted" ? 3 : 8, 24 / series.turns);
    return { type: [dash, dash * (series.turns - 1)], dashOffset: dash * series.turn };
  }

  function line(series) {
    var single = points(series, series.y).filter(function (p) { return p[1] !== null; }).length === 1;
    // A few simulated points are dots, so that a formula through them stays visible.
    var dots = series.meaning === "simulated" && series.y.length <= 60;
    var marked = series.meaning === "mean over seeds" || series.meaning === "trained" || /^beta2 /.test(series.meaning);
    return {
      type: "line",
      name: series.name,
      data: points(series, series.y),
      symbol: single || dots || marked ? "circle" : "none",
      showAllSymbol: true,
      symbolSize: dots ? 8 : 6,
      endLabel: { show: !!series.level, formatter: "{a}", align: "right", verticalAlign: "bottom",
        padding: [0, 8, 4, 0], color: colour(series), textBorderColor: paint("paper"), textBorderWidth: 3 },
      animation: false,
      connectNulls: false,
      silent: true,
      z: series.faint ? 1 : series.style === "solid" ? 3 : 2,
      itemStyle: { color: colour(series) },
      lineStyle: Object.assign(stroke(series), { width: dots ? 0 : series.faint ? 1 : series.style === "solid" ? 2 : 1.6,
        color: colour(series), opacity: series.faint ? 0.22 : 1 })
    };
  }

  // One row an arm, one column a meaning: measured beside predicted.
  function tip(chart, shown) {
    return function (params) {
      var list = (Array.isArray(params) ? params : [params]).filter(function (p) {
        var series = shown[p.seriesIndex];
        return series && !series.faint && p.value[1] !== null && p.value[1] !== undefined;
      });
      if (!list.length) return "";
      var meanings = [];
      var arms = new Map();
      list.forEach(function (p) {
        var series = shown[p.seriesIndex];
        if (meanings.indexOf(series.meaning) < 0) meanings.push(series.meaning);
        if (!arms.has(series.name)) arms.set(series.name, { colour: colour(series), values: {} });
        arms.get(series.name).values[series.meaning] = p.value[1];
      });
      meanings.sort(function (a, b) { return (b === "measured") - (a === "measured"); });
      var html = "<table class='tip'><tr><td>" + escaped(chart.x.caption) + " " + number(list[0].value[0]) + "</td>";
      meanings.forEach(function (m) { html += "<td>" + escaped(m) + "</td>"; });
      html += "</tr>";
      arms.forEach(function (arm, name) {
        html += "<tr><td><b style='color:" + arm.colour + "'>● </b>" + escaped(name) + "</td>";
        meanings.forEach(function (m) {
          html += "<td>" + (m in arm.values ? number(arm.values[m]) : "") + "</td>";
        });
        html += "</tr>";
      });
      return html + "</table>";
    };
  }

  function box() {
    return { confine: true, backgroundColor: paint("paper"), borderColor: paint("rule"), textStyle: { color: paint("ink") } };
  }

  // Cells, the lower the darker; what has no value is grey.
  function heat(chart) {
    var cells = chart.heat.cells;
    function label(cell) { return cell[3]; }
    var category = { type: "category", splitArea: { show: false }, axisTick: { show: false },
      axisLine: { show: false }, axisLabel: { color: paint("ink") }, nameLocation: "middle",
      nameTextStyle: { color: paint("soft") } };
    var widest = chart.heat.rows.reduce(function (most, row) { return Math.max(most, row.length); }, 0);
    return {
      animation: false,
      textStyle: { fontFamily: "system-ui, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif" },
      grid: { left: Math.min(240, 46 + 7 * widest), right: 24, top: 16, bottom: 48 },
      xAxis: Object.assign({}, category, { data: chart.heat.columns, name: chart.x.caption, nameGap: 28 }),
      yAxis: Object.assign({}, category, { data: chart.heat.rows, name: chart.y.caption, nameGap: 14 + 7 * widest }),
      visualMap: { show: false, dimension: 2, min: chart.heat.min, max: chart.heat.max,
        inRange: { color: ["#6baed6", "#f7fbff"] } },
      tooltip: Object.assign(box(), { formatter: function (p) {
        return escaped(chart.y.caption + " " + chart.heat.rows[p.data.value[1]]) + "<br>" +
          escaped(chart.x.caption + " " + chart.heat.columns[p.data.value[0]]) + "<br><b>" +
          escaped((p.data.cell[3] || "no value").replace("\n", " ")) + "</b>"; } }),
      series: [{ type: "heatmap", animation: false,
        label: { show: true, color: "#111827", lineHeight: 15, formatter: function (p) { return label(p.data.cell); } },
        itemStyle: { borderColor: paint("paper"), borderWidth: 2 },
        data: cells.filter(function (cell) { return cell[2] !== null; }).map(function (cell) {
          return { value: [cell[0], cell[1], cell[2]], cell: cell };
        }) }]
    };
  }

  function option(chart) {
    if (chart.heat) return heat(chart);
    fromOne = logX && chart.x.caption === "step";
    var lines = [];
    var shown = [];
    chart.series.forEach(function (series) {
      if (hidden.has(series.name)) return;
      if (series.low) {
        lines.push(band(series));
        shown.push(null);
      }
      lines.push(line(series));
      shown.push(series);
    });
    var x = axis(Object.assign({}, chart.x, fromOne ? { log: true, min: 1 } : {}), "x");
    var own = chart.series.filter(function (s) { return !arms.has(s.name) && !s.level; })
      .map(function (s) { return s.name; });
    own = own.filter(function (name, i) { return own.indexOf(name) === i; });
    return {
      animation: false,
      textStyle: { fontFamily: "system-ui, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif" },
      legend: { show: own.length > 0, data: own, top: 0, left: 64, type: own.length > 8 ? "scroll" : "plain",
        itemWidth: 18, textStyle: { color: paint("ink") } },
      grid: { left: 68, right: 24, top: own.length > 4 ? 64 : own.length > 0 ? 36 : 16, bottom: 48 },
      xAxis: x,
      yAxis: axis(chart.y, "y"),
      tooltip: Object.assign(box(), { trigger: "axis", formatter: tip(chart, shown) }),
      series: lines
    };
  }

  function paintChart(item) { item.view.setOption(option(item.chart), { notMerge: true }); }
  function draw() { drawn.forEach(paintChart); }

  data.charts.forEach(function (chart) {
    var view = echarts.init(document.getElementById("chart-" + chart.id), null, { renderer: "svg" });
    drawn.push({ chart: chart, view: view });
  });

  // Charts that are in view come first, the others in turn while the page answers its reader.
  function drawInTurn() {
    var waiting = drawn.slice();
    var seen = waiting.filter(function (item) {
      var place = item.view.getDom().getBoundingClientRect();
      return place.bottom > 0 && place.top < window.innerHeight;
    });
    seen.forEach(function (item) { paintChart(item); waiting.splice(waiting.indexOf(item), 1); });
    (function next() {
      if (waiting.length === 0) {
        document.documentElement.dataset.charts = String(drawn.length);
        return;
      }
      paintChart(waiting.shift());
      setTimeout(next);
    })();
  }
  scheme.addEventListener("change", draw);

  // Numbers by size, other texts by letters; what is blank comes last either way.
  function compare(a, b, down) {
    var blankA = a === null || a === "", blankB = b === null || b === "";
    if (blankA || blankB) return blankA - blankB;
    var order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
    return down ? -order : order;
  }

  function cellValue(row, column) {
    var text = row.cells[column].textContent.trim();
    var match = /^[+\-−]?[\d,]*\.?\d+(e[+\-−]?\d+)?/i.exec(text);
    return match ? Number(match[0].replace(/,/g, "").replace(/−/g, "-")) : text;
  }

  // A click on a heading sorts a table by it, a second one the other way round.
  document.querySelectorAll("table").forEach(function (table) {
    var heads = table.tHead ? Array.from(table.tHead.rows[table.tHead.rows.length - 1].cells) : [];
    if (!table.tBodies.length || table.tBodies[0].rows.length < 2) return;
    heads.forEach(function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      while (head.firstChild) button.appendChild(head.firstChild);
      head.appendChild(button);
      button.addEventListener("click", function () {
        var down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        Array.from(table.tBodies[0].rows).map(function (row) { return { row: row, key: cellValue(row, column) }; })
          .sort(function (a, b) { return compare(a.key, b.key, down); })
          .forEach(function (item) { table.tBodies[0].appendChild(item.row); });
      });
    });
  });

  // A page of runs that still train loads itself again and comes back to where its reader was.
  var STATE = "adamant " + location.pathname;
  var parts = {}, kept = {};
  var every = Number(document.documentElement.dataset.reload || 0);
  try { kept = every ? JSON.parse(sessionStorage.getItem(STATE)) || {} : {}; } catch (e) { kept = {}; }
  function remember(name, save, restore) {
    parts[name] = save;
    if (name in kept) restore(kept[name]);
  }
  function save() {
    var state = {};
    Object.keys(parts).forEach(function (name) { state[name] = parts[name](); });
    try { sessionStorage.setItem(STATE, JSON.stringify(state)); } catch (e) { /* no storage: begins at the top */ }
  }

  document.querySelectorAll(".arm").forEach(function (button) {
    button.addEventListener("click", function () {
      var name = button.dataset.arm;
      if (!hidden.delete(name)) hidden.add(name);
      document.querySelectorAll(".arm").forEach(function (other) {
        if (other.dataset.arm === name) other.setAttribute("aria-pressed", String(!hidden.has(name)));
      });
      draw();
    });
  });
  remember("hidden", function () { return Array.from(hidden); }, function (names) {
    names.forEach(function (name) { hidden.add(name); });
    document.querySelectorAll(".arm").forEach(function (button) {
      button.setAttribute("aria-pressed", String(!hidden.has(button.dataset.arm)));
    });
  });
  // A page whose charts have each their own abscissa has no such box.
  var logBox = document.getElementById("logx");
  if (logBox) {
    logBox.addEventListener("change", function (event) {
      logX = event.target.checked;
      draw();
    });
    remember("logx", function () { return logX; }, function (on) { logX = logBox.checked = on; });
  }
  window.addEventListener("resize", function () {
    drawn.forEach(function (item) { item.view.resize(); });
  });

  function ready() { document.documentElement.dataset.ready = String(Math.round(performance.now())); }
  window.adamant = { axis: axis, colour: colour, compare: compare, escaped: escaped, number: number, paint: paint,
    ready: ready, remember: remember, scheme: scheme };
  drawInTurn();
  ready();
  if (every) {
    if ("scrollRestoration" in history) history.scrollRestoration = "manual";
    remember("scroll", function () { return window.scrollY; }, function (y) {
      window.addEventListener("load", function () { window.scrollTo({ top: y, behavior: "instant" }); });
    });
    window.addEventListener("pagehide", save);
    setTimeout(function () { save(); location.reload(); }, 1000 * every);
  }
})();
