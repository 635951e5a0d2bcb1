import { expect, test } from "vitest";

import { rangeOf, verdictWord, writeMetric } from "@/features/experiments/figures";
import { digitsOf, held, markOf } from "@/features/experiments/gate";

test("a line of the gate passes, fails, stays open, or lets a run only go so far", () => {
  expect(markOf({ passed: true, allows: "LIVE" }).mark).toBe("✓ pass");
  expect(markOf({ passed: false, allows: "FAIL" }).mark).toBe("✕ fail");
  expect(markOf({ passed: null, allows: "INSUFFICIENT" }).mark).toBe("◦ open");
  expect(markOf({ passed: true, allows: "PAPER" }).mark).toBe("! up to PAPER");
  expect(markOf({ passed: true, allows: null }).mark).toBe("✓ pass");
});

test("only a failure is an alarm", () => {
  expect(markOf({ passed: false, allows: "FAIL" }).look).toContain("text-alarm");
  expect(markOf({ passed: null, allows: null }).look).not.toContain("text-alarm");
});

test("what a line found is never all zeros, and never scientific", () => {
  expect(digitsOf(81, 100)).toBe(0);
  expect(digitsOf(0.8, 0.45)).toBe(2);
  expect(digitsOf(0.011, 0.25)).toBe(3);
  expect(digitsOf(0.00024, 0.05)).toBe(5);
  expect(held(3.2e-16, 5)).toBe("under 0.00001");
  expect(held(0, 2)).toBe("0.00");
});

test("verdicts are marks and words; none is no verdict", () => {
  expect(verdictWord("FAIL")).toBe("✕ FAIL");
  expect(verdictWord("INSUFFICIENT")).toBe("◦ INSUFFICIENT");
  expect(verdictWord(null)).toBe("– not judged");
});

test("each metric is written in its own unit", () => {
  expect(writeMetric("net_return")(0.0426)).toBe("+4.26\u202f%");
  expect(writeMetric("log_loss_gain")(-0.0000676)).toBe("−0.00007");
  expect(writeMetric("net_sharpe")(0.798)).toBe("+0.80");
  expect(writeMetric("drawdown")(0.0346)).toBe("3.46\u202f%");
});

test("an axis of figures holds zero", () => {
  expect(rangeOf([{ value: -0.5, low: -2, high: -0.1 }])).toEqual([-2, 0]);
});
