import { Outlet, useLocation, useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { Footer } from "@/app/footer";
import { Banner, Header } from "@/app/header";
import { Help } from "@/app/help";
import { PAGES } from "@/app/pages";
import { Palette } from "@/app/palette";
import { Rail } from "@/app/rail";
import { prefer, usePreferences } from "@/lib/preferences";
import { useShortcuts } from "@/lib/shortcuts";
import { ZONES } from "@/lib/time";

/** What is around every page. */
export function Shell() {
  const [isSearching, setSearching] = useState(false);
  const [isHelping, setHelping] = useState(false);
  const { zone, letters } = usePreferences();
  const navigate = useNavigate();
  const router = useRouter();
  const path = useLocation({ select: (one) => one.pathname });
  const title = PAGES.findLast((page) => path.startsWith(page.path))?.title ?? "Assay";
  useEffect(() => {
    document.title = title === "Assay" ? title : `${title} · Assay`;
  }, [title]);
  const go = Object.fromEntries(
    PAGES.map((page) => [`g ${page.letter}`, () => void navigate({ to: page.path })]),
  );
  useShortcuts({ "mod+k": () => setSearching(true) });
  useShortcuts(
    {
      ...go,
      "/": () => setSearching(true),
      "?": () => setHelping(true),
      z: () => prefer({ zone: ZONES[(ZONES.indexOf(zone) + 1) % ZONES.length] ?? "utc" }),
      Escape: () => {
        if (isSearching || isHelping) return;
        // never out of the terminal: what was opened from outside leads to the desk
        if (router.history.canGoBack()) router.history.back();
        else void navigate({ to: "/" });
      },
    },
    letters,
  );
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#page"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-panel focus:p-2"
      >
        To the page
      </a>
      <Header onSearch={() => setSearching(true)} />
      <Banner />
      <div className="flex min-h-0 grow max-tablet:pb-14">
        <Rail />
        <main id="page" tabIndex={-1} className="min-w-0 grow p-2 outline-none">
          <h1 className="sr-only">{title}</h1>
          <Outlet />
        </main>
      </div>
      <Footer />
      <Palette isOpen={isSearching} onClose={() => setSearching(false)} />
      <Help isOpen={isHelping} onClose={() => setHelping(false)} />
    </div>
  );
}
