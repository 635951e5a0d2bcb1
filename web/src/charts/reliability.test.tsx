import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";

import { extentOf, Reliability } from "@/charts/reliability";

const BINS = [
  { said: 0.45, happened: 0.43, low: 0.35, high: 0.51, n: 60 },
  { said: 0.58, happened: 0.7, low: 0.4, high: 0.9, n: 12 },
];
const HERE = { value: 0.52, low: 0.5, high: 0.54 };

test("the plane holds every interval and the signal", () => {
  const [low, high] = extentOf(BINS, HERE);
  expect(low).toBeLessThanOrEqual(0.35);
  expect(high).toBeGreaterThanOrEqual(0.9);
});

test("a bin of too few is dashed and hollow, and said to be", () => {
  const { container } = render(<Reliability bins={BINS} here={HERE} />);
  const chart = screen.getByRole("img");
  expect(chart.getAttribute("aria-label")).toContain("came true 70.0\u202f% of 12, too few");
  expect(chart.getAttribute("aria-label")).toContain("This signal says 52.0\u202f%");
  expect(container.querySelectorAll('circle[fill="var(--panel)"]')).toHaveLength(1);
  expect(container.querySelectorAll('line[stroke="var(--accent)"]')).toHaveLength(1);
});
