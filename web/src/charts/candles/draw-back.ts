/** What lies behind the candles: missing and flagged bars, the fan, events, the line of now. */
import { exactly, placeOf } from "@/charts/candles/bars";
import { FONT, type Ground, hatch, stroke, words } from "@/charts/candles/ground";
import { type Band, band, onTheWay, quantile } from "@/charts/fan/fan";

const STEPS = 24;

export function drawBack(ground: Ground): void {
  drawStretches(ground);
  drawFan(ground);
  drawDue(ground);
}

function drawStretches(ground: Ground): void {
  const { scene, bars, x, ink, height, palette, spacing, width } = ground;
  let free = -Infinity;
  for (const one of scene.stretches) {
    const first = placeOf(bars, one.first);
    const isMissing = one.kind === "missing";
    // missing bars take no room on the axis: their place is between two bars
    const left = x(first) - spacing / 2 - (isMissing ? 2 : 0);
    const last = placeOf(bars, one.last + 1) - 1;
    const right = isMissing ? left + 4 : Math.max(left + 4, x(last) + spacing / 2);
    if (right < 0 || left > width) continue;
    hatch(ink, { left, right, top: 0, bottom: height }, palette.rule);
    if (left > free) {
      words(ground, one.text, { x: left, y: 28, align: "left", colour: palette.ink3 });
      free = left + ink.measureText(one.text).width + 12;
    }
  }
}

function drawFan(ground: Ground): void {
  const { scene, palette, bars } = ground;
  const { fan } = scene;
  if (!fan) return;
  const start = exactly(bars, fan.from);
  if (start < 0) return;
  for (const [share, ink] of [
    [0.9, 0.16],
    [0.5, 0.2],
  ] as const) {
    const found = band(fan, share);
    if (found) fill(ground, start, found, ink);
  }
  const median = quantile(fan, 0.5);
  if (median === null) return;
  const points = along(ground, start, median);
  stroke(ground.ink, points, palette.ink1, [5, 4]);
}

function along({ scene, x, y }: Ground, start: number, end: number): [number, number][] {
  const { fan } = scene;
  if (!fan) return [];
  return Array.from({ length: STEPS + 1 }, (_, n) => {
    const part = n / STEPS;
    return [x(start + part * fan.bars), y(onTheWay(fan, end, part)) ?? 0];
  });
}

function fill(ground: Ground, start: number, { low, high }: Band, strength: number): void {
  const { ink, palette } = ground;
  const outline = [...along(ground, start, high), ...along(ground, start, low).reverse()];
  ink.beginPath();
  outline.forEach(([x, y], n) => (n === 0 ? ink.moveTo(x, y) : ink.lineTo(x, y)));
  ink.closePath();
  ink.globalAlpha = strength;
  ink.fillStyle = palette.ink2;
  ink.fill();
  ink.globalAlpha = 1;
}

function drawDue(ground: Ground): void {
  const { scene, bars, x, height, width, palette, ink } = ground;
  const last = bars.at(-1);
  if (!last) return;
  let free = -Infinity;
  for (const one of scene.due) {
    const place = placeOf(bars, one.time);
    if (place >= bars.length && !one.isMarked) continue;
    const at = x(place);
    if (at < 0 || at > width) continue;
    if (!one.isMarked) {
      stroke(ink, [[at, height - 5], [at, height]], palette.control); // prettier-ignore
      continue;
    }
    stroke(ink, [[at, 0], [at, height]], palette.ink3, [1, 3]); // prettier-ignore
    if (at > free) {
      ink.font = FONT;
      const isLast = at + 4 + ink.measureText(one.text).width > width;
      words(ground, one.text, {
        x: at + (isLast ? -4 : 4),
        y: 12,
        align: isLast ? "right" : "left",
        colour: palette.ink1,
      });
      free = at + ink.measureText(one.text).width + 12;
    }
  }
}

/** The gold line: here is now. It runs through each pane. */
export function drawNow(ground: Ground): void {
  const { scene, bars, x, height, palette, ink } = ground;
  if (scene.now !== null) {
    const place = exactly(bars, scene.now);
    if (place >= 0) {
      const at = Math.round(x(place)) + 0.5;
      stroke(ink, [[at, 0], [at, height]], palette.accent, [], 1.5); // prettier-ignore
    }
  }
  if (scene.cursor !== null) {
    const place = exactly(bars, scene.cursor);
    const at = Math.round(x(place)) + 0.5;
    if (place >= 0) stroke(ink, [[at, 0], [at, height]], palette.ink2, [3, 3]); // prettier-ignore
  }
}
