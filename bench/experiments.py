"""How fast many experiments run on one machine, and in how much memory.

`python bench/experiments.py [--runs 100] [--years 5]`: hourly bars of five simulated instruments
are imported from files as anybody's would be; one file whose for_each makes a hundred runs of ridge
and LightGBM over them is run with one job and with two, each in a workspace and a process of its
own. What is told is the time on the clock, what of it was no fitting, the memory of the workers and
of all together, and how much of a worker's memory is the series that all of them map from the same
pages. The floor is the pure seconds of fitting, by the number of jobs. Both ways must find the same
to the bit, and no worker may load torch; else it ends with 1, as where a goal is missed. What the
checks of returns take over a large family is in `gate.py`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import polars as pl
import sqlalchemy as sa

from assay.app import open_desk
from assay.core.ids import digest
from assay.core.instruments import instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.simulated import Simulated
from assay.store.tables import RUN_FOLDS
from assay.workflows.executors.catalog import EXECUTORS
from assay.workflows.experiments.foreseeing import read_all
from assay.workflows.experiments.running import run_experiments
from figures import Figure, keep

SYMBOLS = ("EURUSD", "GBPUSD", "USDJPY", "AUDUSD", "XAUUSD")
SEED = 7
MODELS, HORIZONS, ACTS = ("ridge", "lightgbm"), (2, 4, 8, 12, 24), tuple(range(5, 55, 5))
MOST_WORKER_MB, LEAST_SPEED_UP = 700.0, 1.5
SAMPLE_SECONDS = 0.5
FILE = """name: many
hypothesis: >-
  Nothing but the machine is measured here; what the runs find is of no interest.
family: many
primary_metric: net_sharpe
data:
  instruments: [{symbols}]
  timeframe: 1h
features:
  groups: [returns, momentum, volatility]
label:
  kind: direction
  horizon: 4 bars
model:
  name: ridge
splits:
  kind: chronological
  tested: 20 %
seeds: [1]
for_each:
  model.name: [{models}]
  label.horizon: [{horizons}]
  trade.act_on: [{acts}]
