"""What fits: files and packed streams that would fill the memory are refused before they do."""

import io
import os
from pathlib import Path
from typing import Protocol

from assay.core.errors import DataError

GIB = 1024**3
MOST_BYTES = 2 * GIB
"""Text larger than this (unpacked) is refused: split it, or import it as Parquet."""
TEXT_TIMES, JSON_TIMES, COLUMNS_TIMES = 8, 12, 2
"""How many times its own size a file of text, JSON or columns may need while it is read."""
MOST_RATIO, UNSUSPECTED_BYTES = 200, 50 * 1024**2
"""Beyond 50 MB, what unpacks to more than 200 times its packed size is taken for a bomb."""
CHUNK = 4 * 1024**2
MEMORY = Path("/proc/meminfo")


class Stream(Protocol):
    """Something that bytes are read from, piece by piece."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""


def available_memory() -> int | None:
    """Return how many bytes of memory are free, None where the system does not tell."""
    try:
        for line in MEMORY.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        return _free_pages()
    return _free_pages()


def _free_pages() -> int | None:
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def refuse_long_text(name: str, size: int, most: int = MOST_BYTES) -> None:
    """Refuse text of more than `most` bytes."""
    if size > most:
        raise DataError(
            f"{name} holds {_gib(size)} of text and at most {_gib(most)} are read at once: split "
            "it, by year for example, or save it as Parquet"
        )


def refuse_beyond_memory(name: str, size: int, times: int, available: int | None) -> None:
    """Refuse `size` bytes that need `times` as much memory while they are read, if it is not free.

    `available` is in bytes; None, where nobody knows, refuses nothing.
    """
    if available is not None and size * times > available:
        raise DataError(
            f"{name} needs about {_gib(size * times)} of memory to be read and {_gib(available)} "
            "are free: split it, by year for example, or close other programs"
        )


def unpacked(stream: Stream, packed: int, name: str, most: int = MOST_BYTES) -> bytes:
    """Return all that `stream` holds, `packed` bytes before it was unpacked.

    `DataError` as soon as it is more than `most` bytes, more than memory allows, or so much more
    than `packed` that it can only be a bomb.
    """
    gathered = io.BytesIO()
    available = available_memory()
    while chunk := stream.read(CHUNK):
        gathered.write(chunk)
        size = gathered.tell()
        if size > most:
            raise DataError(
                f"{name} unpacks to more than {_gib(most)}: unpack it and split it, by year for "
                "example, or save it as Parquet"
            )
        refuse_bomb(name, size, packed)
        refuse_beyond_memory(name, size, TEXT_TIMES, available)
    return gathered.getvalue()


def refuse_bomb(name: str, size: int, packed: int) -> None:
    """Refuse what unpacks to many times its packed size."""
    if size > UNSUSPECTED_BYTES and size > MOST_RATIO * packed:
        raise DataError(
            f"{name} unpacks to more than {MOST_RATIO} times its size, as a bomb does and no bars "
            "do; fetch it again from where it came"
        )


def _gib(size: int) -> str:
    return f"{size / GIB:,.1f} GB"
