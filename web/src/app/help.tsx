import { useEffect, useRef } from "react";

import { PAGES } from "@/app/pages";
import { prefer, usePreferences } from "@/lib/preferences";
import { Button } from "@/ui/button";
import { Key } from "@/ui/key";

const KEYS: readonly (readonly [readonly string[], string])[] = [
  [["Ctrl", "K"], "symbol or command"],
  [["/"], "symbol"],
  [["h", "j", "k", "l"], "move in the board and in tables; arrows as well"],
  [["Enter"], "open what is selected"],
  [["Esc"], "back"],
  [["1", "…", "8"], "timeframe, 1m to 1d"],
  [["[", "]"], "bar cursor of a chart; the signal before and after"],
  [["r"], "replay; Space is one bar on"],
  [["t"], "the table behind a chart"],
  [["y"], "copy the exact value"],
  [["z"], "UTC, local or exchange time"],
  [["?"], "these keys"],
];

/** Every key there is. */
export function Help({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { letters } = usePreferences();
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog
      ref={dialog}
      aria-label="Keys"
      onClose={onClose}
      className="m-auto w-140 max-w-[calc(100vw-16px)] rounded-panel border border-control bg-panel p-4 text-ink2 backdrop:bg-canvas/70"
    >
      <h2 className="mb-2 text-symbol font-semibold text-ink1">Keys</h2>
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-1">
        {KEYS.map(([keys, what]) => (
          <Line key={what} keys={keys} what={what} />
        ))}
        {PAGES.map((page) => (
          <Line key={page.path} keys={["g", page.letter]} what={page.title} />
        ))}
      </dl>
      <div className="mt-4 flex items-center justify-between">
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            checked={letters}
            onChange={(event) => prefer({ letters: event.target.checked })}
          />
          Single letters act
        </label>
        <Button onClick={onClose}>Close</Button>
      </div>
    </dialog>
  );
}

function Line({ keys, what }: { keys: readonly string[]; what: string }) {
  return (
    <>
      <dt className="flex gap-1">
        {keys.map((key) => (
          <Key key={key}>{key}</Key>
        ))}
      </dt>
      <dd>{what}</dd>
    </>
  );
}
