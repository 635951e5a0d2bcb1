/** The live line to the service: numbered messages, resumed after a break, a gap said. */

export interface Message {
  seq: number;
  topic: string;
  at: string;
  data: unknown;
}

export interface LineState {
  /** Whether messages come. */
  status: "connecting" | "live" | "broken" | "refused";
  seq: number | null;
  /** Since when there is no line, in milliseconds since 1970. */
  brokenAt: number | null;
  attempt: number;
}

/** What is used of a WebSocket. */
export interface Wire {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

interface Hands {
  open: () => Promise<Wire>;
  wait: (ms: number) => Promise<void>;
  chance: () => number;
  now: () => number;
}

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;

/** A line that is opened again whenever it breaks, until it is closed. */
export class Line {
  state: LineState = { status: "connecting", seq: null, brokenAt: null, attempt: 0 };
  private stream: string | null = null;
  private wire: Wire | null = null;
  private isClosed = false;
  private hasResumed = false;

  constructor(
    private readonly topics: readonly string[],
    private readonly onMessage: (message: Message) => void,
    /** Messages were lost: what depends on them is to be asked again. */
    private readonly onGap: () => void,
    private readonly onState: (state: LineState) => void,
    private readonly hands: Hands,
  ) {}

  async run(): Promise<void> {
    while (!this.isClosed) {
      await this.once();
      if (this.isClosed) return;
      const { attempt } = this.state;
      const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt);
      this.set({
        status: "broken",
        attempt: attempt + 1,
        brokenAt: this.state.brokenAt ?? this.hands.now(),
      });
      await this.hands.wait(longest * (0.5 + 0.5 * this.hands.chance()));
    }
  }

  close(): void {
    this.isClosed = true;
    this.wire?.close();
  }

  private async once(): Promise<void> {
    let wire: Wire;
    try {
      wire = await this.hands.open();
    } catch {
      return;
    }
    this.wire = wire;
    await new Promise<void>((done) => {
      wire.onopen = () => this.greet(wire);
      wire.onmessage = (event) => this.hear(String(event.data));
      wire.onclose = () => done();
    });
    this.wire = null;
  }

  private greet(wire: Wire): void {
    this.hasResumed = this.state.seq !== null;
    const resume = this.hasResumed ? { resume: this.state.seq, stream: this.stream } : {};
    wire.send(JSON.stringify({ subscribe: this.topics, ...resume }));
  }

  private hear(text: string): void {
    const told = JSON.parse(text) as Partial<Message> & {
      heartbeat?: { stream: string; last: number };
      gap?: { from: number; to: number };
    };
    if (told.heartbeat) this.beat(told.heartbeat);
    if (told.gap) this.onGap();
    if (typeof told.seq === "number" && typeof told.topic === "string") {
      this.set({ seq: told.seq });
      this.onMessage(told as Message);
    }
  }

  private beat({ stream, last }: { stream: string; last: number }): void {
    const isOther = this.stream !== null && this.stream !== stream;
    const isFirst = this.state.status !== "live";
    this.stream = stream;
    // the first one tells where the service is, not what a resuming page has already been sent
    const keeps = isFirst && !isOther && this.state.seq !== null;
    this.set({
      status: "live",
      attempt: 0,
      brokenAt: null,
      seq: keeps ? this.state.seq : last,
    });
    if (isOther && !this.hasResumed) this.onGap();
  }

  private set(changes: Partial<LineState>): void {
    this.state = { ...this.state, ...changes };
    this.onState(this.state);
  }
}
