"""Two days of a market that goes on faster than life: whether the service's memory stays flat.

    python bench/day.py --home WORKSPACE [--hours 48] [--every 3]

WORKSPACE is a trained simulated one, as `assay demo` makes; it is copied and served as its user
serves it, with a bar of every series each so many seconds. The memory (resident set, from `/proc`,
so on Linux alone) of the service and of the processes that issue its signals is looked at every
second. *Flat* is the mean of the last quarter of the hours against that of the second: in the first
everything is opened.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from figures import Figure, keep
from service import Served

MOST_GROWTH = 5.0
"""Percent."""
MEGABYTE = 1024


def main() -> int:
    """Measure; return 1 if the goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--home", type=Path, default=Path("demo"))
    parser.add_argument("--hours", type=int, default=48)
    parser.add_argument("--every", type=float, default=3.0)
    asked = parser.parse_args()
    if not (asked.home / "assay.db").is_file():
        sys.exit(f"{asked.home} is no workspace; make one with assay --home {asked.home} demo")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        shutil.copytree(asked.home, home)
        return keep("day", measured(home, asked.hours, asked.every), "polars", "uvicorn")


def measured(home: Path, hours: int, every: float) -> list[Figure]:
    """Return the figures of a service over `home` whose market goes on for so many hours."""
    seen: list[tuple[int, float]] = []
    with Served(home, "--simulate-every", str(every)) as served:
        token = served.token()
        first = _newest(served, token)
        before, begun = first, time.monotonic()
        came = 0
        while came < hours and time.monotonic() < begun + 20 * hours * every:
            time.sleep(1.0)
            now = _newest(served, token)
            came += now != before
            before = now
            seen.append((came, _memory(served.pid)))
        signals = len(json.loads(served.ask("/api/v1/signals?limit=500", token))["items"])
    quarter = hours // 4
    early = _mean([size for at, size in seen if quarter <= at < 2 * quarter])
    late = _mean([size for at, size in seen if at >= 3 * quarter])
    return [
        Figure("hours of the market", came, "", note=f"one each {every:g} s, {first} to {before}"),
        Figure("signals issued meanwhile, at least", signals, ""),
        Figure("memory in the second quarter", early, "MB", note="the service and its processes"),
        Figure("memory in the last quarter", late, "MB"),
        Figure("growth", 100 * (late / early - 1), "%", MOST_GROWTH),
    ]


def _newest(served: Served, token: str) -> str:
    places = json.loads(served.ask("/api/v1/board", token))["places"]
    return max(str(one["last_bar_at"]) for one in places)


def _memory(pid: int) -> float:
    """Return the resident megabytes of a process and of all that it has begun."""
    own = 0
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            own = int(line.split()[1]) // MEGABYTE
    children = Path(f"/proc/{pid}/task/{pid}/children")
    every = Path(f"/proc/{pid}/task").iterdir() if children.exists() else ()
    begun = {child for task in every for child in (task / "children").read_text().split()}
    total = float(own)
    for child in begun:
        try:
            total += _memory(int(child))
        except OSError:
            continue  # it has ended meanwhile
    return total


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else float("nan")


if __name__ == "__main__":
    sys.exit(main())
