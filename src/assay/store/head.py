"""The head of the journal: a small file outside the database that says where it ends."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay.core.errors import JournalError, StoreError
from assay.core.flat import flat
from assay.core.ids import digest
from assay.store.files import cannot_write, read_bytes, write_atomic


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
    """The head file at `path`; written atomically, checked against its own hash.

    A line of JSON. While a write is under way there are two: the one there will be, and the one
    that counts, which announces it. Cut off once the write is committed, that leaves the other,
    which is on the disk by then: a write waits for the disk only before it is committed.
    """

    path: Path

    def read(self) -> Found | None:
        """Return what it says; None if there is none; a damaged one is a `JournalError`."""
        try:
            return self._read()
        except JournalError:
            return self._read()  # where it was cut while it was read, it is whole now

    def write(self, mark: Mark) -> None:
        """Replace the file by one that names `mark`."""
        write_atomic(self.path, _line(mark))

    def announce(self, mark: Mark, pending: Mark) -> None:
        """Say that `mark` is the last entry, and `pending` will be; on the disk on return."""
        write_atomic(self.path, _line(pending) + b"\n" + _line(mark, pending))

    def settle(self, pending: Mark) -> None:
        """Let the announced `pending` be the last; a power cut may bring its announcement back."""
        try:
            os.truncate(self.path, len(_line(pending)))
        except OSError as error:
            raise StoreError(cannot_write(self.path, error)) from error

    def _read(self) -> Found | None:
        try:
            content = read_bytes(self.path)
        except FileNotFoundError:
            return None
        try:
            found = json.loads(content.strip().rpartition(b"\n")[2])
            said = found.pop("sha256")
            mark = Mark(**found["mark"])
            pending = Mark(**found["pending"]) if found["pending"] else None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise JournalError(self._damaged()) from error
        if said != digest(found):
            raise JournalError(self._damaged())
        return Found(mark, pending)

    def _damaged(self) -> str:
        return f"The journal's head {self.path} is damaged; restore it from a copy"


def _line(mark: Mark, pending: Mark | None = None) -> bytes:
    content: dict[str, Any] = {"mark": flat(mark), "pending": flat(pending) if pending else None}
    return json.dumps({**content, "sha256": digest(content)}).encode()
