/** How the chart looks, from the tokens, and how it writes times in the chosen zone. */
import {
  type CandlestickSeriesPartialOptions,
  type ChartOptions,
  ColorType,
  CrosshairMode,
  type DeepPartial,
  LineStyle,
  TickMarkType,
  type Time,
} from "lightweight-charts";

import type { Palette } from "@/charts/candles/palette";
import { clock, day, short, zoneLabel } from "@/lib/time";

/** The options that follow the theme. */
export function chartLook(palette: Palette): DeepPartial<ChartOptions> {
  const cross = {
    color: palette.control,
    style: LineStyle.Dashed,
    width: 1 as const,
    labelBackgroundColor: palette.control,
  };
  return {
    layout: {
      background: { type: ColorType.Solid, color: palette.panel },
      textColor: palette.ink3,
      fontSize: 11,
      fontFamily: '"Inter Variable", system-ui, sans-serif',
      attributionLogo: false, // its style is set in a way that our content policy forbids; see below
      panes: { separatorColor: palette.hair, separatorHoverColor: palette.raised },
    },
    grid: { vertLines: { color: palette.grid }, horzLines: { color: palette.grid } },
    crosshair: { mode: CrosshairMode.Normal, vertLine: cross, horzLine: cross },
    rightPriceScale: { borderColor: palette.hair },
    timeScale: { borderColor: palette.hair },
  };
}

/** Up is hollow, down is filled: the side is seen without its colour. */
export function candleLook(palette: Palette): CandlestickSeriesPartialOptions {
  return {
    upColor: palette.panel,
    downColor: palette.down,
    borderVisible: true,
    borderUpColor: palette.up,
    borderDownColor: palette.down,
    wickUpColor: palette.up,
    wickDownColor: palette.down,
    priceLineVisible: false,
    priceLineColor: palette.control, // of the label on the axis; a hollow candle has no colour for it
  };
}

const date = (time: Time) => new Date((time as number) * 1000);

/** The time axis in a zone; days are told with their hour where they do not begin at midnight. */
export function timeLook(timeZone: string): DeepPartial<ChartOptions> {
  return {
    localization: {
      timeFormatter: (time: Time) =>
        `${short(date(time), timeZone)} ${zoneLabel(date(time), timeZone)}`,
    },
    timeScale: {
      tickMarkFormatter: (time: Time, type: TickMarkType) => tick(date(time), type, timeZone),
    },
  };
}

function tick(at: Date, type: TickMarkType, timeZone: string): string {
  const isUtc = timeZone === "UTC";
  if (type === TickMarkType.Year) return String(at.getUTCFullYear());
  if (type === TickMarkType.Month) return day(at, timeZone);
  if (type === TickMarkType.DayOfMonth) {
    return isUtc ? day(at, timeZone) : `${day(at, timeZone)} ${clock(at, timeZone)}`;
  }
  return clock(at, timeZone);
}
