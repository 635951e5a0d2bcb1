import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { afterEach, expect, test, vi } from "vitest";

import { service } from "@/api/client";
import { Analyst } from "@/features/signal/analyst";
import { nearest } from "@/features/signal/calibration";
import { Change } from "@/features/signal/change";
import { Evidence, partsOf } from "@/features/signal/evidence";
import { linesOf } from "@/features/signal/gate";
import { Proof } from "@/features/signal/proof";
import type { Explanation, Line, Signal, TrackSignal } from "@/features/signal/questions";
import recorded from "@/features/signal/recorded.json";
import { Similar } from "@/features/signal/similar";
import { Since } from "@/features/signal/since";
import { lengthOf, staleness } from "@/features/signal/stale";
import { around } from "@/features/signal/steps";
import { Verdict } from "@/features/signal/verdict";
import { Warnings } from "@/features/signal/warnings";
import { Weights } from "@/features/signal/weights";
import { copied, rewardToRisk } from "@/features/signal/words";
import type { Asked } from "@/ui/panel";

const signal = recorded.signal as unknown as Signal;
const explanation = recorded.explanation as unknown as Explanation;
const MONEY = { decimals: 3, pip: 0.01 };

function asked<Data>(data: Data): Asked<Data> {
  return { data, error: null, isPending: false, dataUpdatedAt: 0, refetch: () => undefined };
}

function show(children: ReactNode) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(<QueryClientProvider client={client}>{children}</QueryClientProvider>);
}

afterEach(() => vi.restoreAllMocks());

test("the verdict is one sentence with score, interval, decision and plan", () => {
  show(<Verdict signal={signal} money={MONEY} timeZone="UTC" kind="simulated" stale={undefined} />);
  const verdict = screen.getByRole("region", { name: "USDJPY 1h, verdict" });
  const text = verdict.textContent ?? "";
  expect(text).toContain("Conviction 73");
  expect(text).toContain("from 49.3 to 52.1\u202f% [50.0, 54.3] 90 %");
  expect(text).toContain("had not seen them, said 45\u202f%, and now abstains");
  expect(text).toContain("IN SAMPLE");
  expect(text).toContain("▲ LONG");
  expect(text).toContain("−24.0 pip");
  expect(within(verdict).getByText("1.38")).toBeTruthy();
});

test("a signal that waits has no plan, and says how much stands against it", () => {
  const waits = { ...signal, decision: "WAIT", stop: null, target: null } as Signal;
  show(<Verdict signal={waits} money={MONEY} timeZone="UTC" kind="simulated" stale={undefined} />);
  expect(screen.getByText("– WAIT")).toBeTruthy();
  expect(screen.queryByText("Reward to risk")).toBeNull();
  expect(rewardToRisk(waits)).toBeNull();
});

test("in sample comes first among the warnings", () => {
  show(<Warnings warnings={explanation.how.warnings} isInSample />);
  const [first] = screen.getAllByRole("listitem");
  expect(first?.textContent).toContain("In sample: the pool had learned");
});

test("the table behind the evidence adds up as well, with the reasons", () => {
  show(<Evidence query={asked(signal)} isTable onToggle={() => undefined} />);
  const table = screen.getByRole("table", { name: "Evidence, exact" });
  const figures = within(table)
    .getAllByRole("row")
    .slice(1)
    .map((row) => within(row).getAllByRole("cell")[5]?.textContent ?? "")
    .map((text) => Math.round(Number(text.replace("−", "-")) * 1000));
  expect(figures.slice(0, -1).reduce((sum, one) => sum + one, 0)).toBe(figures.at(-1));
  expect(within(table).getByText("has not passed the gate")).toBeTruthy();
  expect(partsOf(signal)).toHaveLength(signal.members.length);
});

test("the blind view stands beside the verdict, with its seal", () => {
  show(<Analyst query={asked(signal)} explanation={explanation} timeZone="UTC" />);
  const blind = screen.getByRole("region", { name: "Phase 1, blind" });
  expect(blind.textContent).toContain(`entry ${signal.view.entry}`);
  expect(blind.textContent).toContain("✓ holds");
  expect(blind.textContent).toContain("Counter-evidence");
  const after = screen.getByRole("region", { name: "Phase 2, verdict" });
  expect(after.textContent).toContain("ABSTAIN");
  expect(after.textContent).toContain("✓ the sealed view");
});

test("a verdict that did not start from the sealed view is an alarm", () => {
  const other = { ...signal, verdict: { ...signal.verdict, sealed: "another" } };
  show(<Analyst query={asked(other)} explanation={explanation} timeZone="UTC" />);
  expect(screen.getByText("✕ not the sealed view")).toBeTruthy();
});

test("each gate line stands against its level, and p is never scientific", () => {
  const lines = linesOf(explanation, signal);
  const of = (name: string) => lines.find((one) => one.name.startsWith(name));
  expect(of("Gain over climatology")?.is).toBe("pass");
  expect(of("No skill")?.value).toBe("< 0.0001");
  expect(of("Conviction")?.needs).toBe("≥ 60, high ≥ 80");
  const weak = { ...explanation.how.proof, low: -0.001, p_value: 0.64 };
  const failing = linesOf({ ...explanation, how: { ...explanation.how, proof: weak } }, signal);
  expect(failing.filter((one) => one.is === "fail").map((one) => one.name)).toEqual([
    "Gain over climatology, mnat a bar",
    "No skill, p",
  ]);
});

