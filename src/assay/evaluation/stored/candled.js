/* Stored bars as candles: a missing bar keeps its place, a flagged one has a mark. */
(() => {
  "use strict";
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("candle-data").textContent);
  const { candles } = window.AssayCandles;
  const MINUTE = 60;
  const BESIDE = 40;

  document.documentElement.classList.add("scripted");
  $("stage").hidden = false;
  const bars = candles(data.candles, MINUTE, data.tick);
  const blanks = data.missing.map((minute) => ({ time: minute * MINUTE }));
  const rows = [...bars, ...blanks].sort((p, q) => p.time - q.time);
  const chart = window.AssayCandles.chart($("candles"));
  const series = chart.addSeries(window.LightweightCharts.CandlestickSeries, {
    priceLineVisible: false,
    priceFormat: { type: "price", precision: data.digits, minMove: data.tick },
  });
  const marks = window.LightweightCharts.createSeriesMarkers(series, []);
  const about = new Map();
  let place = 0;
  for (const mark of data.marks) {
    while (place < bars.length - 1 && bars[place].time < mark.time) place += 1;
    const at = bars[place].time;
    const some = about.get(at) || { gap: [], flaw: [] };
    some[mark.kind].push(mark.text);
    about.set(at, some);
  }

  function paint() {
    const c = window.AssayCandles.paint(chart, series);
    const few = data.marks.length <= BESIDE;
    marks.setMarkers([...about].flatMap(([time, some]) => [
      ...(some.gap.length ? [{ time, position: "belowBar", shape: "square", color: c.b,
        text: few ? some.gap.join(", ") : "" }] : []),
      ...(some.flaw.length ? [{ time, position: "aboveBar", shape: "circle", color: c.ink,
        text: few ? some.flaw.join(", ") : "" }] : []),
    ]));
  }

  const told = () => {
    const range = chart.timeScale().getVisibleRange();
    $("stage").dataset.from = range ? range.from : "";
    $("stage").dataset.to = range ? range.to : "";
  };
  const whole = () => { chart.timeScale().fitContent(); requestAnimationFrame(told); };

  function go(button) {
    const time = Number(button.dataset.time);
    let at = rows.findIndex((row) => row.time >= time);
    if (at < 0) at = rows.length - 1;
    chart.timeScale().setVisibleLogicalRange({ from: at - BESIDE, to: at + BESIDE });
    for (const one of document.querySelectorAll("button.go")) {
      one.setAttribute("aria-pressed", String(one === button));
    }
    requestAnimationFrame(told);
  }

  series.setData(rows);
  chart.timeScale().applyOptions({ timeVisible: data.intraday });
  chart.timeScale().subscribeVisibleLogicalRangeChange(told);
  for (const button of document.querySelectorAll("button.go")) {
    button.addEventListener("click", () => go(button));
  }
  $("whole").addEventListener("click", whole);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  paint();
  whole();
})();
