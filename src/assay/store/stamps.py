"""What changes when a bar is stored: asked before anything is computed again."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from assay.store.parts import MANIFEST, stamp_of
from assay.store.recent import NAME

Version: TypeAlias = tuple[object, ...]
"""Equal as long as nothing was written; compared, never read."""
LOOK_SECONDS = 0.25
"""So late is seen at most what another process stored."""


class Watched:
    """Says when something is stored under the `root` of a store of bars.

    What this process writes is seen at once. What another process writes is looked for, with two
    questions a series to the disk, and seen within `LOOK_SECONDS`.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._writes = 0
        self._seen: tuple[int, float, Version] = (-1, 0.0, ())

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Be inside while something is written."""
        try:
            yield
        finally:
            self._writes += 1  # after what was written: two at once may count as one

    def version(self) -> Version:
        """Return what is another value once something was stored or corrected."""
        writes, now = self._writes, time.monotonic()
        before, until, version = self._seen
        if before != writes or now >= until:
            version = bars_version(self._root)
            self._seen = (writes, now + LOOK_SECONDS, version)
        return version


def bars_version(root: Path) -> Version:
    """Return what changes when a bar of any series under `root` is stored or corrected."""
    return tuple(
        (timeframe, _written(f"{timeframe}/{MANIFEST}"), _written(f"{timeframe}/{NAME}"))
        for symbol in _folders(str(root))
        for timeframe in _folders(symbol)
    )


def series_version(folder: Path) -> Version:
    """Return what changes when a bar of the series in `folder` is stored or corrected."""
    return stamp_of(folder / MANIFEST), stamp_of(folder / NAME)


def _folders(path: str) -> list[str]:
    try:
        with os.scandir(path) as found:
            return sorted(one.path for one in found if "=" in one.name)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _written(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - asked hundreds of times a second
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
