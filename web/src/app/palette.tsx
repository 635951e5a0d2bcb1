import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { useEffect, useRef } from "react";

import { useInstruments } from "@/api/queries";
import { PAGES } from "@/app/pages";
import { prefer, usePreferences } from "@/lib/preferences";
import { ZONES } from "@/lib/time";
import { Key } from "@/ui/key";

/** The timeframe a symbol is opened with: an hour if there is one. */
function usual(series: readonly { timeframe: string }[]): string {
  const lengths = series.map((one) => one.timeframe);
  return lengths.includes("1h") ? "1h" : (lengths[0] ?? "1h");
}

const ITEM =
  "flex min-h-8 cursor-pointer items-center justify-between gap-3 rounded-control px-2 text-prose text-ink2 aria-selected:bg-raised aria-selected:text-ink1";

/** Go anywhere, do anything, by typing. */
export function Palette({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const navigate = useNavigate();
  const { zone, theme } = usePreferences();
  const instruments = useInstruments();
  const act = (what: () => unknown) => () => {
    onClose();
    what();
  };
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    // the browser's own dialog: it keeps the focus, and needs no style of anybody's
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  const nextZone = ZONES[(ZONES.indexOf(zone) + 1) % ZONES.length] ?? "utc";
  return (
    <dialog
      ref={dialog}
      aria-label="Symbol or command"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
      className="mx-auto mt-14 mb-0 w-140 max-w-[calc(100vw-16px)] rounded-panel border border-control bg-panel p-2 text-ink2 backdrop:bg-canvas/70"
    >
      {isOpen && (
        <Command label="Symbol or command">
          <Command.Input
            autoFocus
            placeholder="Symbol or command"
            className="mb-2 h-9 w-full border-b border-hair bg-transparent px-2 text-prose text-ink1 outline-none placeholder:text-ink3"
          />
          <Command.List className="max-h-100 overflow-y-auto">
            <Command.Empty className="px-2 py-3 text-prose text-ink3">
              Nothing is called so.
            </Command.Empty>
            <Command.Group heading="Symbols" className="text-label text-ink3">
              {(instruments.data ?? []).map((one) => (
                <Command.Item
                  key={one.symbol}
                  value={`${one.symbol} ${one.base} ${one.quote}`}
                  className={ITEM}
                  onSelect={act(() =>
                    navigate({
                      to: "/symbol/$symbol/$timeframe",
                      params: { symbol: one.symbol, timeframe: usual(one.series) },
                    }),
                  )}
                >
                  <span className="font-semibold">{one.symbol}</span>
                  <span className="text-label text-ink3">{one.asset_class}</span>
                </Command.Item>
              ))}
            </Command.Group>
            <Command.Group heading="Pages" className="text-label text-ink3">
              {PAGES.map((page) => (
                <Command.Item
                  key={page.path}
                  value={page.title}
                  className={ITEM}
                  onSelect={act(() => navigate({ to: page.path }))}
                >
                  {page.title}
                  <span className="flex gap-1">
                    <Key>g</Key>
                    <Key>{page.letter}</Key>
                  </span>
                </Command.Item>
              ))}
            </Command.Group>
            <Command.Group heading="View" className="text-label text-ink3">
              <Command.Item
                className={ITEM}
                onSelect={act(() => prefer({ theme: theme === "light" ? "dark" : "light" }))}
              >
                {theme === "light" ? "Dark theme" : "Light theme"}
              </Command.Item>
              <Command.Item className={ITEM} onSelect={act(() => prefer({ theme: "system" }))}>
                Theme of the system
              </Command.Item>
              <Command.Item className={ITEM} onSelect={act(() => prefer({ zone: nextZone }))}>
                Times in {nextZone === "utc" ? "UTC" : `${nextZone} time`} <Key>z</Key>
              </Command.Item>
            </Command.Group>
          </Command.List>
        </Command>
      )}
    </dialog>
  );
}
