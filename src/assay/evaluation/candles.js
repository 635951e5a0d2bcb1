/* What pages with candles share: candles out of short integers, and the colours of the page. */
window.AssayCandles = {
  candles(numbers, unit, tick) {
    const rows = [];
    let time = numbers[0];
    let close = numbers[1];
    for (let n = 2; n < numbers.length; n += 5) {
      time += numbers[n];
      const open = close + numbers[n + 1];
      close = open + numbers[n + 2];
      rows.push({
        time: time * unit,
        open: open * tick,
        high: (Math.max(open, close) + numbers[n + 3]) * tick,
        low: (Math.min(open, close) - numbers[n + 4]) * tick,
        close: close * tick,
      });
    }
    return rows;
  },

  colours() {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(name).trim();
    return {
      ink: of("--ink"), soft: of("--soft"), card: of("--card"), rule: of("--rule"), a: of("--a"),
      b: of("--b"), c: of("--c"), good: `rgb(${of("--good")})`, bad: `rgb(${of("--bad")})`,
    };
  },

  /* A chart in the page's own manner; `paint` gives it the colours of now. */
  chart(holder) {
    const chart = window.LightweightCharts.createChart(holder, {
      autoSize: true,
      layout: { attributionLogo: true, panes: { separatorColor: "#8884" } },
      rightPriceScale: { borderVisible: false },
      timeScale: { borderVisible: false, rightOffset: 2 },
      localization: { locale: "en-GB" },
    });
    return chart;
  },

  paint(chart, series) {
    const c = this.colours();
    chart.applyOptions({
      layout: { background: { color: c.card }, textColor: c.soft },
      grid: { vertLines: { color: c.rule }, horzLines: { color: c.rule } },
    });
    series.applyOptions({
      upColor: c.good, downColor: c.bad, wickUpColor: c.good, wickDownColor: c.bad,
      borderVisible: false,
    });
    return c;
  },
};
