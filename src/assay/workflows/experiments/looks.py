"""Open a family's lock box for one run: every look is counted before it happens."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from assay.core.errors import HistoryError, SettingsError
from assay.core.ids import digest
from assay.evaluation.cuts import Cut, CutPlan, chronological
from assay.evaluation.splits import Part
from assay.store.findings import Families, FamilyRow
from assay.store.runs import Runs
from assay.store.trials import TrialStatus
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.executors.contract import Executor, Work
from assay.workflows.experiments.asked import Experiment
from assay.workflows.experiments.looking import named
from assay.workflows.experiments.pieces import keep, missing
from assay.workflows.experiments.planning import Checked, Task, check_all, seeds_of
from assay.workflows.experiments.reading import Planned
from assay.workflows.experiments.running import planned_of
from assay.workflows.experiments.summing import figures, summed

Pieces = Mapping[Task, Work]


def look(
    desk: Desk,
    asked: str,
    executor: Executor,
    *,
    reason: str,
    tick: Tick = silent,
    stop: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Open the lock box for one finished run, once more: learn from all before it, test on it.

    The look is stored and counted before it happens, whatever comes of it. Returns the figures of
    the test and how many looks the family has had. A run that is not finished is a `SettingsError`.
    """
    families, row = Families(desk.database), named(desk, asked)
    trial_id, family = row.trial.id, families.get(row.facts.family)
    if row.trial.status is not TrialStatus.FINISHED:
        raise SettingsError(
            f"{trial_id} ({row.facts.title}) is {row.trial.status}; only what is finished may look "
            "into the lock box"
        )
    planned = planned_of(row.trial, row.facts, family)
    if family.lock_box_start is None:
        raise SettingsError(
            f"The family {family.name} keeps nothing locked away; a lock box is given in the file "
            "of its first experiment, as lock_box: {from: 2021-01-01}"
        )
    checked, cut = _opened(desk, planned, family, tick)
    looks = families.look(family.name, trial_id, at=desk.clock.now(), reason=reason)
    key = digest([checked.work_key, "look", family.lock_box_start, family.lock_box_end])
    best: dict[int, Mapping[str, Any]] = {}
    if checked.experiment.search is not None:
        found = _done(desk, executor, checked.searches(), trial_id, tick, stop)
        best = {task.fold: metrics["best"] for task, metrics in found.items()}
    own = {
        Task(key, task.fold, task.seed): Work(f"{key}/{task.seed}", work.function, work.arguments)
        for task, work in checked.works(best).items()
        if task.work_key == checked.work_key
    }
    _done(desk, executor, own, trial_id, tick, stop)
    rows = [
        row for row in Runs(desk.database).folds(key) if row.seed in seeds_of(checked.experiment)
    ]
    told = figures(summed(rows), checked.experiment, checked.days_per_year)
    (span,) = cut.parts[Part.TEST]
    return {
        "trial": trial_id,
        "title": row.facts.title,
        "family": family.name,
        "looks": looks,
        "from": span.start,
        "to": span.end,
        "reason": reason,
        "figures": told,
    }


def _opened(desk: Desk, planned: Planned, family: FamilyRow, tick: Tick) -> tuple[Checked, Cut]:
    """Return the run with the lock box as its one test."""
    assert family.lock_box_start is not None
    last = None if family.lock_box_end is None else family.lock_box_end.date() - timedelta(days=1)
    told = planned.experiment.model_dump(mode="json", by_alias=True)
    told["lock_box"] = None
    told["data"]["to"] = None if last is None else last.isoformat()
    asked = Experiment.model_validate(told)
    (checked,) = check_all(desk, [Planned(asked, planned.tag, planned.text, planned.source)], tick)
    spans = [span for cut in checked.cuts for each in cut.parts.values() for span in each]
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    box = family.lock_box_start
    if not start < box < end:
        raise HistoryError(
            f"The lock box of {family.name} begins on {box:%Y-%m-%d}, but the bars stored go from "
            f"{start:%Y-%m-%d} to {end:%Y-%m-%d}; import what lies in it"
        )
    plan = CutPlan(folds=1, tested=(end - box) / (end - start), embargo=asked.splits.embargo)
    (cut,) = chronological(start, end, plan)
    return replace(checked, cuts=(cut,)), cut


def _done(
    desk: Desk,
    executor: Executor,
    pieces: Pieces,
    trial_id: str,
    tick: Tick,
    stop: Callable[[], bool],
) -> dict[Task, Mapping[str, Any]]:
    """Do the pieces that are not there yet, keep them, and return the metrics of all."""
    kept = Runs(desk.database)
    wanted = missing(kept, pieces)
    by_key = {work.key: task for task, work in wanted.items()}
    for number, outcome in enumerate(executor.run(list(wanted.values()), stop=stop), 1):
        if outcome.failure is not None:
            raise HistoryError(outcome.failure.sentence)
        task = by_key[outcome.key]
        keep(kept, task, outcome, trial_id=trial_id, at=desk.clock.now())
        tick("Looking", number, len(wanted))
    return {
        Task(row.work_key, row.fold, row.seed): row.metrics
        for key in {task.work_key for task in pieces}
        for row in kept.folds(key)
    }
