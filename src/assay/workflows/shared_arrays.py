"""Big arrays and frames, written once and read by many processes from the same memory."""

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.core.errors import DataError, SettingsError, StoreError
from assay.core.ids import canonical
from assay.store.files import cannot_write, locked, settle_folder, write_atomic

KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")
CONTENTS = "contents.json"
LOCK = ".lock"
HALF = ".half"
"""The ending of a folder that is being written, or taken away; nothing reads it."""
LOCK_WAIT_SECONDS = 600.0
"""So long another writer may take: it may be writing gigabytes."""
REMEDY = "remove the folder, and what needs it writes it again"


@dataclass(frozen=True, slots=True)
class Shared:
    """What was put under one key, not yet read.

    `arrays` are read-only and mapped from their files: only the parts that are touched come into
    memory, and all processes of the machine share those pages. `frames` are lazy, for polars
    copies what it reads from a file: ask for the columns and rows that are needed before
    collecting; what every worker needs whole belongs into `arrays`. A frame reads its file only
    when it is collected, an array can be read also after `tidy` took its file away. `meta` is plain
    data.
    """

    path: Path
    arrays: Mapping[str, NDArray[Any]]
    frames: Mapping[str, pl.LazyFrame]
    meta: Mapping[str, Any]


def put(
    folder: Path,
    key: str,
    arrays: Mapping[str, NDArray[Any]],
    frames: Mapping[str, pl.DataFrame] | None = None,
    meta: Mapping[str, Any] | None = None,
) -> Path:
    """Write arrays and frames under `key`, whole or not at all; return what `open_shared` takes.

    `key` names the content: what is sound under it already is left as it is, and nothing is
    written. A kill at any moment leaves no half of it to be read. Arrays of objects are a
    `DataError`, a full disk is a `StoreError`. Workers on several machines need a `folder` that
    each of them reaches under the same name.
    """
    _check_names(key, arrays)
    place = folder / key
    with locked(folder / LOCK, LOCK_WAIT_SECONDS):
        if _sound(place):
            _touch(place)
            return place
        _clear(folder)
        half = folder / f".{key}.{secrets.token_hex(4)}{HALF}"
        try:
            half.mkdir()
            _write(half, arrays, frames or {}, meta or {})
            if place.exists():
                _take_away(place)
            half.rename(place)
            settle_folder(folder)
        except OSError as error:
            raise StoreError(cannot_write(place, error)) from error
        finally:
            shutil.rmtree(half, ignore_errors=True)
    return place


def open_shared(path: Path, *, thorough: bool = False) -> Shared:
    """Return what `put` wrote to `path`, and note that it was used.

    Sizes, shapes and types are always compared with what was written; with `thorough` every byte
    is, which reads all of it. Absence or damage is a `StoreError`.
    """
    contents = _contents(path)
    arrays, frames = {}, {}
    for kind, name, file in _files(path, contents):
        _compare(file, contents[kind][name], thorough=thorough)
        if kind == "arrays":
            arrays[name] = _mapped(file, contents[kind][name])
        else:
            frames[name] = pl.scan_ipc(file, glob=False)
    _touch(path)
    return Shared(path, arrays, frames, contents["meta"])


def tidy(folder: Path, keep_bytes: int) -> tuple[Path, ...]:
    """Remove what was put or opened longest ago until at most `keep_bytes` stay; return what went.

    Also what a killed writer left is removed. Who has mapped an array before keeps it, save on
    Windows, where what is mapped cannot be removed and stays.
    """
    gone = []
    with locked(folder / LOCK, LOCK_WAIT_SECONDS):
        _clear(folder)
        kept = [place for place in folder.iterdir() if place.is_dir()]
        sizes = {place: sum(f.stat().st_size for f in place.iterdir()) for place in kept}
        for place in sorted(kept, key=_used_at):
            if sum(sizes.values()) <= keep_bytes:
                break
            with suppress(PermissionError):
                _take_away(place)
                del sizes[place]
                gone.append(place)
    return tuple(gone)


