"""Experiments on a Ray cluster of two nodes, beside the same on processes of this machine.

`python bench/cluster.py [--acts 4]`: both nodes are on this machine, of one processor each, so what
is told is what Ray costs and not what more machines gain. Two dozen runs of ridge and LightGBM over
two simulated instruments, once by each executor with two at a time, each in a workspace of its own.
Every fold must be the same to the bit; else it ends with 1.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import sqlalchemy as sa

from assay.app import open_desk
from assay.core.values.timeframe import Timeframe
from assay.store.tables import RUN_FOLDS
from assay.workflows.executors.catalog import EXECUTORS
from assay.workflows.executors.contract import Executor
from assay.workflows.experiments.foreseeing import read_all
from assay.workflows.experiments.running import run_experiments
from assay.workflows.imports import import_file
from experiments import written
from figures import Figure, keep

SYMBOLS, YEARS = ("EURUSD", "GBPUSD"), 1.5
FILE = """name: spread
hypothesis: >-
  Nothing but the machinery is measured here; what the runs find is of no interest.
family: spread
primary_metric: net_sharpe
data:
  instruments: [{symbols}]
  timeframe: 1h
features:
  groups: [returns, momentum]
label:
  kind: direction
  horizon: 4 bars
model:
  name: ridge
splits:
  kind: chronological
seeds: [1]
for_each:
  model.name: [ridge, lightgbm]
  label.horizon: [2 bars, 4 bars, 8 bars]
  trade.act_on: [{acts}]
"""


def main() -> int:
    """Print and keep the figures; return 1 where the two ways found different things."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("--acts", type=int, default=4, help="so many times six runs")
    given = asked.parse_args()
    from ray.cluster_utils import Cluster

    text = FILE.format(
        symbols=", ".join(SYMBOLS), acts=", ".join(f"{10 * n + 10} %" for n in range(given.acts))
    )
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "spread.yaml"
        file.write_text(text, encoding="utf-8")
        bars = written(Path(place), YEARS, SYMBOLS)
        here = measured(Path(place) / "local", bars, file, EXECUTORS.get("local")(jobs=2))
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
        cluster.add_node(num_cpus=1)
        try:
            # the address is one of Ray's settings, not of every executor's
            made: Any = EXECUTORS.get("ray")
            executor = made(jobs=2, address=cluster.address)
            there = measured(Path(place) / "ray", bars, file, executor)
        finally:
            cluster.shutdown()
    fits = len(here["folds"])
    same = here["folds"] == there["folds"]
    said = "every fold the same to the bit" if same else "THEY DIFFER"
    note = f"{fits} fits; {said}"
    figures = [
        Figure(f"{here['runs']} experiments, local, 2 jobs", here["seconds"], "s", note=note),
        Figure(
            "the same on a Ray cluster of 2 nodes", there["seconds"], "s",
            note=f"both on this machine; load before {here['load']:.1f} and {there['load']:.1f}",
        ),
        Figure("until the first fit was done, Ray", there["first"], "s"),
    ]  # fmt: skip
    keep("cluster", figures, "ray", "lightgbm")
    return int(not same)


def measured(home: Path, bars: list[Path], file: Path, executor: Executor) -> dict[str, Any]:
    """Run the file's experiments in a fresh workspace; return how long, and every fold's digest."""
    desk = open_desk(home)
    for each in bars:
        import_file(desk, each, each.stem.partition("_")[0], Timeframe.H1)
    load, began = os.getloadavg()[0], perf_counter()
    first: list[float] = []

    def tick(what: str, done: int, total: int) -> None:
        if what == "Fitting folds" and not first:
            first.append(perf_counter() - began)

    ended = list(run_experiments(desk, read_all([file]), executor, tick=tick))
    seconds = perf_counter() - began
    reasons = [each.reason for each in ended if each.reason]
    assert not reasons, reasons[0]
    query = sa.select(RUN_FOLDS.c.work_key, RUN_FOLDS.c.fold, RUN_FOLDS.c.seed, RUN_FOLDS.c.digest)
    with desk.database.read() as connection:
        folds = {tuple(row) for row in connection.execute(query)}
    return {
        "runs": len(ended),
        "seconds": seconds,
        "first": first[0],
        "load": load,
        "folds": folds,
    }


if __name__ == "__main__":
    sys.exit(main())
