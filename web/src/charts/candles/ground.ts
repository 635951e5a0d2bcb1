/** The paper under what is drawn: where a bar and a price lie, and marks that several use. */
import type { Bar } from "@/charts/candles/bars";
import type { Palette } from "@/charts/candles/palette";
import type { Scene } from "@/charts/candles/scene";

export interface Ground {
  ink: CanvasRenderingContext2D;
  width: number;
  height: number;
  /** How wide a bar is. */
  spacing: number;
  bars: readonly Bar[];
  palette: Palette;
  scene: Scene;
  decimals: number;
  title: string;
  /** Where the bar at a place stands; places after the last bar lie in the future. */
  x: (place: number) => number;
  y: (price: number) => number | null;
}

export const FONT = '11px "Inter Variable", system-ui, sans-serif';

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Whether a box lies over one that is taken; if not, it is taken now. */
export function isTaken(taken: Box[], box: Box): boolean {
  const isOver = taken.some(
    (one) =>
      box.left < one.right && box.right > one.left && box.top < one.bottom && box.bottom > one.top,
  );
  if (!isOver) taken.push(box);
  return isOver;
}

/** A line from point to point. */
export function stroke(
  ink: CanvasRenderingContext2D,
  points: readonly (readonly [number, number])[],
  colour: string,
  dash: readonly number[] = [],
  width = 1,
): void {
  ink.beginPath();
  ink.setLineDash([...dash]);
  ink.lineWidth = width;
  ink.strokeStyle = colour;
  points.forEach(([x, y], n) => (n === 0 ? ink.moveTo(x, y) : ink.lineTo(x, y)));
  ink.stroke();
  ink.setLineDash([]);
}

/** Slanted lines over a box: no data, or none to lean on. */
export function hatch(ink: CanvasRenderingContext2D, box: Box, colour: string): void {
  ink.save();
  ink.beginPath();
  ink.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
  ink.clip();
  ink.beginPath();
  ink.lineWidth = 1;
  ink.strokeStyle = colour;
  const tall = box.bottom - box.top;
  for (let left = box.left - tall; left < box.right; left += 6) {
    ink.moveTo(left, box.bottom);
    ink.lineTo(left + tall, box.top);
  }
  ink.stroke();
  ink.restore();
}

/** Words with the panel's colour behind them, so that candles do not run through. */
export function words(
  { ink, palette }: Ground,
  text: string,
  at: { x: number; y: number; align?: CanvasTextAlign; colour?: string },
): void {
  ink.font = FONT;
  ink.textAlign = at.align ?? "center";
  ink.textBaseline = "middle";
  ink.lineJoin = "round";
  ink.lineWidth = 3;
  ink.strokeStyle = palette.panel;
  ink.strokeText(text, at.x, at.y);
  ink.fillStyle = at.colour ?? palette.ink2;
  ink.fillText(text, at.x, at.y);
}
