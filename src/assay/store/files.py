"""Files that are either the old ones or the new ones, never something between."""

import contextlib
import errno
import hashlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from assay.core.errors import StoreError
from assay.store.locks import SYSTEM, Locker

LOCK_WAIT_SECONDS = 30.0
_POLL_SECONDS = 0.005
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def write_atomic(path: Path, content: bytes, *, settle: bool = True) -> None:
    """Replace `path` by `content`: written beside it, flushed to the disk, renamed over it.

    A kill at any moment leaves the old file or the new one; a leftover ends in `.tmp`. With
    `settle` false the folder's own entry is left for `settle_folder`, for callers that rename
    many. A full disk or a refusal of the system is a `StoreError`, and the old file stays.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with _opened(beside, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        if settle:
            settle_folder(path.parent)
    except OSError as error:
        raise StoreError(cannot_write(path, error)) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def _opened(path: Path, mode: str, buffering: int = -1) -> IO[bytes]:
    """Open a file to be written; its folder is made where there is none."""
    try:
        file = path.open(mode, buffering)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open(mode, buffering)
    return cast("IO[bytes]", file)


def settle_folder(folder: Path) -> None:
    """Make the names in `folder` survive a power cut, where the system can (not on Windows)."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def set_aside(path: Path) -> Path:
    """Rename `path` to what nothing reads, a name that ends in `.lost`; return it."""
    number = 1
    while (other := path.with_name(f"{path.name}.{number}.lost")).exists():
        number += 1
    return path.rename(other)


def cannot_write(path: Path, error: OSError) -> str:
    """Return the sentence for a write that failed, with the way out."""
    if error.errno in _FULL:
        return f"{path} could not be written because the disk is full; free some space and repeat"
    return f"{path} could not be written ({error.strerror}); check the folder's rights and repeat"


def read_bytes(path: Path) -> bytes:
    """Return the content of `path`; anything but a missing file is a `StoreError`."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StoreError(_cannot_read(path, error)) from error


def size_and_hash(path: Path) -> tuple[int, str]:
    """Return bytes and SHA-256 (hex) of `path`, never read as a whole; errors as `read_bytes`."""
    try:
        with path.open("rb") as file:
            sha = hashlib.file_digest(file, "sha256").hexdigest()
            return file.tell(), sha
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StoreError(_cannot_read(path, error)) from error


def _cannot_read(path: Path, error: OSError) -> str:
    return f"{path} could not be read ({error.strerror}); check the disk and the folder's rights"


@contextlib.contextmanager
def locked(
    path: Path, wait_seconds: float = LOCK_WAIT_SECONDS, *, system: Locker = SYSTEM
) -> Iterator[None]:
    """Hold the lock file `path`; one holder at a time over all threads and processes.

    The operating system lets go when the holder ends, also when it is killed, so a lock is never
    stale. Not reentrant. Waiting longer than `wait_seconds` is a `StoreError` naming the holder.
    """
    try:
        file = _opened(path, "a+b", buffering=0)  # nothing is left to fail when it is closed
    except OSError as error:
        raise StoreError(cannot_write(path, error)) from error
    with file:
        give_up = time.monotonic() + wait_seconds
        while not system.take(file):
            if time.monotonic() >= give_up:
                raise StoreError(
                    f"{path.parent} is being written by another process ({_holder(path)}) since "
                    f"{wait_seconds:g} s; let it finish or end it, then repeat"
                )
            time.sleep(_POLL_SECONDS)
        try:
            _sign(file)
            yield
        finally:
            system.release(file)


def _sign(file: IO[bytes]) -> None:
    """Leave our number in the lock, for the one who waits; a full disk must not matter here."""
    own = str(os.getpid()).encode()
    with contextlib.suppress(OSError):
        file.seek(0)
        if file.read(32) != own:
            file.truncate(0)
            file.write(own)
            file.flush()


def _holder(path: Path) -> str:
    with contextlib.suppress(OSError):
        return f"number {path.read_text().strip() or 'unknown'}"
    return "number unknown"
