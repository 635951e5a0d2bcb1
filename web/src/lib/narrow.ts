import { useSyncExternalStore } from "react";

const PHONE = "(max-width: 767px)";

const query = () => (typeof matchMedia === "function" ? matchMedia(PHONE) : null);

/** Whether the page is as narrow as a phone, where tables become cards. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = query();
      list?.addEventListener("change", listener);
      return () => list?.removeEventListener("change", listener);
    },
    () => query()?.matches ?? false,
  );
}
