"""Measure how often the whole chain, members and all, promotes what has nothing to find."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from assay.core.clock import FixedClock
from assay.core.ids import digest
from assay.core.values.bars import Bars
from assay.evaluation.gate.contract import Verdict
from assay.evaluation.gate.profile import profile_of
from assay.workflows.calibrating import FIRST_SEED, circumstances, rate, thresholds_mark
from assay.workflows.calibrating_kept import CHAIN, FOLDER, carry_on, kept
from assay.workflows.calibrating_nulls import ABOUT, YEARS, Null, Real, market_of
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.executors.contract import Executor, Outcome, Work, carry_out
from assay.workflows.experiments.reading import read_experiments
from assay.workflows.experiments.running import Finished, run_experiments

FAMILY = "assay.workflows.calibrating_chain:family"
SCRATCH = "scratch"
BAR = "Running whole families"
FILE = """name: calibration
hypothesis: >-
  There is nothing here that pays; whatever says otherwise was luck, or a fault of the machinery.
family: calibration
primary_metric: net_sharpe
data:
  instruments: [{symbols}]
  timeframe: 1h
features:
  groups: [returns, trend, momentum, volatility]
label:
  kind: direction
  horizon: 4 bars
model:
  name: ridge
splits:
  folds: 3
seeds: [1]
gate: {profile}
for_each:
  label.kind: [direction, quantiles]
  label.horizon: [4 bars, 12 bars]
  read_and_act:
    - {{model.settings.keep: 6, trade.act_on: 10 %}}
    - {{model.settings.keep: 24, trade.act_on: 30 %}}
"""
"""Eight trials: what is foretold, how far, from how much, and how choosy it acts."""


def calibrate_chain(
    home: Path,
    executor: Executor,
    *,
    families: int,
    real: Real | None,
    profile: str = "standard",
    seed: int = FIRST_SEED,
    tick: Tick = silent,
    stop: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Return in how many of `families` of every null some trial was promoted, as plain data.

    Each family is a fresh workspace under `<home>/calibration` in which the experiments of `FILE`
    run as they always do, gone when it ends; only its counts are kept there, and hold as long as
    the gate's version and thresholds do: `codes` says in how many states of the code they were
    made. Without `real` bars the third null is left out, and said to be.
    """
    mark = thresholds_mark(profile_of(profile), returns_alone=False)
    nulls = [null for null in Null if real is not None or null is not Null.RANDOM_SIGNS]
    scratch = home / FOLDER / SCRATCH
    wanted: dict[str, Null] = {}
    works: list[tuple[str, Work]] = []
    for number in range(seed, seed + families):
        for null in nulls:  # in turn, so that what is stopped early has some of each
            told = _arguments(null, number, profile, real)
            key = digest([mark, FILE, YEARS, _content(null, real), told["seed"], null])
            wanted[key] = null
            works.append((BAR, Work(key, FAMILY, {**told, "scratch": str(scratch)})))
    symbols = list(real.symbols) if real else []
    with kept(home, CHAIN) as rows:
        shutil.rmtree(scratch, ignore_errors=True)  # of a family that was killed
        scratch.mkdir(parents=True)
        try:
            carry_on(rows, works, executor, tick=tick, stop=stop)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        found = [(null, rows.found[key]) for key, null in wanted.items() if key in rows.found]
    return {
        "nulls": [_told(null, [row for of, row in found if of is null]) for null in nulls],
        "left_out": [str(null) for null in Null if null not in nulls],
        "families_wanted": families * len(nulls),
        "families": len(found),
        "real_symbols": symbols,
        "years": YEARS,
        "file": FILE.format(symbols=", ".join(symbols) or "EURUSD", profile=profile),
        "seconds": sum(float(row["seconds"]) for _, row in found),
        "codes": sorted({row["code"] for _, row in found}),
        "seed": seed,
        **circumstances(profile, returns_alone=False),
    }