"""


def main() -> int:
    """Print and keep the figures; return 1 where a goal is missed."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("--runs", type=int, default=100, help="up to 100")
    asked.add_argument("--years", type=float, default=5.0)
    asked.add_argument("--measure", nargs=2, metavar=("HOME", "JOBS"), help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.measure:
        print(json.dumps(measured(Path(given.measure[0]), int(given.measure[1]))))
        return 0
    with tempfile.TemporaryDirectory() as place:
        files = written(Path(place), given.years)
        found = {jobs: in_a_process(Path(place), files, jobs, given.runs) for jobs in (1, 2)}
    return kept(found, given.years)


def written(place: Path, years: float, symbols: Sequence[str] = SYMBOLS) -> list[Path]:
    """Write simulated bars of each instrument as a file stamped with opens; return the files."""
    chosen = [instrument(symbol) for symbol in symbols]
    market = Simulated(seed=SEED, years=years, instruments=chosen)
    files = []
    for one in chosen:
        frame = market.bars(one, Timeframe.H1).bars.frame
        opens = (pl.col("time") - Timeframe.H1.length).alias("timestamp")
        files.append(place / f"{one.symbol}_1h.parquet")
        frame.select(opens, pl.exclude("time")).write_parquet(files[-1])
    return files


def in_a_process(place: Path, files: list[Path], jobs: int, runs: int) -> dict[str, Any]:
    """Fill a workspace, run everything there in a process of its own, return what it measured."""
    home = place / f"jobs-{jobs}"
    words = ["-m", "assay", "--home", str(home), "data", "import", *map(str, files), "--yes"]
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
    (home / "many.yaml").write_text(file_of(runs), encoding="utf-8")
    again = [sys.executable, __file__, "--measure", str(home), str(jobs)]
    done = subprocess.run(again, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"{jobs} at once: {found['seconds']:.0f} s, load before {found['load']:.1f}", flush=True)
    return found


def file_of(runs: int) -> str:
    """Return a file of `runs` experiments, or the next number that models and horizons share."""
    acts = ACTS[: max(1, runs // (len(MODELS) * len(HORIZONS)))]
    return FILE.format(
        symbols=", ".join(SYMBOLS),
        models=", ".join(MODELS),
        horizons=", ".join(f"{bars} bars" for bars in HORIZONS),
        acts=", ".join(f"{share} %" for share in acts),
    )


def measured(home: Path, jobs: int) -> dict[str, Any]:
    """Return what running every experiment of the workspace's file took."""
    desk = open_desk(home)
    load = os.getloadavg()[0]
    planned = read_all([home / "many.yaml"])
    executor = EXECUTORS.get("local")(jobs=jobs)
    watched = Watched(home / "shared")
    began = perf_counter()
    first: list[float] = []

    def tick(what: str, done: int, total: int) -> None:
        if what == "Fitting folds" and not first:
            first.append(perf_counter() - began)

    with watched:
        ended = list(run_experiments(desk, planned, executor, tick=tick))
    seconds = perf_counter() - began
    reasons = [each.reason for each in ended if each.reason]
    assert not reasons, reasons[0]
    with desk.database.read() as connection:
        columns = (RUN_FOLDS.c.seconds, RUN_FOLDS.c.peak_mb, RUN_FOLDS.c.digest)
        order = (RUN_FOLDS.c.work_key, RUN_FOLDS.c.fold, RUN_FOLDS.c.seed)
        query = sa.select(*columns, *order).where(RUN_FOLDS.c.peak_mb.is_not(None))
        folds = connection.execute(query.order_by(*order)).all()
    return {
        "runs": len(ended),
        "fits": len(folds),
        "seconds": seconds,
        "before_first": first[0],
        "fitting": sum(fold.seconds for fold in folds),
        "worker_mb": max(fold.peak_mb for fold in folds),
        "digest": digest([fold.digest for fold in folds]),
        "load": load,
        **watched.told(),
    }


@dataclass(slots=True)
class Watched:
    """Looks at this process and its workers while they run; Linux only, else it sees nothing.

    `shared` is the folder whose files the workers map. Sizes are kB: of the moment at which all
    processes together held most (`total`), and the most that a worker mapped of `shared` (resident,
    its part of it where pages are divided among those who map them, and what it had altered).
    """

    shared: Path
    total: int = 0
    mapped: tuple[int, int, int] = (0, 0, 0)
    torch: bool = False
    ended: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def __enter__(self) -> None:
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        assert self.thread is not None
        self.thread.join()

    def told(self) -> dict[str, Any]:
        """Return what was seen, sizes in MB."""
        rss, pss, private = (size / 1024 for size in self.mapped)
        return {
            "total_mb": self.total / 1024,
            "shared_rss_mb": rss,
            "shared_pss_mb": pss,
            "shared_private_mb": private,
            "torch": self.torch,
        }

    def _watch(self) -> None:
        while not self.ended.wait(SAMPLE_SECONDS):
            workers = children(os.getpid())
            sizes = [rolled_up(process) for process in (os.getpid(), *workers)]
            self.total = max(self.total, sum(sizes))
            for process in workers:
                rss, pss, private, torch = maps_of(process, str(self.shared))
                self.torch |= torch
                if rss >= self.mapped[0]:
                    self.mapped = (rss, min(pss, self.mapped[1] or pss), private)


def children(process: int) -> list[int]:
    """Return the processes that `process` started."""
    try:
        told = Path(f"/proc/{process}/task").glob("*/children")
        return [int(word) for each in told for word in each.read_text().split()]
    except OSError:
        return []


def rolled_up(process: int) -> int:
    """Return the memory of a process in kB, pages that several map divided among them."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended, or there is no /proc here
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def maps_of(process: int, folder: str) -> tuple[int, int, int, bool]:
    """Return Rss, Pss and altered kB of what a process maps of `folder`, and if it has torch."""
    try:
        lines = Path(f"/proc/{process}/smaps").read_text().splitlines()
    except OSError:
        return 0, 0, 0, False
    sizes, inside, torch = {"Rss:": 0, "Pss:": 0, "Private_Dirty:": 0}, False, False
    for line in lines:
        head, *words = line.split()
        if not head.endswith(":"):  # the first line of a mapping: addresses, …, the file
            inside = folder in line
            torch |= "libtorch" in line
        elif inside and head in sizes:
            sizes[head] += int(words[0])
    return sizes["Rss:"], sizes["Pss:"], sizes["Private_Dirty:"], torch


def kept(found: dict[int, dict[str, Any]], years: float) -> int:
    """Keep the figures; return 1 where a goal is missed or the two ways differ."""
    one, two = found[1], found[2]
    what = f"{one['runs']} experiments, {one['fits']:,} fits"
    note = f"{len(SYMBOLS)} instruments, {years:g} years of hourly bars, ridge and LightGBM"
    speed_up = one["seconds"] / two["seconds"]
    wrong = one["torch"] or two["torch"]
    loads = f"load before {one['load']:.1f} and {two['load']:.1f}"
    figures = [
        Figure(f"{what}, 1 job", one["seconds"], "s", floor=one["fitting"], note=note),
        Figure("the same, 2 jobs", two["seconds"], "s", floor=one["fitting"] / 2),
        Figure("2 jobs against 1", speed_up, "x", LEAST_SPEED_UP, better="higher", note=loads),
        Figure(
            "fits under way at once, 2 jobs", two["fitting"] / two["seconds"], "", floor=2.0,
            better="higher", note="on average, whatever else the machine did",
        ),
        Figure("until the first fit was done, 2 jobs", two["before_first"], "s"),
        Figure(
            "peak of a worker", max(one["worker_mb"], two["worker_mb"]), "MB", MOST_WORKER_MB,
            note=f"resident, shared pages included; torch is {'' if wrong else 'not '}loaded",
        ),
        Figure("peak of all processes, 1 job", one["total_mb"], "MB"),
        Figure("peak of all processes, 2 jobs", two["total_mb"], "MB"),
        Figure(
            "series that a worker maps, 2 jobs", two["shared_rss_mb"], "MB",
            note=f"its part of the pages is {two['shared_pss_mb']:.0f} MB, and it altered "
            f"{two['shared_private_mb']:.0f}",
        ),
    ]  # fmt: skip
    missed = keep("experiments", figures, "lightgbm", "scikit-learn")
    if wrong or one["digest"] != two["digest"]:
        print("A worker loaded torch" if wrong else "One job and two jobs found different things")
        return 1
    return missed


if __name__ == "__main__":
    sys.exit(main())
