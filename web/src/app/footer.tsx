import { useLine } from "@/api/live";
import { useJournalHead, useSystem } from "@/api/queries";
import { count, hash } from "@/lib/format";

/** What kind of data this is, the line, the head of the journal, the version. */
export function Footer() {
  const line = useLine();
  const { data } = useSystem();
  const head = useJournalHead().data;
  return (
    <footer className="hidden h-6 items-center justify-between gap-4 border-t border-hair bg-panel px-3 text-label text-ink3 tablet:flex">
      <span className="min-w-0 truncate">
        {data?.simulated
          ? "A simulated market: its prices, stories and results are made up; not advice, not a track record."
          : "Signals are opinions with evidence, not advice."}
      </span>
      <span className="flex gap-4 whitespace-nowrap">
        <span>
          Line {line.status}
          {line.seq !== null && `, seq ${count(line.seq)}`}
        </span>
        {head && head.no > 0 && (
          <span>
            Journal entry {count(head.no)}, head <code>{hash(head.digest)}</code>
          </span>
        )}
        {data && <span>assay {data.assay}</span>}
        <a href="https://www.tradingview.com/" rel="noreferrer" className="underline">
          Charts by TradingView
        </a>
      </span>
    </footer>
  );
}
