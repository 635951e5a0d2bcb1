/** The live line of the page: what it says makes queries old, and they ask again. */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";

import { answered, service } from "@/api/client";
import { Line, type LineState, type Message, type Wire } from "@/api/push";

const START: LineState = { status: "connecting", seq: null, brokenAt: null, attempt: 0 };
const State = createContext<LineState>(START);
const TOPICS = ["bars:*", "signals", "alerts", "jobs", "status"] as const;
const COALESCE_MS = 100;

/** Which queries a message makes old, by the beginning of their keys. */
export function madeOld(topic: string): readonly (readonly string[])[] {
  const [kind = "", symbol = "", timeframe = ""] = topic.split(":");
  switch (kind) {
    case "bars":
      return [["bars", symbol, timeframe], ["board"], ["instruments"], ["quality"], ["status"]];
    case "signals":
      return [
        ["board"],
        ["signals"],
        ["explanation"],
        ["track"],
        ["forecasts"],
        ["journal"],
        ["status"],
      ];
    case "alerts":
      return [["alerts"]];
    case "jobs":
      return [["jobs"], ["schedule"], ["backtests"], ["experiments"], ["models"], ["monitors"]];
    default:
      return [[kind]];
  }
}

/** Gathers what has become old, so that many messages ask each question once. */
class Ageing {
  private readonly old = new Map<string, readonly string[]>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly client: QueryClient) {}

  hear(message: Message): void {
    for (const key of madeOld(message.topic)) this.old.set(key.join("\n"), key);
    this.timer ??= setTimeout(() => this.tell(), COALESCE_MS);
  }

  everything(): void {
    void this.client.invalidateQueries();
  }

  private tell(): void {
    this.timer = undefined;
    const keys = [...this.old.values()];
    this.old.clear();
    for (const queryKey of keys) void this.client.invalidateQueries({ queryKey });
  }
}

export function Live({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState(START);
  useEffect(() => {
    const ageing = new Ageing(client);
    const line = new Line(
      TOPICS,
      (message) => ageing.hear(message),
      () => ageing.everything(),
      setState,
      {
        open,
        wait: (ms) => new Promise((done) => setTimeout(done, ms)),
        chance: Math.random,
        now: Date.now,
      },
    );
    void line.run();
    return () => line.close();
  }, [client]);
  return <State.Provider value={state}>{children}</State.Provider>;
}

async function open(): Promise<Wire> {
  const { ticket } = await answered(service.POST("/api/v1/access/ticket"));
  const address = new URL("/api/v1/push", location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  address.searchParams.set("ticket", ticket);
  return new WebSocket(address) as unknown as Wire; // its handlers are given more than we look at
}

/** How the line is. */
export function useLine(): LineState {
  return useContext(State);
}
