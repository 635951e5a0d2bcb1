"""Fit members and keep their artefacts; what is there already is not made again."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Event

import numpy as np

from assay.core.errors import HistoryError
from assay.evaluation.splits import SplitPlan, live_fold
from assay.models.contract import Progress, Workshop
from assay.store.artefacts import ArtefactRow, Artefacts
from assay.workflows.desk import Desk, Tick, Watch, silent, unwatched
from assay.workflows.gather import Prepared, Series
from assay.workflows.keeping import key_of, made_before, voice_of, whole, written
from assay.workflows.learn import (
    Learned,
    MemberPlan,
    Voice,
    fit_one,
    in_threads,
    jobs_of,
    middle_begin,
    named,
    shortly,
)
from assay.workflows.tuning import Start, start_of

TRAINING = "training"
"""The folder of trainings under way, and of graphs that were exported."""


@dataclass(frozen=True, slots=True)
class Fits:
    """Fitted members: their voices and artefacts in order, and what could not be fitted.

    `grown` says of each artefact, by its id, which one it went on from, or why from none.
    """

    voices: tuple[Voice, ...]
    rows: tuple[ArtefactRow, ...]
    reused: int
    problems: tuple[str, ...]
    grown: Mapping[str, Start | str]


def fit_members(
    desk: Desk,
    prepared: Mapping[Series, Prepared],
    plans: Sequence[MemberPlan],
    split: SplitPlan,
    *,
    champion_of: Callable[[MemberPlan, Sequence[Prepared]], ArtefactRow | None] | None = None,
    tick: Tick = silent,
    watch: Watch = unwatched,
) -> Fits:
    """Fit every plan on every series or panel, and write the artefacts that are not there yet.

    With `champion_of` a member goes on from the weights of that artefact, where it can.
    """
    registry = Artefacts(desk.database)
    prints = {series: fingerprint(item) for series, item in prepared.items()}
    jobs = jobs_of(plans, prepared.values())
    stopped = Event()

    def tell(what: str, progress: Progress) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt  # in a thread of its own: it ends that training alone
        watch(what, progress)

    def attempt(job: tuple[MemberPlan, list[Prepared]]) -> _Attempt | HistoryError:
        plan, covered = job
        try:
            fold = live_fold(middle_begin(covered), _last(covered), split)
            start: Start | str = "all members were fitted anew"
            if champion_of is not None:
                start = start_of(desk, plan, covered, fold, split, champion_of(plan, covered))
            grown = start if isinstance(start, Start) else None
            key = key_of(plan, covered, fold, prints, desk, grown.artefact if grown else None)
            made = made_before(registry, plan, covered[0], key)
            kept = next((row for row in made if row.quarantined is None), None)
            if kept and whole(desk, kept):
                return _Attempt(kept, key, start)
            shop = _workshop(desk, job, key, tell)
            weights = grown.weights if grown else None
            fitted = fit_one(
                plan, covered, fold, split, desk.seed, shop, explained=True, start=weights
            )
            return _Attempt(fitted, key, start)
        except HistoryError as error:
            return HistoryError(f"{named(covered)}: {plan.name}: {error}")

    rows, problems, reused = [], [], 0
    grown: dict[str, Start | str] = {}
    for number, found in enumerate(in_threads(attempt, jobs, desk.jobs, stopped.set), 1):
        _, covered = jobs[number - 1]
        if isinstance(found, HistoryError):
            problems.append(str(found))
        else:
            if isinstance(found.made, Learned):
                parent = found.start.artefact if isinstance(found.start, Start) else None
                row = written(desk, registry, found.made, covered, prints, found.key, parent)
            else:
                row, reused = found.made, reused + 1
            rows.append(row)
            grown[row.id] = found.start
        tick("Training members", number, len(jobs))
    voices = tuple(voice_of(desk, row) for row in rows)
    return Fits(voices, tuple(rows), reused, tuple(problems), grown)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A member that was fitted, or was there; under which key, and what it went on from."""

    made: Learned | ArtefactRow
    key: str
    start: Start | str


def _workshop(
    desk: Desk, job: tuple[MemberPlan, list[Prepared]], key: str, watch: Watch
) -> Workshop:
    """Return where a fit works: what it keeps there lets a stopped one go on."""
    plan, covered = job
    what = f"{plan.name} {shortly(covered)}"
    return Workshop(
        device=desk.device,
        report=lambda progress: watch(what, progress),
        folder=desk.home / TRAINING,
        job=f"{plan.name}-{key[:16]}",
    )


def _last(items: Sequence[Prepared]) -> datetime:
    return max(item.bars.last_time for item in items)


def fingerprint(item: Prepared) -> str:
    """Return the SHA-256 of the times, features and volatility of a series: what a fit sees."""
    made = hashlib.sha256()
    for array in (item.time, item.x, item.volatility):
        made.update(np.ascontiguousarray(array).tobytes())
    return made.hexdigest()