def _arguments(null: Null, seed: int, profile: str, real: Real | None) -> dict[str, Any]:
    told: dict[str, Any] = {"null": str(null), "seed": seed, "profile": profile}
    if null is Null.RANDOM_SIGNS and real is not None:
        told |= {"root": str(real.root), "symbols": list(real.symbols)}
    return told


def _content(null: Null, real: Real | None) -> str:
    return real.mark if real is not None and null is Null.RANDOM_SIGNS else ""


def _told(null: Null, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what became of the families of one null."""
    counted: tuple[str, ...] = ("verdicts", "refused", "alone")
    added: dict[str, Counter[str]] = {name: Counter() for name in counted}
    for row in rows:
        for name, counter in added.items():
            counter.update(row[name])
    passed = sum(bool(row["promoted"]) for row in rows)
    return {
        "null": str(null),
        "about": ABOUT[null],
        **(rate(passed, len(rows)) if rows else {"families": 0, "passed": 0}),
        "trials": sum(row["trials"] for row in rows),
        "failed": sum(row["failed"] for row in rows),
        **{f"mean_{n}_sharpe": _mean(row[f"{n}_sharpe"] for row in rows) for n in SHARPES},
        **{name: dict(sorted(counter.items())) for name, counter in added.items()},
    }


def family(
    *,
    null: str,
    seed: int,
    profile: str,
    scratch: str,
    root: str | None = None,
    symbols: Sequence[str] = (),
) -> dict[str, Any]:
    """Return what the gate made of one family of trials on one market where nothing pays.

    `promoted` trials reached PAPER or better; `refused` counts by check the trials that it alone
    or with others kept below PAPER, `alone` those that no other did.
    """
    which = Null(null)
    bars = market_of(which, seed, Path(root) if root else None, symbols)
    Path(scratch).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch, ignore_cleanup_errors=True) as folder:
        return _judged(Path(folder), bars, profile, simulated=which is not Null.RANDOM_SIGNS)


def _judged(home: Path, every: Sequence[Bars], profile: str, *, simulated: bool) -> dict[str, Any]:
    now = max(bars.last_time for bars in every) + timedelta(days=1)
    desk = Desk(home, FixedClock(now), jobs=1)
    try:
        for bars in every:
            desk.bars.append(bars, source="calibration", known_at=now, simulated=simulated)
        file = home / "calibration.yaml"
        names = ", ".join(bars.instrument.symbol for bars in every)
        file.write_text(FILE.format(symbols=names, profile=profile), encoding="utf-8")
        done = list(run_experiments(desk, read_experiments([file]), InProcess()))
    finally:
        desk.close()
    return _counts(done)


SHARPES = ("net", "gross")


def _counts(done: Sequence[Finished]) -> dict[str, Any]:
    verdicts: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    promoted = 0
    for each in done:
        if each.judgement is None:
            continue
        verdicts[str(each.judgement.verdict)] += 1
        promoted += each.judgement.verdict >= Verdict.PAPER
        against = [x.check for x in each.judgement.lines if x.finding.allows < Verdict.PAPER]
        refused.update(against)
        alone.update(against if len(against) == 1 else [])
    figures = [each.figures for each in done if each.figures is not None]
    ratios = [told["sharpe"] for told in figures]
    return {
        "trials": len(done),
        "failed": len(done) - len(figures),
        "promoted": promoted,
        "verdicts": dict(verdicts),
        "refused": dict(refused),
        "alone": dict(alone),
        **{f"{name}_sharpe": _mean(each[name] for each in ratios) for name in SHARPES},
    }


def _mean(values: Iterable[float | None]) -> float:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else 0.0


@dataclass(frozen=True, slots=True)
class InProcess(Executor):
    """Runs pieces one after the other in the process that asks: a worker may not start others."""

    def _outcomes(self, works: Sequence[Work], stop: Callable[[], bool]) -> Iterator[Outcome]:
        """See `Executor._outcomes`."""
        for work in works:
            if stop():
                return
            yield carry_out(work.text(), self.packages)
