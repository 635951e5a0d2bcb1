"""Which pieces of work are there already, and how one that was finished is kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

import numpy as np

from assay.store.runs import Runs
from assay.workflows.executors.contract import Outcome
from assay.workflows.experiments.planning import Task

T = TypeVar("T")


def missing(kept: Runs, wanted: Mapping[Task, T]) -> dict[Task, T]:
    """Return those of `wanted` whose results are not there yet."""
    there = {key: kept.done(key) for key in {task.work_key for task in wanted}}
    return {t: each for t, each in wanted.items() if (t.fold, t.seed) not in there[t.work_key]}


def keep(kept: Runs, task: Task, outcome: Outcome, *, trial_id: str, at: datetime) -> None:
    """Keep what a piece found, durably, as finished by the trial at `at` (UTC)."""
    kept.keep_fold(
        task.work_key,
        task.fold,
        task.seed,
        trial_id=trial_id,
        at=at,
        seconds=outcome.seconds,
        peak_mb=float(outcome.peak_mb) if np.isfinite(outcome.peak_mb) else None,
        metrics=outcome.value["metrics"],
        arrays={k: v for k, v in outcome.value.items() if isinstance(v, np.ndarray)},
    )
