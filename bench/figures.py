"""What the benches of speed share: medians, the machine's state, and figures kept as JSON.

A figure is kept with its goal, its floor and the peers that were measured in the same run; a peer
that was not there is left out, and so is its ratio. `page.py` makes `docs/benchmarks.md` of them.
"""

import importlib.metadata
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing; `goal` and `floor` in the same unit, `better` which way is good."""

    what: str
    value: float
    unit: str
    goal: float | None = None
    floor: float | None = None
    better: Literal["lower", "higher"] = "lower"
    note: str = ""
    peers: dict[str, float] = field(default_factory=dict)

    @property
    def reached(self) -> bool | None:
        """Say whether the goal is reached; None without one."""
        if self.goal is None:
            return None
        return self.value <= self.goal if self.better == "lower" else self.value >= self.goal


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds on the clock and of the processor, medians of several rounds, and the best round."""

    clock: float
    processor: float
    best: float


def timed(action: Callable[[], object], rounds: int) -> Timed:
    """Return how long `action` takes; one round before them warms up."""
    action()
    clock, processor = [], []
    for _ in range(rounds):
        begin, used = time.perf_counter(), time.process_time()
        action()
        clock.append(time.perf_counter() - begin)
        processor.append(time.process_time() - used)
    return Timed(statistics.median(clock), statistics.median(processor), min(clock))


def keep(bench: str, figures: list[Figure], *packages: str) -> int:
    """Print the figures and keep them; return 1 if one missed its goal, else 0."""
    for one in figures:
        print(line(one))
    RESULTS.mkdir(exist_ok=True)
    beside = RESULTS / f".{bench}.json.tmp"
    found = {"bench": bench, "machine": machine(*packages), "figures": [asdict(f) for f in figures]}
    beside.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    beside.replace(RESULTS / f"{bench}.json")
    return int(any(one.reached is False for one in figures))


def line(one: Figure) -> str:
    """Return a figure as one line of a terminal."""
    goal = "" if one.goal is None else f"  goal {one.goal:g}{'' if one.reached else '  MISSED'}"
    peers = "".join(f"  {name} {value:,.3g}" for name, value in one.peers.items())
    floor = "" if one.floor is None else f"  floor {one.floor:,.3g}"
    return f"{one.what:<46}{one.value:>14,.3f} {one.unit:<9}{goal}{floor}{peers}"


def machine(*packages: str) -> dict[str, object]:
    """Return what a figure depends on: when, where, beside what load, with which versions."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    found = {"python": platform.python_version()}
    for name in ("assay", "numpy", "polars", "numba", *packages):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "load": load,
        "system": f"{platform.system()} {platform.machine()}",
        "versions": found,
    }


def _cpu() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or "unknown"
    rows = (row.partition(":") for row in text.splitlines())
    return next((said.strip() for name, _, said in rows if name.startswith("model n")), "unknown")
