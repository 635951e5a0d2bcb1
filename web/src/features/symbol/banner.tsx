import type { Replay } from "@/features/symbol/replay";
import { Button } from "@/ui/button";
import { Key } from "@/ui/key";

/** Says that what is shown is history, and steps through it. */
export function ReplayBanner({
  replay,
  at,
  left,
  corrections,
}: {
  replay: Replay;
  at: string;
  left: number;
  corrections: number;
}) {
  return (
    <section
      aria-label="Replay"
      className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-panel border border-accent bg-panel px-3 py-2 text-body"
    >
      <strong className="font-semibold text-accent">REPLAY</strong>
      <span className="text-ink1">as known at {at}</span>
      <span className="text-ink3">
        {left === 0 ? "the newest bar" : `${left} later bars hidden, with their signals and news`}
        {corrections > 0 && "; bars as corrected since"}
      </span>
      <span className="ml-auto flex flex-wrap gap-2">
        <Button onClick={() => replay.step(-1)}>Bar back</Button>
        <Button onClick={() => replay.step(1)} disabled={left === 0}>
          Bar on <Key>Space</Key>
        </Button>
        <Button onClick={replay.toggle}>
          End replay <Key>r</Key>
        </Button>
      </span>
    </section>
  );
}
