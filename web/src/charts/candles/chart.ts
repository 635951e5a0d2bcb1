/** The chart itself: candles, two panes under them and what is drawn over, without React. */
import {
  CandlestickSeries,
  createChart,
  HistogramSeries,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  LineSeries,
  type SeriesType,
  type UTCTimestamp,
} from "lightweight-charts";

import { type Bar, changedFrom, exactly } from "@/charts/candles/bars";
import { candleLook, chartLook, timeLook } from "@/charts/candles/look";
import { Overlay } from "@/charts/candles/overlay";
import type { Palette } from "@/charts/candles/palette";
import { NOTHING, type Scene } from "@/charts/candles/scene";
import { count } from "@/lib/format";

export interface Pane {
  /** What it shows; stands in its corner. */
  title: string;
  values: readonly { time: number; value: number | null; strength?: 1 | 2 | 3 }[];
  /** Lines that stand for something: from where a tier counts, 30 and 70 of an RSI. */
  lines: readonly { value: number; text: string }[];
  decimals: number;
}

export interface Shown {
  bars: readonly Bar[];
  scene: Scene;
  conviction: Pane;
  indicator: Pane;
  decimals: number;
  timeZone: string;
  palette: Palette;
  /** Closes still to come, where they are known, so that the axis names them. */
  ahead: readonly number[];
}

const DRAWN = "assay:candles";
const SPACING = 9;
const AIR = 6;

export class CandleChart {
  readonly api: IChartApi;
  private readonly candles: ISeriesApi<"Candlestick">;
  private readonly conviction: ISeriesApi<"Histogram">;
  private readonly indicator: ISeriesApi<"Line">;
  private readonly future: ISeriesApi<"Line">;
  private readonly overlays: readonly Overlay[];
  private lines: readonly (readonly [ISeriesApi<SeriesType>, IPriceLine])[] = [];
  private shown: Shown;

  constructor(place: HTMLElement, start: Pick<Shown, "palette" | "timeZone">) {
    const empty: Pane = { title: "", values: [], lines: [], decimals: 0 };
    this.shown = {
      bars: [],
      scene: NOTHING,
      conviction: empty,
      indicator: empty,
      decimals: 0,
      ahead: [],
      ...start,
    };
    this.api = createChart(place, {
      ...chartLook(start.palette),
      autoSize: true,
      handleScroll: { vertTouchDrag: false }, // a finger up and down moves the page
      timeScale: {
        timeVisible: true,
        barSpacing: SPACING,
        minBarSpacing: 0.05,
        rightOffset: AIR,
        allowShiftVisibleRangeOnWhitespaceReplacement: true,
      },
      rightPriceScale: { minimumWidth: 76, borderColor: start.palette.hair },
    });
    this.candles = this.api.addSeries(CandlestickSeries, {}, 0);
    const plain = { priceLineVisible: false, crosshairMarkerVisible: false };
    this.future = this.api.addSeries(LineSeries, { ...plain, lastValueVisible: false }, 0);
    this.conviction = this.api.addSeries(
      HistogramSeries,
      {
        ...plain,
        autoscaleInfoProvider: () => ({ priceRange: { minValue: 0, maxValue: 100 } }),
        priceFormat: {
          type: "custom",
          minMove: 1,
          formatter: (x: number) => (x > 100 ? "" : count(x)),
        },
      },
      1,
    );
    this.indicator = this.api.addSeries(LineSeries, { ...plain, lineWidth: 1 }, 2);
    [72, 14, 14].forEach((share, n) => this.api.panes()[n]?.setStretchFactor(share));
    this.overlays = [true, false, false].map((isWhole) => new Overlay(start.palette, isWhole));
    const series = [this.candles, this.conviction, this.indicator] as const;
    series.forEach((one, n) => one.attachPrimitive(this.overlays[n] as Overlay));
    this.conviction.priceScale().applyOptions({ scaleMargins: { top: 0.2, bottom: 0 } });
    this.indicator.priceScale().applyOptions({ scaleMargins: { top: 0.2, bottom: 0.1 } });
    this.recolour(start.palette);
    this.api.applyOptions(timeLook(start.timeZone));
  }

