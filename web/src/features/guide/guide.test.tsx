import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";

import { service } from "@/api/client";
import type { Shapes } from "@/api/queries";
import { Guide } from "@/features/guide/guide";
import { isFirstRun, stepsOf } from "@/features/guide/steps";

vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: vi.fn() }));
afterEach(() => vi.restoreAllMocks());

const board = (places: unknown[] = []) => ({
  at: "2022-01-03T12:00:00Z",
  places: places as Shapes["PlaceOut"][],
  problems: [],
});

function show(steps: ReturnType<typeof stepsOf>, canStart = true) {
  vi.spyOn(service, "GET").mockResolvedValue({ data: { items: [], next: null } } as never);
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Guide steps={steps} canStart={canStart} />
    </QueryClientProvider>,
  );
}

test("lines tick off as the workspace fills", () => {
  const nothing = stepsOf({ board: board(), hasModels: false, isSimulated: false });
  const bars = stepsOf({ board: board([{ signal: null }]), hasModels: false, isSimulated: false });
  const all = stepsOf({ board: board([{ signal: {} }]), hasModels: true, isSimulated: false });

  expect(nothing.map((step) => step.isDone)).toEqual([false, false, false, false]);
  expect(bars.map((step) => step.isDone)).toEqual([false, true, false, false]);
  expect(bars.map((step) => step.waits)).toEqual([null, null, null, "needs trained models first"]);
  expect([isFirstRun(nothing), isFirstRun(bars), isFirstRun(all)]).toEqual([true, true, false]);
});

test("the next line's button starts its job", async () => {
  show(stepsOf({ board: board([{ signal: null }]), hasModels: false, isSimulated: false }));
  const post = vi.spyOn(service, "POST").mockResolvedValue({ data: {} } as never);

  await userEvent.click(screen.getByRole("button", { name: "Start train" }));

  expect(post).toHaveBeenCalledWith("/api/v1/jobs", { body: { kind: "train", arguments: {} } });
});

test("who may not start jobs is told which scope is lacking", () => {
  show(stepsOf({ board: board(), hasModels: false, isSimulated: false }), false);

  expect(screen.queryByRole("button", { name: /Start/ })).toBeNull();
  expect(screen.getAllByText(/needs the scope research/).length).toBeGreaterThan(0);
});

test("it can be put away for good", async () => {
  show(stepsOf({ board: board(), hasModels: false, isSimulated: false }));

  await userEvent.click(screen.getByRole("button", { name: "Do not show again" }));

  expect(localStorage.getItem("assay.preferences")).toContain('"guided":true');
});