def _check_names(key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    if not KEY.fullmatch(key):
        raise SettingsError(
            f"A key of shared arrays is made of at most 128 letters, digits, points, hyphens and "
            f"underscores and begins with no point; found {key!r}"
        )
    for name, array in arrays.items():
        if array.dtype.hasobject:
            raise DataError(
                f"A shared array must hold numbers, times or text; {name!r} was {array.dtype}"
            )


def _write(
    half: Path,
    arrays: Mapping[str, NDArray[Any]],
    frames: Mapping[str, pl.DataFrame],
    meta: Mapping[str, Any],
) -> None:
    contents: dict[str, Any] = {"arrays": {}, "frames": {}, "meta": meta}
    for number, (name, array) in enumerate(arrays.items()):
        file = half / f"array-{number}.npy"
        np.save(file, array, allow_pickle=False)
        contents["arrays"][name] = {
            **_settled(file), "shape": array.shape, "dtype": str(array.dtype)
        }  # fmt: skip
    for number, (name, frame) in enumerate(frames.items()):
        file = half / f"frame-{number}.arrow"
        frame.write_ipc(file, compression="uncompressed")
        contents["frames"][name] = _settled(file)
    write_atomic(half / CONTENTS, canonical(contents))


def _settled(file: Path) -> dict[str, Any]:
    """Flush a file to the disk; return its name, size in bytes and digest."""
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return {"file": file.name, "bytes": file.stat().st_size, "sha256": digest}


def _contents(path: Path) -> dict[str, Any]:
    try:
        found = json.loads((path / CONTENTS).read_bytes())
    except FileNotFoundError as error:
        raise StoreError(
            f"There are no shared arrays in {path}, or they were tidied away; write them again"
        ) from error
    except (OSError, ValueError) as error:
        raise StoreError(f"{path / CONTENTS} is damaged and cannot be read; {REMEDY}") from error
    if not isinstance(found, dict) or found.keys() != {"arrays", "frames", "meta"}:
        raise StoreError(f"{path / CONTENTS} does not list shared arrays; {REMEDY}")
    return found


def _files(path: Path, contents: Mapping[str, Any]) -> Iterator[tuple[str, str, Path]]:
    for kind in ("arrays", "frames"):
        for name, said in contents[kind].items():
            yield kind, name, path / said["file"]


def _compare(file: Path, said: Mapping[str, Any], *, thorough: bool) -> None:
    try:
        size = file.stat().st_size
    except FileNotFoundError:
        size = None
    if size != said["bytes"]:
        found = "it is missing" if size is None else f"it has {size:,} bytes"
        raise StoreError(f"{file} should have {said['bytes']:,} bytes; {found}: {REMEDY}")
    if thorough:
        with file.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        if digest != said["sha256"]:
            raise StoreError(f"{file} was altered after it was written; {REMEDY}")


def _mapped(file: Path, said: Mapping[str, Any]) -> NDArray[Any]:
    try:
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise StoreError(f"{file} is damaged and cannot be mapped; {REMEDY}") from error
    if [*array.shape] != said["shape"] or str(array.dtype) != said["dtype"]:
        raise StoreError(
            f"{file} should hold {said['dtype']} of shape {said['shape']}; "
            f"found {array.dtype} of {[*array.shape]}: {REMEDY}"
        )
    return np.asarray(array)  # a plain view: a mapped array's own class would spread


def _sound(place: Path) -> bool:
    try:
        open_shared(place)
    except StoreError:
        return False
    return True


def _touch(place: Path) -> None:
    with suppress(OSError):  # a folder that may only be read is as good
        os.utime(place / CONTENTS)


def _used_at(place: Path) -> int:
    """Return when a folder was last used, in nanoseconds; 0 of what cannot be read."""
    try:
        return (place / CONTENTS).stat().st_mtime_ns
    except OSError:
        return 0


def _take_away(place: Path) -> None:
    """Remove a folder: first its name, so that no half of it is ever read."""
    going = place.with_name(f".{place.name}.{secrets.token_hex(4)}{HALF}")
    place.rename(going)
    shutil.rmtree(going, ignore_errors=True)


def _clear(folder: Path) -> None:
    """Remove what killed writers left; ours is the lock, so nobody is writing."""
    for half in folder.glob(f".*{HALF}"):
        shutil.rmtree(half, ignore_errors=True)
