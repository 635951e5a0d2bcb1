"""How far each question to a provider of documents has been answered."""

import json
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from assay.core.clock import utc
from assay.core.errors import DataError
from assay.store.files import locked, read_bytes, write_atomic


class Heard:
    """Spans that were answered without a hole, a small file under `root` for each source.

    It lies beside what the answers said, and is lost with it. A file that cannot be read counts as
    never written: the provider is asked again, which does no harm.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def through(self, source: str, question: str, since: datetime) -> datetime:
        """Return until when everything from `since` on was answered; `since` if nothing was."""
        found = self._read(source).get(question)
        if found is None or found[0] > utc(since, "beginning"):
            return since
        return max(since, found[1])

    def span(self, source: str, question: str) -> tuple[datetime, datetime] | None:
        """Return from when to when `question` was answered, None if it never was."""
        return self._read(source).get(question)

    def add(self, source: str, question: str, start: datetime, through: datetime) -> None:
        """Store that `question` was answered from `start` to `through`.

        A span that touches the stored one lengthens it; another takes its place.
        """
        file = self._file(source)
        with locked(file.with_suffix(".lock")):
            every = self._read(source)
            first, last = utc(start, "beginning"), utc(through, "end")
            known = every.get(question)
            if known is not None and known[0] <= last and first <= known[1]:
                first, last = min(first, known[0]), max(last, known[1])
            every[question] = (first, last)
            plain = {name: [one.isoformat() for one in span] for name, span in every.items()}
            write_atomic(file, json.dumps(plain, indent=1, sort_keys=True).encode())

    def _read(self, source: str) -> dict[str, tuple[datetime, datetime]]:
        try:
            content = json.loads(read_bytes(self._file(source)))
            return {
                str(name): (
                    utc(datetime.fromisoformat(first)),
                    utc(datetime.fromisoformat(last)),
                )
                for name, (first, last) in content.items()
            }
        except (FileNotFoundError, ValueError, TypeError, AttributeError, DataError):
            return {}

    def _file(self, source: str) -> Path:
        return self._root / f"{quote(source, safe='')}.json"
