// The table and the curves of every run of a large study. Both show what the filter leaves.
(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("runs-data").textContent);
  var page = window.adamant;
  var form = document.getElementById("runs-filter");
  var box = document.getElementById("runs-table");
  var ARM = 0, SETTING = 1, RATE = 2, SEED = 3, STATUS = 4, LOSS = 5, STEPS = 6, XS = 7, YS = 8;
  var COLUMNS = [["arm", ARM], ["setting", SETTING], ["rate", RATE], ["seed", SEED], ["status", STATUS],
    ["validation loss", LOSS], ["steps", STEPS]];
  var PART = 100; // rows that are added to the table at a time
  var order = { by: LOSS, down: false };
  var shown = [], rows = PART, chosen = -1;

  var lines = data.runs.map(function (run) {
    var x = 0;
    return run[XS].map(function (step, i) { x += step; return [x, run[YS][i]]; });
  });
  var starts = data.runs.map(function (run) { return run[YS].length ? run[YS][0] : 0; });
  var top = 1.5 * Math.max.apply(null, starts);
  var last = Math.max.apply(null, data.runs.map(function (run) { return run[STEPS]; }));

  function value(run, column) {
    return column === ARM ? data.arms[run[ARM]][0] : column === SETTING ? data.settings[run[SETTING]] : run[column];
  }

  function filtered() {
    var low = parseFloat(form.elements.low.value), high = parseFloat(form.elements.high.value);
    var words = form.elements.setting.value.trim().split(/\s+/).filter(Boolean);
    var list = [];
    data.runs.forEach(function (run, i) {
      if (form.elements.arm.value && value(run, ARM) !== form.elements.arm.value) return;
      if (form.elements.status.value && run[STATUS] !== form.elements.status.value) return;
      // The table shows four digits of a rate; one that is typed like that means the run.
      if (run[RATE] < low * (1 - 5e-4) || run[RATE] > high * (1 + 5e-4)) return;
      var setting = value(run, SETTING).split(" ");
      if (words.every(function (word) {
        // A whole KEY=VALUE must be equal: beta2=0.9 is not beta2=0.95.
        return word.indexOf("=") > 0 ? setting.indexOf(word) >= 0 : setting.join(" ").indexOf(word) >= 0;
      })) list.push(i);
    });
    return list.sort(function (a, b) {
      return page.compare(value(data.runs[a], order.by), value(data.runs[b], order.by), order.down) || a - b;
    });
  }

  function table() {
    var html = "<table><thead><tr>";
    COLUMNS.forEach(function (column) {
      var sorted = column[1] !== order.by ? "" : " aria-sort='" + (order.down ? "descending" : "ascending") + "'";
      html += "<th scope='col'" + (column[1] < RATE || column[1] === STATUS ? "" : " class='n'") + sorted +
        "><button type='button' class='sort' data-by='" + column[1] + "'>" + column[0] + "</button></th>";
    });
    html += "</tr></thead><tbody>";
    shown.slice(0, rows).forEach(function (i) {
      var run = data.runs[i];
      html += "<tr tabindex='0' data-run='" + i + "'><th scope='row'>" + page.escaped(value(run, ARM)) + "</th><td>" +
        page.escaped(value(run, SETTING)) + "</td><td class='n'>" + page.number(run[RATE]) + "</td><td class='n'>" + run[SEED] +
        "</td><td>" + run[STATUS] + "</td><td class='n'>" + (run[LOSS] === null ? "" : run[LOSS].toFixed(4)) +
        "</td><td class='n'>" + run[STEPS] + "</td></tr>";
    });
    html += "</tbody></table>";
    if (shown.length > rows) {
      html += "<button type='button' id='runs-more'>Show " + Math.min(PART, shown.length - rows) + " more of " +
        (shown.length - rows) + "</button>";
    }
    box.innerHTML = html;
  }

  var view = echarts.init(document.getElementById("runs-chart"), null, { renderer: "canvas" });

  function option() {
    // One series an arm: a thousand series of their own would take seconds.
    var series = data.arms.map(function (arm, a) {
      return { type: "lines", coordinateSystem: "cartesian2d", polyline: true, silent: true, animation: false, clip: true,
        lineStyle: { color: page.colour({ colour: arm[1] }), width: 1, opacity: shown.length > 200 ? 0.25 : 0.6 },
        data: shown.filter(function (i) { return data.runs[i][ARM] === a && lines[i].length > 1; }).map(function (i) {
          return { coords: lines[i].filter(function (p) { return p[1] !== null; }) };
        }) };
    });
    if (chosen >= 0) {
      series.push({ type: "line", data: lines[chosen], symbol: "none", silent: true, animation: false, z: 5,
        lineStyle: { color: page.paint("ink"), width: 2.5 } });
    }
    return {
      animation: false,
      grid: { left: 68, right: 24, top: 16, bottom: 48 },
      xAxis: page.axis({ caption: "step", log: false, min: 0, max: last }, "x"),
      yAxis: page.axis({ caption: "training loss (nats per token)", log: false, max: top,
        min: Math.floor(data.runs.reduce(function (low, run) {
          return run[YS].reduce(function (a, b) { return b === null ? a : Math.min(a, b); }, low);
        }, top)) }, "y"),
      series: series
    };
  }

  function draw() { view.setOption(option(), { notMerge: true }); }

  function keys() {
    document.getElementById("runs-keys").innerHTML = data.arms.map(function (arm) {
      return "<span class='key'><span class='chip' style='background:" + page.colour({ colour: arm[1] }) + "'></span>" +
        page.escaped(arm[0]) + "</span>";
    }).join("");
  }

  function update() {
    shown = filtered();
    chosen = -1;
    rows = PART;
    document.getElementById("runs-count").textContent = shown.length.toLocaleString("en") + " of " +
      data.runs.length.toLocaleString("en") + " runs";
    table();
    draw();
  }

  function choose(event) {
    var row = event.target.closest("tr[data-run]");
    if (!row || Number(row.dataset.run) === chosen) return;
    chosen = Number(row.dataset.run);
    draw();
  }

  form.hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("input", update);
  form.addEventListener("reset", function () { setTimeout(update); });
  box.addEventListener("focusin", choose);
  box.addEventListener("click", function (event) {
    choose(event);
    var by = event.target.dataset.by;
    if (by !== undefined) {
      order = { by: Number(by), down: order.by === Number(by) && !order.down };
      update();
      box.querySelector("[data-by='" + by + "']").focus();
    }
    if (event.target.id === "runs-more") {
      var first = rows;
      rows += PART;
      table();
      box.querySelectorAll("tr[data-run]")[first].focus();
    }
  });
  page.scheme.addEventListener("change", function () { keys(); draw(); });
  window.addEventListener("resize", function () { view.resize(); });
  page.remember("runs", function () { return { order: order, filter: Array.from(new FormData(form)) }; }, function (state) {
    order = state.order;
    state.filter.forEach(function (pair) { if (form.elements[pair[0]]) form.elements[pair[0]].value = pair[1]; });
  });
  keys();
  update();
  document.documentElement.dataset.runs = String(shown.length);
  page.ready();
})();
