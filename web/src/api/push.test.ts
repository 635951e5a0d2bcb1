import { describe, expect, test } from "vitest";

import { Line, type LineState, type Message } from "@/api/push";

class FakeWire {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  sent: Record<string, unknown>[] = [];
  send(text: string) {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close() {
    this.onclose?.({ code: 1000 });
  }
  tell(message: unknown) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

function aLine() {
  const wires: FakeWire[] = [];
  const heard: Message[] = [];
  const waits: number[] = [];
  let gaps = 0;
  const seen: LineState[] = [];
  const line = new Line(
    ["signals"],
    (m) => heard.push(m),
    () => gaps++,
    (s) => seen.push(s),
    {
      open: async () => {
        const wire = new FakeWire();
        wires.push(wire);
        queueMicrotask(() => queueMicrotask(() => wire.onopen?.()));
        return wire;
      },
      wait: async (ms) => {
        waits.push(ms);
      },
      chance: () => 1,
      now: () => 42,
    },
  );
  void line.run();
  return { line, wires, heard, waits, seen, gaps: () => gaps };
}

const settled = () => new Promise((done) => setTimeout(done, 5));
const beat = (stream: string, last: number) => ({ heartbeat: { stream, last } });
const message = (seq: number) => ({ seq, topic: "signals", at: "2026-01-01T00:00:00Z", data: {} });

describe("the live line", () => {
  test("subscribes, and counts what it hears", async () => {
    const { line, wires, heard } = aLine();
    await settled();
    wires[0]?.tell(beat("a", 7));
    wires[0]?.tell(message(8));

    expect(wires[0]?.sent).toEqual([{ subscribe: ["signals"] }]);
    expect(heard.map((one) => one.seq)).toEqual([8]);
    expect(line.state).toMatchObject({ status: "live", seq: 8 });
    line.close();
  });

  test("resumes after the last message it heard, whatever the first heartbeat says", async () => {
    const { line, wires, gaps } = aLine();
    await settled();
    wires[0]?.tell(beat("a", 7));
    wires[0]?.tell(message(8));
    wires[0]?.onclose?.({ code: 1006 });
    await settled();
    wires[1]?.tell(beat("a", 12));

    expect(wires[1]?.sent).toEqual([{ subscribe: ["signals"], resume: 8, stream: "a" }]);
    expect(line.state.seq).toBe(8);
    expect(gaps()).toBe(0);
    line.close();
  });

  test("a gap that the service says asks everything again", async () => {
    const { line, wires, gaps } = aLine();
    await settled();
    wires[0]?.tell(beat("a", 7));
    wires[0]?.tell({ gap: { from: 3, to: 7 }, stream: "a" });

    expect(gaps()).toBe(1);
    line.close();
  });

  test("waits longer from failure to failure, and says since when it is broken", async () => {
    const { line, wires, waits, seen } = aLine();
    await settled();
    wires[0]?.onclose?.({ code: 1006 });
    await settled();
    wires[1]?.onclose?.({ code: 1006 });
    await settled();

    expect(waits.slice(0, 2)).toEqual([500, 1000]);
    expect(seen.find((one) => one.status === "broken")?.brokenAt).toBe(42);
    line.close();
  });
});