  /** Show what is there now; only what has changed is handed on. */
  show(next: Shown): void {
    const before = this.shown;
    this.shown = next;
    if (next.decimals !== before.decimals) {
      const minMove = 10 ** -next.decimals;
      this.candles.applyOptions({
        priceFormat: { type: "price", precision: next.decimals, minMove },
      });
    }
    if (next.palette !== before.palette) this.recolour(next.palette);
    if (next.timeZone !== before.timeZone) this.api.applyOptions(timeLook(next.timeZone));
    if (next.bars !== before.bars) this.showBars(before.bars, next.bars);
    this.showAhead(next.ahead);
    const isOther = next.palette !== before.palette || next.bars !== before.bars;
    if (isOther || next.conviction !== before.conviction) this.showConviction(next);
    if (isOther || next.indicator !== before.indicator) this.showIndicator(next);
    if (isOther || next.conviction !== before.conviction || next.indicator !== before.indicator) {
      this.showLines(next);
    }
    this.candles.applyOptions({ lastValueVisible: next.scene.levels.length === 0 });
    const titles = ["", next.conviction.title, next.indicator.title];
    this.overlays.forEach((one, n) => one.show({ ...next, title: titles[n] ?? "" }));
  }

  /** Go to the newest bar, with room for what is foretold. */
  toNow(ahead: number): void {
    this.api.timeScale().applyOptions({ rightOffset: AIR + ahead });
    this.api.timeScale().applyOptions({ barSpacing: SPACING });
    this.api.timeScale().scrollToRealTime();
  }

  /** Whether the newest bar is in sight. */
  isAtNow(): boolean {
    return this.api.timeScale().scrollPosition() >= 0;
  }

  /** Bring a bar into sight, if it is not. */
  reveal(time: number): void {
    const place = exactly(this.shown.bars, time);
    const range = this.api.timeScale().getVisibleLogicalRange();
    if (place < 0 || !range || (place >= range.from && place <= range.to)) return;
    const wide = range.to - range.from;
    const from = place < range.from ? place - wide * 0.1 : place - wide * 0.9;
    this.api.timeScale().setVisibleLogicalRange({ from, to: from + wide });
  }

  /** When the bar at a place closed, or the nearest one did. */
  closeNear(place: number): number | undefined {
    const { bars } = this.shown;
    return bars[Math.min(bars.length - 1, Math.max(0, Math.floor(place)))]?.time;
  }

  close(): void {
    this.api.remove();
  }

  private showBars(before: readonly Bar[], bars: readonly Bar[]): void {
    const from = changedFrom(before, bars);
    if (from !== null) {
      for (const bar of bars.slice(from)) this.candles.update(candle(bar));
      return;
    }
    const start = performance.now();
    this.candles.setData(bars.map(candle));
    // the chart draws in the next frame, and this is called after it in the same one
    requestAnimationFrame(() =>
      performance.measure(DRAWN, { start, detail: { bars: bars.length } }),
    );
  }

  private showAhead(ahead: readonly number[]): void {
    this.future.setData(ahead.map((time) => ({ time: time as UTCTimestamp })));
  }

  private showConviction({ conviction, palette }: Shown): void {
    const inks = { 1: palette.control, 2: palette.ink3, 3: palette.ink1 };
    this.conviction.setData(
      conviction.values.map(({ time, value, strength = 1 }) =>
        value === null
          ? { time: time as UTCTimestamp }
          : { time: time as UTCTimestamp, value, color: inks[strength] },
      ),
    );
  }

  private showIndicator({ indicator }: Shown): void {
    this.indicator.setData(
      indicator.values.map(({ time, value }) =>
        value === null ? { time: time as UTCTimestamp } : { time: time as UTCTimestamp, value },
      ),
    );
  }

  private showLines({ conviction, indicator, palette }: Shown): void {
    for (const [series, line] of this.lines) series.removePriceLine(line);
    const drawn = (series: ISeriesApi<SeriesType>, pane: Pane) => {
      const minMove = 10 ** -pane.decimals;
      if (series === this.indicator) {
        series.applyOptions({ priceFormat: { type: "price", precision: pane.decimals, minMove } });
      }
      return pane.lines.map(({ value, text }) => {
        const options = {
          price: value,
          title: text,
          color: palette.control,
          lineWidth: 1 as const,
        };
        return [series, series.createPriceLine({ ...options, axisLabelVisible: false })] as const;
      });
    };
    this.lines = [...drawn(this.conviction, conviction), ...drawn(this.indicator, indicator)];
  }

  private recolour(palette: Palette): void {
    this.api.applyOptions(chartLook(palette));
    this.candles.applyOptions(candleLook(palette));
    this.indicator.applyOptions({ color: palette.ink2 });
    this.conviction.applyOptions({ color: palette.ink3 });
  }
}

const candle = ({ time, open, high, low, close }: Bar) => ({
  time: time as UTCTimestamp,
  open,
  high,
  low,
  close,
});
