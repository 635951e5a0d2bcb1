import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { type Asked, Panel } from "@/ui/panel";

const nothing: Asked<string[]> = {
  data: undefined,
  error: null,
  isPending: true,
  dataUpdatedAt: 0,
  refetch: () => undefined,
};

function shown(query: Partial<Asked<string[]>>, stale?: string) {
  return render(
    <Panel
      title="Signals"
      query={{ ...nothing, ...query }}
      empty="Run assay train first."
      stale={stale}
    >
      {(rows) => <p>{rows.join(", ")}</p>}
    </Panel>,
  );
}

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => void vi.useRealTimers());

test("while it loads there is nothing for 200 ms, then still grey lines", () => {
  shown({});
  const lines = screen.getByRole("status", { name: "Loading" });
  expect(lines.querySelector(".bg-raised")).toBeNull();
  act(() => void vi.advanceTimersByTime(250));
  expect(lines.querySelector(".bg-raised")).not.toBeNull();
});

test("an empty answer says what fills it", () => {
  shown({ data: [], isPending: false });
  expect(screen.getByText("Run assay train first.")).toBeTruthy();
});

test("what went wrong is one sentence with an id, and can be tried again", async () => {
  const refetch = vi.fn();
  const error = { detail: "The store did not answer.", status: 503, id: "req-81f2" };
  shown({ error, isPending: false, refetch });
  expect(screen.getByRole("alert").textContent).toContain("The store did not answer.");
  expect(screen.getByText("req-81f2")).toBeTruthy();
  await userEvent
    .setup({ advanceTimers: vi.advanceTimersByTime })
    .click(screen.getByRole("button", { name: "Try now" }));
  expect(refetch).toHaveBeenCalledOnce();
});

test("after an error what was known stays, and says how old it is", () => {
  const error = { detail: "The service does not answer.", status: 0, id: null };
  shown({ data: ["sig-1"], error, isPending: false, dataUpdatedAt: Date.now() - 60_000 });
  expect(screen.getByText("sig-1")).toBeTruthy();
  expect(screen.getByRole("alert").textContent).toMatch(/from \d\d:\d\d:\d\d UTC, 6\d s old/);
});

test("stale figures are marked with their age", () => {
  shown({ data: ["sig-1"], isPending: false }, "65 min");
  expect(screen.getByText("STALE 65 min")).toBeTruthy();
});
