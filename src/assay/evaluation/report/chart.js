/* Trades on candles: the overview by day, one trade bar by bar, a list that leads to each. */
(() => {
  "use strict";
  const L = window.LightweightCharts;
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("chart-data").textContent);
  const all = data.trades;
  const trades = all.number.map((_, n) =>
    Object.fromEntries(Object.keys(all).map((name) => [name, all[name][n]])));
  const DAY = 86400;
  const step = data.overview === "week" ? 7 : 1;
  let picked = null;
  let pane = null;

  document.documentElement.classList.add("scripted");
  $("stage").hidden = false;

  const { candles, colours } = window.AssayCandles;
  const chart = window.AssayCandles.chart($("chart"));
  const series = chart.addSeries(L.CandlestickSeries, { priceLineVisible: false });
  const quiet = {
    lastValueVisible: false, priceLineVisible: false, crosshairMarkerVisible: false, lineWidth: 2,
  };
  const lines = {
    stop: chart.addSeries(L.LineSeries, { ...quiet, lineStyle: L.LineStyle.Dashed }),
    target: chart.addSeries(L.LineSeries, { ...quiet, lineStyle: L.LineStyle.Dashed }),
    entry: chart.addSeries(L.LineSeries, { ...quiet, lineStyle: L.LineStyle.Dotted }),
    way: chart.addSeries(L.LineSeries, { ...quiet, lineWidth: 1 }),
  };
  const marks = L.createSeriesMarkers(series, []);

  function paint() {
    const c = window.AssayCandles.paint(chart, series);
    lines.stop.applyOptions({ color: c.bad });
    lines.target.applyOptions({ color: c.good });
    lines.entry.applyOptions({ color: c.c });
    lines.way.applyOptions({ color: c.ink });
    if (pane) pane.applyOptions({ lineColor: c.a, topColor: c.a + "55", bottomColor: c.a + "08" });
    draw();
  }

  const symbol = () => Number($("chart-symbol").value);
  const kind = () => $("chart-kind").value;
  const listed = () => trades.filter((trade) =>
    trade.symbol === symbol() && (kind() === "all" || trade.kind === kind()));
  const won = (trade) => trade.pnl > 0;
  const sided = (trade) => (trade.side > 0 ? "long" : "short");
  const signed = (value, digits) =>
    (value < 0 ? "−" : "+") + Math.abs(value).toFixed(digits);
  const clock = (seconds) =>
    new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ");
  const price = (ticks) => {
    const one = data.instruments[symbol()];
    return (ticks * one.tick).toFixed(one.digits);
  };

  function equity(times) {
    const rows = [];
    let at = 0;
    for (const time of times) {
      const until = time / DAY + step;
      let last = null;
      while (at < data.days.length && data.days[at] < until) last = data.equity[at++];
      if (last !== null) rows.push({ time, value: last / data.exact });
    }
    return rows;
  }

  function decimals(one) {
    series.applyOptions({
      priceFormat: { type: "price", precision: one.digits, minMove: one.tick },
    });
  }

  function overview() {
    const one = data.instruments[symbol()];
    const c = colours();
    const rows = candles(one.candles, DAY, one.tick);
    for (const name of Object.keys(lines)) lines[name].setData([]);
    decimals(one);
    series.setData(rows);
    if (!pane) {
      pane = chart.addSeries(L.AreaSeries, {
        priceLineVisible: false, lineWidth: 2, title: "equity", lineColor: c.a,
        topColor: c.a + "55", bottomColor: c.a + "08",
        priceFormat: { type: "price", precision: 4, minMove: 0.0001 },
      }, 1);
      chart.panes()[0].setStretchFactor(3);
      chart.panes()[1].setStretchFactor(1);
    }
    pane.setData(equity(rows.map((row) => row.time)));
    const times = rows.map((row) => row.time);
    const near = (seconds) => {
      let low = 0;
      let high = times.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (times[middle] <= seconds) low = middle; else high = middle - 1;
      }
      return times[low];
    };
    marks.setMarkers(listed().map((trade) => ({
      id: String(trade.number), time: near(trade.entered),
      position: trade.side > 0 ? "belowBar" : "aboveBar",
      shape: trade.side > 0 ? "arrowUp" : "arrowDown",
      color: won(trade) ? c.good : c.bad, size: 1,
    })));
    chart.timeScale().applyOptions({ timeVisible: false });
    chart.timeScale().fitContent();
    $("chart-about").textContent =
      `${one.symbol}, candles of one ${data.overview}: ${listed().length} trades shown; arrows are ` +
      "entries, green for those that won. Beneath, the equity of the whole account." +
      (data.simulated ? " Simulated." : "");
  }

  function detail(trade) {
    const one = data.instruments[trade.symbol];
    const c = colours();
    const rows = candles(trade.window, 60, one.tick);
    if (pane) { chart.removeSeries(pane); pane = null; }
    for (const name of Object.keys(lines)) lines[name].setData([]);
    decimals(one);
    series.setData(rows);
    const after = rows.find((row) => row.time > trade.left);
    const end = trade.left > trade.entered ? trade.left : after ? after.time : null;
    if (end !== null) {
      for (const name of ["stop", "target", "entry"]) {
        const value = trade[name] * one.tick;
        lines[name].setData([{ time: trade.entered, value }, { time: end, value }]);
      }
      lines.way.setData([
        { time: trade.entered, value: trade.entry * one.tick },
        { time: end, value: trade.exit * one.tick },
      ]);
    }
    const up = trade.side > 0;
    marks.setMarkers([
      { time: trade.entered, position: up ? "belowBar" : "aboveBar",
        shape: up ? "arrowUp" : "arrowDown", color: c.a,
        text: `${up ? "bought" : "sold"} ${price(trade.entry)}` },
      { time: trade.left, position: up ? "aboveBar" : "belowBar", shape: "circle",
        color: won(trade) ? c.good : c.bad, text: `${trade.reason} ${price(trade.exit)}` },
    ].sort((p, q) => p.time - q.time));
    chart.timeScale().applyOptions({ timeVisible: true });
    chart.timeScale().fitContent();
    const odd = [trade.ambiguous && "a bar reached both levels", trade.gapped && "gap beyond the stop"]
      .filter(Boolean);
    $("chart-about").textContent =
      `${one.symbol} ${sided(trade)}, ${clock(trade.entered)} to ${clock(trade.left)} UTC, ` +
      `${trade.bars} bars: in at ${price(trade.entry)}, stop ${price(trade.stop)}, target ` +
      `${price(trade.target)}, out at ${price(trade.exit)} by ${trade.reason}; ` +
      `${signed(trade.r, 2)} R, ${signed(trade.share, 2)} % of the equity at the start. ` +
      `P(up) ${(trade.probability * 100).toFixed(1)} %, conviction ${Math.round(trade.score)}, ` +
      `${trade.tier}.${odd.length ? ` ${odd.join("; ")}.` : ""}` +
      (data.simulated ? " Simulated." : "");
  }

  /* Says in the page what span is seen; other bars at the same places raise no event. */
  function shown() {
    const range = chart.timeScale().getVisibleRange();
    $("stage").dataset.from = range ? range.from : "";
    $("stage").dataset.to = range ? range.to : "";
  }

  function draw() {
    if (picked === null) overview(); else detail(picked);
    requestAnimationFrame(shown);
  }

  function pick(trade) {
    picked = trade;
    draw();
    for (const row of $("chart-list").rows) {
      const is = trade !== null && row.dataset.number === String(trade.number);
      row.classList.toggle("strong", is);
      row.firstChild.firstChild.setAttribute("aria-pressed", String(is));
      if (is) {
        const box = row.closest(".list");
        box.scrollTop = Math.max(0, row.offsetTop - box.clientHeight / 2);
      }
    }
    $("stage").dataset.picked = trade === null ? "" : String(trade.number);
  }

  function list() {
    const body = $("chart-list");
    body.replaceChildren(...listed().map((trade) => {
      const row = document.createElement("tr");
      row.dataset.number = trade.number;
      const jump = document.createElement("button");
      jump.type = "button";
      jump.textContent = clock(trade.entered);
      const cells = [jump, sided(trade), signed(trade.r, 2), signed(trade.share, 2),
        trade.reason];
      cells.forEach((content, n) => {
        const cell = document.createElement("td");
        if (n === 2 || n === 3) cell.className = won(trade) ? "n good" : "n bad";
        cell.append(content);
        if (n === 4 && trade.kind !== "sample") {
          const told = document.createElement("small");
          told.textContent = ` ${trade.kind}`;
          cell.append(told);
        }
        row.append(cell);
      });
      row.addEventListener("click", () => pick(trade));
      return row;
    }));
  }

  function move(by) {
    const some = listed();
    if (!some.length) return;
    const at = some.indexOf(picked);
    pick(some[at < 0 ? (by > 0 ? 0 : some.length - 1) : (at + by + some.length) % some.length]);
  }

  data.instruments.forEach((one, n) => {
    const count = trades.filter((trade) => trade.symbol === n).length;
    $("chart-symbol").add(new Option(`${one.symbol} (${count})`, n));
  });
  const counts = data.instruments.map((_, n) => trades.filter((t) => t.symbol === n).length);
  $("chart-symbol").value = counts.indexOf(Math.max(...counts));
  const again = () => { list(); pick(null); };
  $("chart-symbol").addEventListener("change", again);
  $("chart-kind").addEventListener("change", again);
  $("chart-whole").addEventListener("click", () => pick(null));
  $("chart-before").addEventListener("click", () => move(-1));
  $("chart-next").addEventListener("click", () => move(1));
  $("chart-list").addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    move(by);
    $("chart-list").querySelector("tr.strong button")?.focus();
  });
  chart.subscribeClick((at) => {
    if (picked !== null || !at.time) return;
    const named = listed().find((trade) => String(trade.number) === at.hoveredObjectId);
    if (named) pick(named);
  });
  chart.timeScale().subscribeVisibleLogicalRangeChange(shown);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  paint();
  again();
})();