test("what would change it lists thresholds, silenced members and costs", () => {
  show(<Change query={asked(explanation)} />);
  expect(screen.getByRole("row", { name: /odds reach HIGH/ })).toBeTruthy();
  expect(screen.getByRole("row", { name: /ridge 1h falls silent/ })).toBeTruthy();
  expect(screen.getByText(/a round trip costs 1.7 bp/)).toBeTruthy();
});

test("a member's features are shown, and another member can be chosen", async () => {
  show(<Weights query={asked(explanation)} />);
  expect(screen.getByText("hull_distance_20_by_14")).toBeTruthy();
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Member" }), "naive 1h");
  expect(screen.getByText(/Its account is withheld/)).toBeTruthy();
});

test("similar cases of too few have no share", () => {
  const similar = { ...explanation.similar, n: 4, moved: 4, hits: 3, share: 0.75, few: true };
  show(
    <Similar query={asked({ ...explanation, similar })} timeZone="UTC" onOpen={() => undefined} />,
  );
  expect(screen.getByText("hit 3 of 4, too few")).toBeTruthy();
  expect(screen.queryByText(/75/)).toBeNull();
});

test("the journal is read again when asked, and a broken one is said", async () => {
  const answers = [
    { intact: true, entries: 887, head: { no: 887, digest: "9a37" }, problem: null, notes: [] },
    {
      intact: false,
      entries: 887,
      head: null,
      problem: { no: 12, damage: "altered", sentence: "Entry 12 was altered." },
      notes: [],
    },
  ];
  const post = vi
    .spyOn(service, "POST")
    .mockImplementation((() => Promise.resolve({ data: answers.shift() })) as never);
  show(<Proof query={asked(explanation)} timeZone="UTC" />);
  const button = screen.getByRole("button", { name: "Verify here" });
  await userEvent.click(button);
  expect(await screen.findByText(/887 entries read at/)).toBeTruthy();
  expect(post).toHaveBeenCalledWith("/api/v1/journal/verify");
  await userEvent.click(button);
  expect(await screen.findByText(/Entry 12 was altered/)).toBeTruthy();
});

test("what happened since is marked as hindsight, and an open signal says why", () => {
  const open = {
    open: true,
    why_open_sentence: "2 of 4 bars have closed since",
    horizon: null,
    trade: null,
    kind: "simulated",
    simulated: true,
    in_sample: false,
  } as TrackSignal;
  show(
    <Since
      explanation={{ ...explanation, since: null }}
      query={asked<TrackSignal | null>(open)}
      money={MONEY}
      timeZone="UTC"
    />,
  );
  expect(screen.getByText(/hindsight/)).toBeTruthy();
  expect(screen.getByText(/2 of 4 bars have closed since/)).toBeTruthy();
  expect(screen.getByText("No bar has closed after it.")).toBeTruthy();
});

test("a signal stands between those of its series", () => {
  const series = ["a", "b", "c"].map((id) => ({ id }) as Line);
  expect(around(series, "b")).toEqual({
    place: 2,
    of: 3,
    before: { id: "a" },
    after: { id: "c" },
  });
  expect(around(series, "a")?.before).toBeUndefined();
  expect(around(series, "z")).toBeUndefined();
});

test("the bin that holds what was said, else the nearest", () => {
  const bin = (left: number, right: number) => ({
    said: (left + right) / 2,
    happened: 0.5,
    low: 0.4,
    high: 0.6,
    n: 40,
    left,
    right,
  });
  const bins = [bin(0.4, 0.45), bin(0.5, 0.55)];
  expect(nearest(bins, 0.52)).toBe(bins[1]);
  expect(nearest(bins, 0.46)).toBe(bins[0]);
  expect(nearest([], 0.5)).toBeUndefined();
});

test("exact values are copied, a line each", () => {
  const text = copied(signal);
  expect(text).toContain(`probability\t${signal.probability}`);
  expect(text).toContain("in_sample\ttrue");
});

test("a signal is stale by bars, or by the clock while its market is open", () => {
  const one = { ...signal, simulated: false, as_of: "2022-01-03T12:00:00Z" };
  const at = (hours: number) => new Date(Date.parse(one.as_of) + hours * 3_600_000);
  const since = (bars: number) => ({ bars }) as Explanation["since"];
  expect(lengthOf("15m")).toBe(900);
  expect(staleness(one, null, true, at(1.5))).toBeUndefined();
  expect(staleness(one, null, true, at(3))).toBe("3 h");
  expect(staleness(one, null, false, at(60))).toBeUndefined();
  expect(staleness({ ...one, simulated: true }, since(1), true, at(60))).toBeUndefined();
  expect(staleness(one, since(2), true, at(2))).toBe("2 bars since");
  expect(staleness(one, since(4), true, at(4))).toBe("horizon over");
});
