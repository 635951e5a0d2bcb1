"""The head of the journal: a small file outside the database that says where it ends."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assay.core.errors import JournalError
from assay.core.ids import digest
from assay.store.files import read_bytes, write_atomic


@dataclass(frozen=True, slots=True)
class Mark:
    """One place in the chain: the number of an entry and its digest."""

    no: int
    digest: str


GENESIS = Mark(0, "0" * 64)
"""Where a chain begins."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the file says: the last entry, and the one a write under way would make the last."""

    mark: Mark
    pending: Mark | None


@dataclass(frozen=True, slots=True)
class Head:
    """The head file at `path`; written atomically, checked against its own hash."""

    path: Path

    def read(self) -> Found | None:
        """Return what it says; None if there is none; a damaged one is a `JournalError`."""
        try:
            content = read_bytes(self.path)
        except FileNotFoundError:
            return None
        try:
            found = json.loads(content)
            said = found.pop("sha256")
            mark = Mark(**found["mark"])
            pending = Mark(**found["pending"]) if found["pending"] else None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise JournalError(self._damaged()) from error
        if said != digest(found):
            raise JournalError(self._damaged())
        return Found(mark, pending)

    def write(self, mark: Mark, pending: Mark | None = None, *, settle: bool = True) -> None:
        """Replace the file; without `settle` a power cut may bring the one before back."""
        content: dict[str, Any] = {
            "mark": asdict(mark),
            "pending": asdict(pending) if pending else None,
        }
        text = json.dumps({**content, "sha256": digest(content)})
        write_atomic(self.path, text.encode(), settle=settle)

    def _damaged(self) -> str:
        return f"The journal's head {self.path} is damaged; restore it from a copy"
