/** What lies over the candles: the plan's lines, earlier signals with their end, pins of news. */
import { type Bar, exactly, placeOf } from "@/charts/candles/bars";
import { type Box, FONT, type Ground, isTaken, stroke, words } from "@/charts/candles/ground";
import type { Level, Past } from "@/charts/candles/scene";
import { band } from "@/charts/fan/fan";
import { price as written } from "@/lib/format";

const AWAY = 10;
const SIZE = 5;
const PIN = 16;

export function drawFront(ground: Ground): void {
  drawEnds(ground);
  drawLevels(ground);
  const taken: Box[] = [];
  const newest = [...ground.scene.past].reverse();
  for (const one of newest) drawPast(ground, one, taken);
  drawPins(ground);
}

export function colourOf(kind: Level["kind"], palette: Ground["palette"]): string {
  return { entry: palette.ink1, target: palette.up, stop: palette.down }[kind];
}

/** Where nine in ten are told to end, said at the fan's end; over the grid, to be read. */
function drawEnds(ground: Ground): void {
  const { scene, palette, x, y, decimals, spacing, bars } = ground;
  const { fan } = scene;
  const wide = fan && band(fan, 0.9);
  const start = fan ? exactly(bars, fan.from) : -1;
  if (!fan || !wide || start < 0) return;
  const end = x(start + fan.bars);
  // where the fan is narrow, its ends are said beside it rather than over it
  const isNarrow = fan.bars * spacing < 80;
  for (const [name, price, lift] of [
    ["q95", wide.high, -8],
    ["q05", wide.low, 8],
  ] as const) {
    const at = y(price);
    if (at === null) continue;
    words(ground, `${name} ${written(price, decimals)}`, {
      x: isNarrow ? x(start) + 6 : end,
      y: at + lift,
      align: isNarrow ? "left" : "right",
      colour: palette.ink3,
    });
  }
}

function drawLevels(ground: Ground): void {
  const { scene, bars, x, y, width, palette, ink } = ground;
  for (const level of scene.levels) {
    const at = y(level.price);
    if (at === null) continue;
    const line = Math.round(at) + 0.5;
    const left = x(placeOf(bars, level.from));
    stroke(ink, [[left, line], [width, line]], colourOf(level.kind, palette), [], 1.5); // prettier-ignore
    words(ground, level.text, {
      x: width - 6,
      y: line + (level.kind === "stop" ? 9 : -9),
      align: "right",
    });
  }
}

function drawPast(ground: Ground, one: Past, taken: Box[]): void {
  const { bars, x, y, palette, ink, width } = ground;
  const place = exactly(bars, one.time);
  if (place < 0) return;
  const at = x(place);
  if (at < -100 || at > width + 100) return;
  const isUp = one.side === "up";
  const bar = bars[place] as Bar;
  const edge = y(isUp ? bar.low : bar.high);
  if (edge === null) return;
  const top = edge + (isUp ? AWAY : -AWAY);
  triangle(ground, at, top, one);
  ink.font = FONT;
  const wide = ink.measureText(one.text).width + 6;
  const line = top + (isUp ? 14 : -14);
  // what nobody traded is told more sparsely: the table tells all of it
  const [aside, above] = one.isWithheld ? [40, 60] : [0, 8];
  const box = {
    left: at - wide / 2 - aside,
    right: at + wide / 2 + aside,
    top: line - above,
    bottom: line + above,
  };
  if (one.text === "" || isTaken(taken, box)) return;
  words(ground, one.text, {
    x: at,
    y: line,
    colour: one.isWithheld ? palette.ink3 : palette.ink1,
  });
  drawWay(ground, one, at, bar.close);
}

function triangle({ ink, palette }: Ground, at: number, top: number, one: Past): void {
  const turn = one.side === "up" ? 1 : -1;
  const colour = one.side === "up" ? palette.up : palette.down;
  ink.beginPath();
  ink.moveTo(at, top - SIZE * turn);
  ink.lineTo(at + SIZE, top + SIZE * turn);
  ink.lineTo(at - SIZE, top + SIZE * turn);
  ink.closePath();
  if (one.isWithheld) {
    ink.setLineDash([2, 2]);
    ink.strokeStyle = palette.ink3;
    ink.lineWidth = 1;
    ink.stroke();
    ink.setLineDash([]);
  } else {
    ink.fillStyle = colour;
    ink.fill();
  }
}

/** The dotted way from the signal to the ring where it ended. */
function drawWay(ground: Ground, one: Past, from: number, price: number): void {
  const { bars, x, y, palette, ink } = ground;
  if (!one.exit) return;
  const place = placeOf(bars, one.exit.time);
  const start = y(price);
  const end = y(one.exit.price);
  if (place >= bars.length || start === null || end === null) return;
  const colour = one.isWithheld ? palette.ink3 : palette.ink1;
  stroke(ink, [[from, start], [x(place), end]], colour, [1, 3]); // prettier-ignore
  ink.beginPath();
  ink.arc(x(place), end, 3, 0, 2 * Math.PI);
  ink.fillStyle = palette.panel;
  ink.fill();
  ink.lineWidth = 1;
  ink.strokeStyle = colour;
  ink.stroke();
}

function drawPins(ground: Ground): void {
  const { scene, bars, x, height, width, palette, ink } = ground;
  const taken: Box[] = [];
  for (const pin of scene.pins) {
    const place = placeOf(bars, pin.time);
    if (place >= bars.length) continue;
    const at = Math.round(x(place));
    ink.font = FONT;
    const half = Math.ceil(Math.max(PIN, ink.measureText(pin.text).width + 6) / 2);
    const box = { left: at - half, right: at + half, top: height - 26, bottom: height - 10 };
    const apart = { ...box, left: box.left - PIN / 2, right: box.right + PIN / 2 };
    if (at < 0 || at > width || isTaken(taken, apart)) continue;
    ink.fillStyle = palette.raised;
    ink.strokeStyle = palette.control;
    ink.lineWidth = 1;
    ink.beginPath();
    ink.roundRect(box.left + 0.5, box.top + 0.5, 2 * half - 1, PIN - 1, 3);
    ink.fill();
    ink.stroke();
    stroke(ink, [[at + 0.5, box.top - 5], [at + 0.5, box.top]], palette.control); // prettier-ignore
    ink.textAlign = "center";
    ink.textBaseline = "middle";
    ink.fillStyle = palette.ink1;
    ink.fillText(pin.text, at, box.top + PIN / 2 + 0.5);
  }
}
