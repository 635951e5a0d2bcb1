import { expect, test } from "vitest";

import { moved } from "@/features/board/moving";

test("arrows walk the board and stop at its edges", () => {
  expect(moved({ row: 0, column: 1 }, "ArrowDown", 3, 4)).toEqual({ row: 1, column: 1 });
  expect(moved({ row: 0, column: 1 }, "ArrowUp", 3, 4)).toEqual({ row: 0, column: 1 });
  expect(moved({ row: 2, column: 3 }, "ArrowRight", 3, 4)).toEqual({ row: 2, column: 3 });
  expect(moved({ row: 2, column: 3 }, "Home", 3, 4)).toEqual({ row: 2, column: 0 });
  expect(moved({ row: 0, column: 0 }, "PageDown", 3, 4)).toEqual({ row: 2, column: 0 });
});

test("other keys lead nowhere", () => {
  expect(moved({ row: 0, column: 0 }, "Enter", 3, 4)).toBeNull();
  expect(moved({ row: 0, column: 0 }, "q", 3, 4)).toBeNull();
});
