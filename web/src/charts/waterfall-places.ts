/** Where the bars of an evidence waterfall stand, and figures that add up as they are printed. */
import { number, percent, signed } from "@/lib/format";

/** One member's part in the pooled log-odds. */
export interface Part {
  key: string;
  name: string;
  family: string;
  probability: number;
  skill: number;
  skillError: number;
  weight: number;
  /** In log-odds; nothing where the member does not weigh. */
  part: number;
  /** Why it weighs nothing. */
  reason: string | null;
}

export interface Pool {
  base: number;
  low: number;
  high: number;
  total: number;
}

export const logit = (p: number): number => Math.log(p / (1 - p));
export const expit = (x: number): number => 1 / (1 + Math.exp(-x));
const SAME = 1e-6;
const CLEAR = 1.645;

/** Whether the parts are what the total is made of. */
export function addsUp(values: readonly number[], total: number): boolean {
  return Math.abs(values.reduce((sum, one) => sum + one, 0) - total) < SAME;
}

/**
 * Round to so many decimals that the column adds up to the total as printed: what is missing goes
 * to the figures that lose least by it, one unit of the last decimal each, never to a zero.
 * Values that do not make the total are rounded plainly, so that it can be seen.
 */
export function adding(values: readonly number[], total: number, digits = 3): number[] {
  const unit = 10 ** digits;
  const units = values.map((one) => Math.round(one * unit));
  const gap = Math.round(total * unit) - units.reduce((sum, one) => sum + one, 0);
  if (gap !== 0 && addsUp(values, total)) {
    const step = Math.sign(gap);
    values
      .map((one, n) => ({ n, lost: Math.abs(one * unit - ((units[n] ?? 0) + step)) }))
      .filter(({ n }) => values[n] !== 0)
      .sort((one, other) => one.lost - other.lost)
      .slice(0, Math.abs(gap))
      .forEach(({ n }) => (units[n] = (units[n] ?? 0) + step));
  }
  return units.map((one) => one / unit + 0);
}

/** Whether a member's skill is clear of zero at 90 %: only then its bar takes a colour. */
export function isClear(part: Part): boolean {
  return part.weight > 0 && part.skill - CLEAR * part.skillError > 0;
}

/** A weight; one that is there but small is not written as none. */
export function weightOf(weight: number): string {
  return weight > 0 && weight < 0.005 ? "< 0.01" : number(weight, 2);
}

/** The largest part first; those without weight last, in their own order. */
export function bySize(parts: readonly Part[]): Part[] {
  return [...parts].sort(
    (one, other) =>
      Number(other.weight > 0) - Number(one.weight > 0) ||
      Math.abs(other.part) - Math.abs(one.part),
  );
}

/** From where to where each bar goes, in log-odds. */
export function stepsOf(base: number, parts: readonly Part[]): { from: number; to: number }[] {
  let at = base;
  return parts.map((one) => {
    const from = at;
    at += one.part;
    return { from, to: at };
  });
}

/** Round values between two ends, about so many. */
export function ticksOf(low: number, high: number, about: number): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const rough = span / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, n) => (first + n) * step + 0);
}

function decimals(ticks: readonly number[]): number {
  const step = Math.abs((ticks[1] ?? 1) - (ticks[0] ?? 0));
  return Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
}

export interface Scale {
  /** Where a log-odds stands, in percent of the width. */
  at: (logOdds: number) => number;
  odds: { at: number; text: string; isZero: boolean }[];
  chances: { at: number; text: string }[];
}

/** A scale that holds the bars, the pooled interval and even odds. */
export function scaleOf(pool: Pool, steps: readonly { from: number; to: number }[]): Scale {
  const known = [pool.base, pool.total, logit(pool.low), logit(pool.high), 0];
  for (const one of steps) known.push(one.to);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const pad = (most - least || 1) * 0.08;
  const [low, high] = [least - pad, most + pad];
  const at = (x: number) => ((x - low) / (high - low)) * 100;
  const odds = ticksOf(low, high, 5);
  const chances = ticksOf(expit(low), expit(high), 5);
  const isInside = (one: { at: number }) => one.at >= 4 && one.at <= 96;
  return {
    at,
    odds: odds
      .map((one) => ({ at: at(one), text: signed(one, decimals(odds)), isZero: one === 0 }))
      .filter(isInside),
    chances: chances
      .map((one) => ({
        at: at(logit(one)),
        text: percent(one, decimals(chances.map((p) => p * 100))),
      }))
      .filter(isInside),
  };
}
