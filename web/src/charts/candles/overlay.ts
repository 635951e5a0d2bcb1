/** The scene as a primitive of lightweight-charts: drawn with the candles, on the same axes. */
import type {
  AutoscaleInfo,
  IPrimitivePaneView,
  ISeriesPrimitive,
  ISeriesPrimitiveAxisView,
  ITimeScaleApi,
  Logical,
  SeriesAttachedParameter,
  Time,
} from "lightweight-charts";

import { exactly } from "@/charts/candles/bars";
import { drawBack, drawNow } from "@/charts/candles/draw-back";
import { colourOf, drawFront } from "@/charts/candles/draw-front";
import { type Ground, words } from "@/charts/candles/ground";
import type { Palette } from "@/charts/candles/palette";
import { type Level, NOTHING } from "@/charts/candles/scene";
import { reach } from "@/charts/fan/fan";
import { price as written } from "@/lib/format";

type Draw = (ground: Ground) => void;
type Context = Omit<Ground, "ink" | "width" | "height" | "spacing" | "x" | "y">;
const MARKS = { entry: "E", target: "T", stop: "S" } as const;

/** Draws a scene in one pane; `whole` with the fan and the plan, else the lines of time alone. */
export class Overlay implements ISeriesPrimitive<Time> {
  private place: SeriesAttachedParameter<Time> | null = null;
  private context: Context;
  private tags: readonly ISeriesPrimitiveAxisView[] = [];
  private readonly views: readonly IPrimitivePaneView[];

  constructor(
    palette: Palette,
    private readonly isWhole: boolean,
  ) {
    this.context = { bars: [], palette, scene: NOTHING, decimals: 2, title: "" };
    this.views = isWhole
      ? [this.view("bottom", drawBack), this.view("normal", drawNow), this.view("top", drawFront)]
      : [this.view("normal", drawNow), this.view("top", drawTitle)];
  }

  attached(place: SeriesAttachedParameter<Time>): void {
    this.place = place;
  }

  detached(): void {
    this.place = null;
  }

  /** Draw another scene at the next frame. */
  show({ scene, bars, palette, decimals, title }: Context): void {
    const isOther = scene.levels !== this.context.scene.levels || palette !== this.context.palette;
    this.context = { bars, palette, scene, decimals, title };
    if (this.isWhole && isOther) this.tags = scene.levels.map((level) => this.tag(level));
    this.place?.requestUpdate();
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.views;
  }

  priceAxisViews(): readonly ISeriesPrimitiveAxisView[] {
    return this.tags;
  }

  /** Keep the fan and the plan in sight while the newest bars are. */
  autoscaleInfo(from: Logical, to: Logical): AutoscaleInfo | null {
    const { scene, bars } = this.context;
    if (!this.isWhole || !scene.fan) return null;
    const start = exactly(bars, scene.fan.from);
    const found = reach(scene.fan);
    if (!found || start < 0 || start < from || start > to) return null;
    const prices = [found.low, found.high, ...scene.levels.map((level) => level.price)];
    return { priceRange: { minValue: Math.min(...prices), maxValue: Math.max(...prices) } };
  }

  private tag(level: Level): ISeriesPrimitiveAxisView {
    const { palette, decimals } = this.context;
    const inks = { entry: palette.panel, target: palette["on-up"], stop: palette["on-down"] };
    return {
      coordinate: () => this.place?.series.priceToCoordinate(level.price) ?? -1000,
      text: () => `${MARKS[level.kind]} ${written(level.price, decimals)}`,
      textColor: () => inks[level.kind],
      backColor: () => colourOf(level.kind, palette),
    };
  }

  private view(order: "bottom" | "normal" | "top", draw: Draw): IPrimitivePaneView {
    return {
      zOrder: () => order,
      renderer: () => ({
        draw: (target) =>
          target.useMediaCoordinateSpace(({ context: ink, mediaSize }) => {
            if (!this.place) return;
            const time = this.place.chart.timeScale();
            const { series } = this.place;
            ink.save();
            draw({
              ...this.context,
              ink,
              width: mediaSize.width,
              height: mediaSize.height,
              spacing: time.options().barSpacing,
              x: (place) => at(time, place),
              y: (price) => series.priceToCoordinate(price),
            });
            ink.restore();
          }),
      }),
    };
  }
}

/** Where a place stands, between bars and after the last one too. */
function at(time: ITimeScaleApi<Time>, place: number): number {
  const whole = Math.floor(place);
  const found = time.logicalToCoordinate(whole as Logical);
  return found === null ? -1000 : found + (place - whole) * time.options().barSpacing;
}

function drawTitle(ground: Ground): void {
  words(ground, ground.title, { x: 8, y: 11, align: "left", colour: ground.palette.ink3 });
}
