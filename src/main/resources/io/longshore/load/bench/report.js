// Draws the charts from the data that stands in the page. What went wrong, if anything, and how many charts there are is
// left on the root element for whoever tests the page.
(() => {
  "use strict";

  const root = document.documentElement;
  addEventListener("error", (event) => { root.dataset.error = event.message; });

  const scenarios = JSON.parse(document.getElementById("data").textContent);
  const charts = [];
  const percentiles = new Map([
    [2, "50 %"], [10, "90 %"], [100, "99 %"], [1000, "99.9 %"], [10000, "99.99 %"],
    [100000, "99.999 %"], [1000000, "99.9999 %"],
  ]);

  const isOurs = (style) => style.startsWith("longshore");
  const isVariant = (style) => style.endsWith("-2");

  function colour(name) {
    return getComputedStyle(root).getPropertyValue("--" + name).trim();
  }

  function short(value) {
    return Number(value.toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 3 });
  }

  function withUnit(micros) {
    return micros >= 1e6 ? short(micros / 1e6) + " s" : micros >= 1000 ? short(micros / 1000) + " ms" : short(micros) + " µs";
  }

  function isRound(value) {
    return [1, 2, 5].includes(Number((value / 10 ** Math.floor(Math.log10(value))).toPrecision(6)));
  }

  function axis(title) {
    return {
      title: { display: true, text: title, color: colour("quiet") },
      grid: { color: colour("line") },
      border: { color: colour("line") },
      ticks: { color: colour("quiet") },
    };
  }

  function drawBars(canvas, scenario) {
    const bars = scenario.bars;
    canvas.parentElement.style.height = 64 + 34 * bars.length + "px";
    const dots = (values) => bars.flatMap((bar) => bar[values].map((x) => ({ x, y: bar.name })));
    const names = axis("");
    names.title.display = false;
    names.grid.display = false;
    names.ticks.color = (tick) => colour(isOurs(bars[tick.index].style) ? "ink" : "quiet");
    names.ticks.font = (tick) => ({ weight: isOurs(bars[tick.index].style) ? "bold" : "normal" });
    names.ticks.autoSkip = false;
    return new Chart(canvas, {
      data: {
        labels: bars.map((bar) => bar.name),
        datasets: [
          {
            type: "scatter", label: "round", data: dots("rounds"), radius: 3.5, hoverRadius: 5,
            backgroundColor: colour("paper"), borderColor: colour("ink"), borderWidth: 1.5, order: 0, clip: false,
          },
          {
            type: "scatter", label: "void round", data: dots("voided"), radius: 4.5, pointStyle: "crossRot", clip: false,
            borderColor: colour("ink"), borderWidth: 2, order: 0,
          },
          {
            type: "bar", label: "median", data: bars.map((bar) => bar.median ?? null), indexAxis: "y", order: 1,
            backgroundColor: bars.map((bar) => colour(bar.style)), barPercentage: 0.75, categoryPercentage: 1,
            maxBarThickness: 24, borderRadius: 2,
          },
        ],
      },
      options: {
        indexAxis: "y", animation: false, maintainAspectRatio: false, responsive: true,
        scales: {
          x: { type: "linear", beginAtZero: true, grace: "3%", ...axis(scenario.label) },
          y: { type: "category", labels: bars.map((bar) => bar.name), offset: true, ...names },
        },
        plugins: {
          legend: { display: false },
          tooltip: { callbacks: {
            title: (items) => items[0].dataset.type === "bar" ? items[0].label : items[0].raw.y,
            label: (item) => item.dataset.label + ": " + short(item.parsed.x),
          } },
        },
      },
    });
  }

  function drawCurves(canvas, scenario) {
    const reach = Math.max(...scenario.curves.flatMap((curve) => curve.points.map((point) => point[0])));
    const across = axis("share of the samples that are faster");
    const up = axis("latency");
    up.ticks.callback = (value) => isRound(value) ? withUnit(value) : null;
    return new Chart(canvas, {
      type: "line",
      data: {
        datasets: scenario.curves.map((curve) => ({
          label: curve.name,
          data: curve.points.filter(([x]) => x >= 2).map(([x, y]) => ({ x, y })),
          borderColor: colour(curve.style), backgroundColor: colour(curve.style),
          borderWidth: isOurs(curve.style) ? 3.5 : 2,
          borderDash: isVariant(curve.style) ? [7, 4] : curve.style === "direct" ? [2, 3] : [],
          order: isOurs(curve.style) ? 0 : 1,
          pointRadius: 0, pointHitRadius: 8,
        })),
      },
      options: {
        animation: false, maintainAspectRatio: false, responsive: true,
        interaction: { mode: "nearest", intersect: false },
        scales: {
          x: {
            type: "logarithmic", min: 2, max: Math.max(reach, 10), ...across,
            afterBuildTicks: (scale) => {
              scale.ticks = [...percentiles.keys()].filter((value) => value <= scale.max).map((value) => ({ value }));
            },
            ticks: { ...across.ticks, callback: (value) => percentiles.get(value), autoSkip: true, maxRotation: 0 },
          },
          y: { type: "logarithmic", ...up },
        },
        plugins: {
          legend: { labels: { color: colour("ink"), boxWidth: 32, boxHeight: 0,
            sort: (a, b) => a.datasetIndex - b.datasetIndex } },
          tooltip: { callbacks: {
            title: (items) => short(100 * (1 - 1 / items[0].parsed.x)) + " % are faster",
            label: (item) => item.dataset.label + ": " + withUnit(item.parsed.y),
          } },
        },
      },
    });
  }

  function draw() {
    charts.splice(0).forEach((chart) => chart.destroy());
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.font.size = 13;
    for (const scenario of scenarios) {
      const bars = document.getElementById(scenario.id + "-bars");
      const curves = document.getElementById(scenario.id + "-curves");
      if (bars) {
        charts.push(drawBars(bars, scenario));
      }
      if (curves) {
        charts.push(drawCurves(curves, scenario));
      }
    }
    root.dataset.charts = charts.length;
  }

  if (matchMedia("(max-width: 80rem)").matches) {
    document.querySelector("nav details").open = false;
  }
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
