"""The plain data of reports: one compressed file a trial, believed only if its digest is right."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assay.core.errors import NotFoundError, StoreError
from assay.core.ids import canonical
from assay.store.files import read_bytes, write_atomic

LEVEL = 6
REMEDY = "restore the file from a copy, or run the backtest again"


class Reports:
    """Reports in a folder, `backtest-TRIAL.json.gz` each: canonical JSON, the same bytes always."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, trial: str) -> Path:
        """Return where the report of `trial` is kept."""
        return self._folder / f"backtest-{trial}.json.gz"

    def has(self, trial: str) -> bool:
        """Say whether a report of `trial` is kept, sound or not."""
        return self.path(trial).exists()

    def write(self, trial: str, report: Mapping[str, Any]) -> str:
        """Keep `report`, whole or not at all; return its digest, which `core.ids.digest` gives."""
        content = canonical(report)
        write_atomic(self.path(trial), gzip.compress(content, LEVEL, mtime=0))
        return hashlib.sha256(content).hexdigest()

    def read(self, trial: str, expected: str) -> dict[str, Any]:
        """Return the report of `trial`, whose digest must be `expected`.

        A missing file is a `NotFoundError`; a damaged one, or another report, a `StoreError`.
        """
        path = self.path(trial)
        try:
            content = gzip.decompress(read_bytes(path))
        except FileNotFoundError as error:
            raise NotFoundError(f"The report of {trial} is not kept in {path}; {REMEDY}") from error
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise StoreError(f"{path} is damaged and cannot be unpacked; {REMEDY}") from error
        found = hashlib.sha256(content).hexdigest()
        if found != expected:
            raise StoreError(
                f"{path} is not the report that {trial} recorded: its digest is {found[:12]} "
                f"instead of {expected[:12]}; {REMEDY}"
            )
        report: dict[str, Any] = json.loads(content)
        return report
