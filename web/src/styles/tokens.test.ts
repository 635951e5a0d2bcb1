import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const css = readFileSync("src/styles/tokens.css", "utf8");

/** The tokens of a theme, by name. */
function tokens(selector: string): Record<string, string> {
  const block = css.slice(css.indexOf(selector)).split("}")[0] ?? "";
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map((m) => [m[1], m[2]]),
  );
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const TEXT: readonly (readonly [string, string])[] = [
  ...["ink1", "ink2", "ink3"].flatMap((ink) =>
    ["canvas", "panel", "raised", "inset"].map((ground) => [ink, ground] as const),
  ),
  ...["blue", "orange"].flatMap((side) => [
    [side, "panel"] as const,
    [side, `${side}-tint`] as const,
    [`on-${side}`, side] as const,
    ["ink2", `${side}-tint`] as const,
  ]),
  ["accent", "panel"],
  ["on-accent", "accent"],
  ["alarm", "panel"],
  ["on-alarm", "alarm-fill"],
];

test.each(['[data-theme="dark"]', '[data-theme="light"]'])("%s holds its contrasts", (theme) => {
  const own = tokens(theme);
  const ratio = (a: string, b: string) => contrast(own[a] ?? "#000000", own[b] ?? "#000000");
  for (const [ink, ground] of TEXT) {
    expect(ratio(ink, ground), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  }
  expect(ratio("control", "panel"), "outlines").toBeGreaterThanOrEqual(3);
});
