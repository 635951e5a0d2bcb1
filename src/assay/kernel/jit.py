"""Compiles the kernel's functions, and never runs machine code of an older source.

numba's cache looks only at the file of the function itself: after a change in `barrier.py` the
cached code of `step.py`, with the old `barrier` inside, would go on being used. So the cache lies
in a folder named by the digest of all the room's sources.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import config, njit

_settings = cast("Any", config)  # its options are set at run time, unseen by type checkers
F = TypeVar("F", bound=Callable[..., object])


def _cache_folder() -> str:
    sources = sorted(Path(__file__).parent.glob("*.py"))
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    chosen = str(_settings.CACHE_DIR)
    return str((Path(chosen) if chosen else Path(__file__).parent / "__pycache__") / digest)


FOLDER = _cache_folder()
"""Where compiled functions are kept."""


def compiled(function: F) -> F:
    """Return `function` compiled on first use, without the GIL, cached beside the sources.

    Bitwise reproducible: no fast-math, so inlined and called code round alike. Where the folder
    cannot be written numba falls back to its own choice.
    """
    before = _settings.CACHE_DIR
    _settings.CACHE_DIR = FOLDER
    try:
        return cast("F", njit(cache=True, nogil=True)(function))
    finally:
        _settings.CACHE_DIR = before
