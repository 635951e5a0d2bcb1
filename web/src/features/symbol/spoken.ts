/** The chart in words, for who does not see it. */
import type { Bar } from "@/charts/candles/bars";
import { band, quantile } from "@/charts/fan/fan";
import type { TrackSignal } from "@/features/symbol/data";
import type { Foretold } from "@/features/symbol/fans";
import { outcomeOf } from "@/features/symbol/outcome";
import { count, direction, price } from "@/lib/format";
import { short, zoneLabel } from "@/lib/time";

interface Told {
  name: string;
  bars: readonly Bar[];
  decimals: number;
  timeZone: string;
}

export const at = (time: number, timeZone: string): string => {
  const date = new Date(time * 1000);
  return `${short(date, timeZone)} ${zoneLabel(date, timeZone)}`;
};

/** `EURUSD 1h, 116 bars, last close …, forecast median up, 90 % between … and …`. */
export function spokenChart({ name, bars, decimals, timeZone }: Told, foretold: Foretold | null) {
  const last = bars.at(-1);
  if (!last) return `${name}, no bars`;
  const said = [
    `${name}, ${count(bars.length)} bars`,
    `last close ${price(last.close, decimals)} at ${at(last.time, timeZone)}`,
  ];
  const wide = foretold && band(foretold.fan, 0.9);
  const median = foretold && quantile(foretold.fan, 0.5);
  if (foretold && wide && median !== null) {
    const { word } = direction(median - foretold.fan.price);
    said.push(
      `forecast of ${foretold.member} median ${word === "none" ? "unchanged" : word} at ${price(median, decimals)}`,
      `90 % between ${price(wide.low, decimals)} and ${price(wide.high, decimals)} in ${foretold.fan.bars} bars`,
    );
  }
  return said.join(", ");
}

/** The bar under the cursor. */
export function spokenBar(
  { bars, decimals, timeZone }: Told,
  place: number,
  signal: TrackSignal | undefined,
): string {
  const bar = bars[place];
  if (!bar) return "";
  const write = (value: number) => price(value, decimals);
  const side = bar.close > bar.open ? "up" : bar.close < bar.open ? "down" : "unchanged";
  const parts = [
    `Bar ${count(place + 1)} of ${count(bars.length)}, closed ${at(bar.time, timeZone)}`,
    `${side}, open ${write(bar.open)}, high ${write(bar.high)}, low ${write(bar.low)}, close ${write(bar.close)}`,
  ];
  if (signal) {
    const tier = signal.tier ?? "no evidence";
    parts.push(
      `signal ${signal.decision}, conviction ${count(signal.conviction)} ${tier.toLowerCase()}`,
    );
    const came = outcomeOf(signal);
    if (came) parts.push(came);
  }
  return `${parts.join("; ")}.`;
}
