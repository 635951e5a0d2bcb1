"""A small simulated workspace with runs of every kind, for what looks at them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from assay.store.runs import Runs
from assay.workflows.desk import Desk
from assay.workflows.executors.contract import Executor, Failure, Outcome, Work, carry_out
from assay.workflows.experiments.reading import read_experiments
from assay.workflows.experiments.running import run_experiments
from tests.workflows.workspace import open_at, trending_bars

BARS = 4_000
REASON = "the disk of the worker is full"
PAIR = """\
name: drift-goes-on
hypothesis: The drift of this simulated market persists, so its last move foretells the next.
family: drift
data: {instruments: [EURUSD], timeframe: 1h}
features: {only: [rsi, log_return]}
label: {kind: direction, horizon: 8 bars}
model: {name: ridge}
splits: {folds: 2}
for_each:
  model.name: [momentum, ridge]
"""
LONG = PAIR.replace("drift-goes-on", "long-way").replace("folds: 2", "folds: 6")
FAILED = PAIR.replace("drift-goes-on", "bad-luck").replace("[momentum, ridge]", "[naive]")
SHORTER = "family: drift\ndata: {instruments: [EURUSD], timeframe: 1h, to: 2020-07-01}"
STOPPED = PAIR.replace("drift-goes-on", "left-alone").replace(
    "family: drift\ndata: {instruments: [EURUSD], timeframe: 1h}", SHORTER
)
SEARCHED = (
    PAIR.partition("for_each")[0]
    .replace("drift", "search")
    .replace("name: ridge}", "name: ridge, settings: {stop_rows_needed: 20}}")
    .replace("folds: 2", "kind: chronological, tested: 20 %, embargo: 8 hours")
    + "search: {tries: 3, inner_folds: 2, space: {rows_needed: {choice: [60, 80, 10000000]}}}\n"
)


@dataclass(frozen=True, slots=True)
class Inline(Executor):
    """Does the pieces in this process; stops after `most`, and fails them all if `broken`."""

    most: int = 1_000
    broken: bool = False
    done: list[str] = field(default_factory=list)

    def _outcomes(self, works: Sequence[Work], stop: object) -> Iterator[Outcome]:
        for work in works[: self.most]:
            self.done.append(work.key)
            if self.broken:
                yield Outcome(work.key, failure=Failure(REASON, ("builtins.OSError",)))
            else:
                yield carry_out(work.text(), self.packages)


def filled(home: Path) -> Desk:
    """Return the desk of a workspace with simulated bars and no run."""
    bars = trending_bars(BARS)
    desk = open_at(home, bars.last_time + timedelta(hours=1))
    desk.bars.append(bars, source="simulated", known_at=desk.clock.now(), simulated=True)
    return desk


def ran(desk: Desk, folder: Path, text: str, executor: Executor) -> list[str]:
    """Run what a file with `text` asks for; return the ids of the runs, finished or not."""
    file = folder / "asked.yaml"
    file.write_text(text)
    before = len(Runs(desk.database).list()) if desk.has_database else 0
    list(run_experiments(desk, read_experiments([file]), executor))
    return [row.trial.id for row in Runs(desk.database).list()[before:]]


def build(home: Path, folder: Path) -> dict[str, str]:
    """Fill `home` with runs; return their ids by what they are."""
    desk = filled(home)
    momentum, ridge = ran(desk, folder, PAIR, Inline())
    [failed] = ran(desk, folder, FAILED, Inline(broken=True))
    stopped, _ = ran(desk, folder, STOPPED, Inline(most=1))
    [searched] = ran(desk, folder, SEARCHED, Inline())
    desk.close()
    return {
        "momentum": momentum,
        "ridge": ridge,
        "failed": failed,
        "stopped": stopped,
        "searched": searched,
    }
