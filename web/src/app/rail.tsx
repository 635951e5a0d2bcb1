import { Link } from "@tanstack/react-router";
import { Fragment } from "react";

import { PAGES } from "@/app/pages";

/** The pages at the left; letters alone where it is narrow, at the bottom on a phone. */
export function Rail() {
  return (
    <nav
      aria-label="Pages"
      className="fixed inset-x-0 bottom-0 z-20 flex overflow-x-auto border-t border-hair bg-panel tablet:static tablet:w-12 tablet:shrink-0 tablet:flex-col tablet:overflow-visible tablet:border-t-0 tablet:border-r tablet:py-2 wide:w-36"
    >
      {PAGES.map((page, n) => (
        <Fragment key={page.path}>
          {n > 0 && PAGES[n - 1]?.group !== page.group && (
            <span
              aria-hidden="true"
              className="my-2 hidden border-t border-hair tablet:mx-3 tablet:block"
            />
          )}
          <Link
            to={page.path}
            activeOptions={{ exact: page.path === "/" }}
            className="flex min-h-14 min-w-16 flex-1 items-center justify-center border-transparent px-2 text-body text-ink2 hover:text-ink1 max-tablet:border-t-2 tablet:min-h-7 tablet:min-w-0 tablet:flex-none tablet:border-l-2 wide:justify-between wide:px-4"
            activeProps={{
              className: "!border-accent bg-raised !text-ink1 font-semibold",
              "aria-current": "page",
            }}
          >
            <span className="tablet:sr-only wide:not-sr-only">{page.title}</span>
            <kbd aria-hidden="true" className="hidden text-key text-ink3 uppercase tablet:inline">
              {page.letter}
            </kbd>
          </Link>
        </Fragment>
      ))}
    </nav>
  );
}
