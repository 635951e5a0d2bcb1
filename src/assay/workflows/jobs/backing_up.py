"""Back a workspace up: copy, verify, and let the oldest copies go."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay.store.backups import back_up_files, forget
from assay.workflows.desk import Desk, Tick, silent


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup that was made: how many files, journal entries, and which old ones went."""

    folder: Path
    files: int
    entries: int
    forgotten: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Return it in one sentence."""
        gone = f"; {len(self.forgotten):,} older ones removed" if self.forgotten else ""
        return (
            f"{self.files:,} files copied to {self.folder.parent.name}/{self.folder.name} and "
            f"verified, {self.entries:,} journal entries{gone}"
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "folder": f"{self.folder.parent.name}/{self.folder.name}",
            "files": self.files,
            "entries": self.entries,
            "forgotten": list(self.forgotten),
        }


def back_up(desk: Desk, keep: int, *, tick: Tick = silent) -> BackedUp:
    """Copy the workspace into `backups/<time>`, verify the copy, and keep the newest `keep`."""
    files = 0

    def count(name: str) -> None:
        nonlocal files
        files += 1
        tick("Copying files", files, files)

    now = desk.clock.now()
    folder, entries = back_up_files(desk.home, desk.database, desk.journal, now, desk.clock, count)
    forgotten = tuple(path.name for path in forget(desk.home, keep))
    return BackedUp(folder, files, entries, forgotten)
