"""Fit every member of one fold on its own past, and let it answer what came after."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np

from assay.core.errors import HistoryError
from assay.core.ids import digest
from assay.core.values.timeframe import Timeframe
from assay.evaluation.splits import Fold, Part, Span, SplitPlan, check_fold, recut
from assay.features.pipeline import Pipeline
from assay.features.sets import SEQUENCE
from assay.fusion.evidence import Producer
from assay.models.catalog import MEMBERS
from assay.models.contract import BENCH, Asked, Member, Raw, Scope, Weights, Workshop
from assay.models.fitting import Fitted, fit_member
from assay.workflows.desk import Tick, silent
from assay.workflows.gather import (
    CLASS_LABEL,
    Prepared,
    Series,
    moment_of,
    reading,
)
from assay.workflows.outcomes import panel, span_samples
from assay.workflows.pooling import Answers

Job = TypeVar("Job")
Done = TypeVar("Done")
LEARNING = (Part.TRAIN, Part.STOP, Part.CALIBRATE)
DEFAULT_MEMBERS = ("naive", "momentum", "ridge", "lightgbm", "cnn_lstm", "patchtst")
SETTINGS: Mapping[str, Mapping[str, Any]] = {"ridge": {"band": CLASS_LABEL["band"], "keep": 8}}
"""What members are told about label and columns; everything else is their own default."""
READS = {"cnn_lstm": SEQUENCE, "patchtst": SEQUENCE}
"""Which features members read; those that are not named here read all."""
PANEL_ROWS = 80_000
"""A panel larger than this is thinned to every second, third … row: overlapping labels repeat."""
NET_ROWS = 20_000
"""The same of the spans on which nets are stopped and calibrated."""


@dataclass(frozen=True, slots=True)
class MemberPlan:
    """Which member to fit, with which settings; left out, its own defaults.

    `features` names those it reads, all of a market's own if None.
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    features: frozenset[str] | None = None

    def make(self) -> Member:
        """Return the member."""
        return MEMBERS.get(self.name)(**self.settings)

    def read(self, item: Prepared) -> Prepared:
        """Return `item` with the features that are read."""
        return item if self.features is None else item.only(self.features)

    def pipeline(self, item: Prepared) -> Pipeline:
        """Return the pipeline of the features that are read of `item`."""
        return item.pipeline if self.features is None else reading(item.pipeline, self.features)


@dataclass(frozen=True, slots=True)
class Learned:
    """One fitted member: what it covers, and how it came to be."""

    plan: MemberPlan
    member: Member
    timeframe: Timeframe
    series: tuple[Series, ...]
    fold: Fold
    fitted: Fitted
    rows: Mapping[Part, int]
    reads: frozenset[str]

    @property
    def token(self) -> str:
        """Return a name for the fit inside one run, where no artefact is written."""
        covered = [str(s) for s in self.series]
        weights = self.fitted.weights
        return digest([self.plan.name, covered, dict(weights.texts), _sums(weights.arrays)])

    @property
    def base_up(self) -> float:
        """Return the climatology of up given a move, on the calibration span."""
        return self.fitted.calibration.base_up


def _sums(arrays: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(np.nansum(np.asarray(a, dtype=float))) for name, a in arrays.items()}


