"""Pieces of work that the tests of the executors send out to workers."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np

from assay.core.errors import HistoryError
from assay.workflows.shared_arrays import open_shared

PACKAGES = ("assay", "tests")
HERE = "tests.workflows.executors"


def doubled(number: int) -> int:
    """Return twice the number."""
    return 2 * number


def waited(path: str) -> str:
    """Return once there is a file of that name."""
    while not Path(path).exists():
        time.sleep(0.01)
    return path


def began(folder: str, name: str, seconds: float) -> str:
    """Leave a file, with our process in it, then take so long."""
    (Path(folder) / name).write_text(str(os.getpid()))
    time.sleep(seconds)
    return name


def arrays(size: int) -> dict[str, Any]:
    """Return arrays of many kinds beside a plain number."""
    return {
        "rows": np.arange(size, dtype=np.float64).reshape(-1, 2),
        "turned": np.arange(6, dtype=np.int32).reshape(2, 3).T,
        "times": np.array(["2024-01-01", "NaT"], dtype="datetime64[us]"),
        "empty": np.empty((0, 3), dtype=np.float32),
        "one": np.array(7.5),
        "words": np.array(["a", "long"]),
        "size": size,
    }


def too_short(bars: int) -> None:
    """Refuse as a workflow does."""
    raise HistoryError(f"The fold needs 500 bars; {bars} were found")


def killed(number: int = signal.SIGKILL) -> None:
    """Die as the system's out-of-memory killer would have it."""
    os.kill(os.getpid(), number)
    time.sleep(60)


def killed_until(folder: str, times: int) -> int:
    """Die the first so many times; then return how often."""
    path = Path(folder) / "deaths"
    deaths = len(path.read_text()) if path.exists() else 0
    if deaths < times:
        path.write_text("x" * (deaths + 1))
        killed()
    return deaths


def odd() -> set[object]:
    """Return what is no plain data."""
    return {object()}


def unhappy() -> float:
    """Return what is no number."""
    return float("nan")


def leaves() -> None:
    """Ask for the end of the whole program."""
    raise SystemExit("enough")


def process() -> dict[str, Any]:
    """Say who we are and how many threads we may use."""
    import polars as pl  # as late as a workflow's own module would bring it

    names = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "MKL_NUM_THREADS", "CUDA_VISIBLE_DEVICES")
    return {
        "pid": os.getpid(),
        "polars": pl.thread_pool_size(),
        "environment": {name: os.environ.get(name) for name in names},
    }


def filled(megabytes: int) -> int:
    """Hold so much memory for a moment."""
    return int(np.ones(megabytes * 2**20, dtype=np.uint8)[:: 2**20].sum())


def summed(path: str, name: str, stop: int) -> float:
    """Return the sum of the first values of a shared array."""
    return float(open_shared(Path(path)).arrays[name][:stop].sum())
