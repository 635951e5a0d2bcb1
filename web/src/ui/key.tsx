/** A key as it stands where it acts. */
export function Key({ children }: { children: string }) {
  return (
    <kbd className="inline-block min-w-4 rounded-control border border-control px-1 text-center text-key text-ink2">
      {children}
    </kbd>
  );
}