def plans_of(
    names: Sequence[str],
    *,
    apart: bool = False,
    settings: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> list[MemberPlan]:
    """Return the plan of each member, with what it must know of the label.

    `apart` gives every series nets of its own, where one net otherwise serves a timeframe;
    `settings` are further ones by the member's name.
    """
    plans = []
    for name in names:
        own = {"mode": "series"} if apart and name in READS else {}
        told = {**SETTINGS.get(name, {}), **own, **settings.get(name, {})}
        plans.append(MemberPlan(name, told, READS.get(name)))
    return plans


def learn_fold(
    prepared: Mapping[Series, Prepared],
    fold: Fold,
    plans: Sequence[MemberPlan],
    split: SplitPlan,
    *,
    seed: int,
    threads: int,
    device: str = "cpu",
    tick: Tick = silent,
    what: str = "Fitting members",
) -> list[Learned]:
    """Fit every plan on every series or panel of `prepared`, on the spans of `fold` alone.

    A series that began later than the fold has its own past cut in the same shares; a panel begins
    with the median of its series. A series with too little history for a member is left out of that
    member; if nothing at all can be fitted the first reason is raised.
    """
    jobs = jobs_of(plans, prepared.values())

    def attempt(job: tuple[MemberPlan, list[Prepared]]) -> Learned | HistoryError:
        plan, covered = job
        try:
            own = recut(fold, middle_begin(covered), split)
            return fit_one(plan, covered, own, split, seed, Workshop(device=device))
        except HistoryError as error:
            return HistoryError(f"{named(covered)}: {plan.name}: {error}")

    tried: list[Learned | HistoryError] = []
    for number, found in enumerate(in_threads(attempt, jobs, threads), 1):
        tried.append(found)
        tick(what, number, len(jobs))
    learned = [each for each in tried if isinstance(each, Learned)]
    if not learned:
        raise next(
            (each for each in tried if isinstance(each, HistoryError)),
            HistoryError("There is no series to train on"),
        )
    return learned


def in_threads(
    work: Callable[[Job], Done],
    jobs: Sequence[Job],
    threads: int,
    on_error: Callable[[], None] = lambda: None,
) -> Iterator[Done]:
    """Yield the results of `jobs` in order, `threads` at a time; a first error ends all.

    `on_error` is called then, for those that are under way.

    The heavy parts run outside the interpreter's lock; one thread a job, because several a job wait
    for each other whenever the machine has other work.
    """
    with ThreadPoolExecutor(max_workers=threads) as pool:
        waiting = [pool.submit(work, job) for job in jobs]
        try:
            for future in waiting:
                yield future.result()
        except BaseException:
            on_error()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def middle_begin(items: Sequence[Prepared]) -> datetime:
    """Return the median of the times at which the series begin."""
    first = int(np.median([item.time[0] for item in items]))
    return moment_of(first)


def named(items: Sequence[Prepared]) -> str:
    """Return the names of a few series, or the first and how many more."""
    names = [str(item.series) for item in items]
    return ", ".join(names) if len(names) < 4 else f"{names[0]} and {len(names) - 1} more"


def shortly(items: Sequence[Prepared]) -> str:
    """Return a name for a bar of progress: the series, or how many of which timeframe."""
    timeframe = items[0].series.timeframe
    return str(items[0].series) if len(items) == 1 else f"{len(items)} x {timeframe}"


def groups_of(items: Iterable[Prepared], plan: MemberPlan) -> list[list[Prepared]]:
    """Return the series of one timeframe that may share a panel: same columns read."""
    groups: dict[tuple[str, ...], list[Prepared]] = {}
    for item in items:
        groups.setdefault(plan.pipeline(item).columns, []).append(item)
    return list(groups.values())


def jobs_of(
    plans: Sequence[MemberPlan], items: Iterable[Prepared]
) -> list[tuple[MemberPlan, list[Prepared]]]:
    """Return what there is to fit: each plan on every series alone, or on panels.

    Timeframe by timeframe, so that members of different kinds are fitted beside each other. A panel
    holds the series of a timeframe that have the same columns among those the plan reads.
    """
    frames: dict[Timeframe, list[Prepared]] = {}
    for item in items:
        frames.setdefault(item.series.timeframe, []).append(item)
    return [
        (plan, covered)
        for alike in frames.values()
        for plan in plans
        for group in groups_of(alike, plan)
        for covered in ([group] if plan.make().scope is Scope.PANEL else [[i] for i in group])
    ]


def fit_one(
    plan: MemberPlan,
    items: Sequence[Prepared],
    fold: Fold,
    split: SplitPlan,
    seed: int,
    workshop: Workshop = BENCH,
    *,
    explained: bool = False,
    start: Weights | None = None,
) -> Learned:
    """Fit one member on one series or panel; the labels are computed inside each span.

    Series without rows in one of the spans are left out of a panel; none left is `HistoryError`.
    With `start` it goes on from these weights (`tuning.start_of`).
    """
    member = plan.make()
    items = [plan.read(item) for item in items]
    steps = steps_of(member, items, {part: (span,) for part, span in fold.spans.items()})
    parts = []
    for item in items:
        samples = {
            part: span_samples(item, fold.spans[part], bars_read=member.bars_read)
            for part in LEARNING
        }
        if all(samples[part].outcomes for part in LEARNING):
            parts.append({part: each.every(steps[part]) for part, each in samples.items()})
    if not parts:
        raise HistoryError(
            f"no labelled bars between {fold.train.start:%Y-%m-%d} and "
            f"{fold.calibrate.end:%Y-%m-%d}; import more history"
        )
    spans = {part: panel([samples[part] for samples in parts]) for part in LEARNING}
    check_fold(
        fold, {p: (s.time, np.maximum(s.t1, s.time)) for p, s in spans.items()}, split.embargo
    )
    rows = {part: spans[part].outcomes for part in LEARNING}
    given = {str(part): s for part, s in spans.items()}
    fitted = fit_member(
        member, given, seed=seed, threads=1, workshop=workshop, explained=explained, start=start
    )
    covered = tuple(item.series for item in items)
    reads = frozenset(items[0].pipeline.names)
    return Learned(plan, member, items[0].series.timeframe, covered, fold, fitted, rows, reads)


def steps_of(
    member: Member, items: Sequence[Prepared], parts: Mapping[Part, Sequence[Span]]
) -> dict[Part, int]:
    """Return every how many-th row of each part is kept; of a net's later parts few.

    A net takes ten times as long for an answer as trees do, and overlapping outcomes repeat.
    """
    most = {Part.TRAIN: PANEL_ROWS}
    if member.bars_read > 1:
        most |= {Part.STOP: NET_ROWS, Part.CALIBRATE: NET_ROWS}
    rows = {
        part: sum(len(item.rows(span)) for item in items for span in parts[part]) for part in most
    }
    return {part: 1 + rows[part] // most[part] if part in most else 1 for part in LEARNING}


@dataclass(frozen=True, slots=True)
class Voice:
    """A fitted member that can speak: just fitted, or loaded from its artefact.

    `since` is the start of its own fuse span: what it says of bars before it learned from is no
    evidence. `base_up` is its climatology of up given a move; `answer` gives calibrated answers out
    of the features called `reads`.
    """

    member: str
    family: str
    timeframe: Timeframe
    series: tuple[Series, ...]
    since: datetime
    base_up: float
    artefact: str
    reads: frozenset[str]
    answer: Callable[[Asked], Raw]

    @classmethod
    def of(cls, learned: Learned, artefact: str | None = None) -> "Voice":
        """Return the voice of a fit, under the id of its artefact if it has one."""
        return cls(
            learned.plan.name,
            learned.member.family,
            learned.timeframe,
            learned.series,
            learned.fold.fuse.start,
            learned.base_up,
            artefact or learned.token,
            learned.reads,
            lambda asked: learned.fitted.predict(asked)[1],
        )


def answers_of(
    voice: Voice, item: Prepared, until: datetime, *, since: datetime | None = None
) -> Answers:
    """Return what `voice` said of `item` at every bar from its fuse span on, up to `until`.

    With `since` (UTC) from then on; never before its fuse span.
    """
    start = voice.since if since is None else max(since, voice.since)
    rows = item.rows(Span(start, until))
    calibrated = voice.answer(item.only(voice.reads).asked(rows))
    return Answers(
        producer=Producer(voice.member, voice.family, voice.timeframe, voice.artefact),
        series=item.series,
        time=item.time[rows],
        classes=calibrated.classes,
        quantiles=calibrated.quantiles,
        base=voice.base_up,
    )
