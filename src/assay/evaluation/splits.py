"""Spans of time, in order, purged and embargoed: train | stop | calibrate | fuse | test."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import HistoryError, SettingsError


class Part(StrEnum):
    """What a span is for; the order is the order of time."""

    TRAIN = "train"
    STOP = "stop"
    CALIBRATE = "calibrate"
    FUSE = "fuse"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Span:
    """Bars that close after `start` and up to `end`, both UTC; its labels end inside it too."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise SettingsError(f"A span ends after it starts; found {self.start} to {self.end}")

    def to_json(self) -> dict[str, str]:
        """Return the ends as ISO 8601."""
        return {"start": self.start.isoformat(), "end": self.end.isoformat()}


@dataclass(frozen=True, slots=True)
class Fold:
    """One walk-forward step; `number` counts from 1. `test` is None when training for live use."""

    number: int
    train: Span
    stop: Span
    calibrate: Span
    fuse: Span
    test: Span | None

    @property
    def spans(self) -> dict[Part, Span]:
        """Return the spans in the order of time."""
        known = {
            Part.TRAIN: self.train,
            Part.STOP: self.stop,
            Part.CALIBRATE: self.calibrate,
            Part.FUSE: self.fuse,
        }
        return known | ({Part.TEST: self.test} if self.test else {})


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """How history is cut.

    `shares` of each fold's past go to train, stop, calibrate and fuse, in that order; `folds` test
    spans of equal length cover the last `tested` part of history; `embargo` is the time left out
    between two spans (at least the longest label). `expanding` keeps the first day of history as
    the start of training, else the past is rolled with the length the first fold had.
    """

    folds: int = 4
    tested: float = 0.5
    shares: tuple[float, float, float, float] = (0.50, 0.08, 0.12, 0.30)
    embargo: timedelta = timedelta(days=2)
    expanding: bool = True
    window: timedelta | None = None
    every: timedelta | None = None

    def __post_init__(self) -> None:
        for name in ("window", "every"):
            value = getattr(self, name)
            if value is not None and value <= timedelta(0):
                raise SettingsError(f"{name} is a length of time above zero; found {value}")
        if self.folds < 1 or not 0.0 < self.tested < 1.0:
            raise SettingsError(
                f"A walk-forward needs at least one fold and a tested part in (0, 1); "
                f"found {self.folds} folds and {self.tested}"
            )
        if abs(sum(self.shares) - 1.0) > 1e-9 or min(self.shares) <= 0:
            raise SettingsError(f"The shares of the past must sum to 1; found {self.shares}")


def walk_forward(start: datetime, end: datetime, plan: SplitPlan) -> tuple[Fold, ...]:
    """Return the folds of `plan` over history from `start` to `end`, oldest first.

    Every span of a fold lies before its test span; too short a history is a `HistoryError`.
    """
    count, length = _tests(end - start, plan)
    first_test = end - length * count
    folds = []
    for number in range(count):
        tests_from = first_test + length * number
        begins = start if plan.expanding else tests_from - (first_test - start)
        past = _cut(_within(begins, tests_from, plan), tests_from, plan)
        test = Span(tests_from + plan.embargo, tests_from + length)
        folds.append(Fold(number + 1, *past, test))
    return tuple(folds)


def live_fold(start: datetime, end: datetime, plan: SplitPlan) -> Fold:
    """Return the one fold that trains up to the end, with nothing held back for a test.

    On all of history, or on the last `plan.window` of it.
    """
    return Fold(1, *_cut(_within(start, end, plan), end, plan), None)


def _tests(history: timedelta, plan: SplitPlan) -> tuple[int, timedelta]:
    """Return how many tests there are, and how long each is."""
    if plan.every is None:
        return plan.folds, history * plan.tested / plan.folds
    count = int(history * plan.tested / plan.every)
    if count < 1:
        raise HistoryError(
            f"Refitting every {plan.every.days} days needs a test of that length, but the tested "
            f"{plan.tested:.0%} of {history.days} days of history are shorter; refit more often or "
            "import more bars"
        )
    return count, plan.every


def _within(begins: datetime, end: datetime, plan: SplitPlan) -> datetime:
    return begins if plan.window is None else max(begins, end - plan.window)


def recut(fold: Fold, first: datetime, plan: SplitPlan) -> Fold:
    """Return `fold` for a series that begins at `first`: the same test, its own past cut anew.

    A series that began before the fold keeps the fold as it is.
    """
    if first <= fold.train.start:
        return fold
    return Fold(fold.number, *_cut(first, fold.fuse.end, plan), fold.test)


def _cut(start: datetime, end: datetime, plan: SplitPlan) -> tuple[Span, Span, Span, Span]:
    edges = [start + (end - start) * share for share in np.cumsum((0.0, *plan.shares)).tolist()]
    edges[-1] = end
    spans = []
    for number, (left, right) in enumerate(itertools.pairwise(edges)):
        begin = left + plan.embargo if number else left
        if right - begin < 2 * plan.embargo:
            raise HistoryError(
                f"{(end - start).days} days of history are too few: a span of "
                f"{(right - left).days} days is left, but the embargo alone takes "
                f"{plan.embargo.days or plan.embargo}; import more bars or ask for fewer folds"
            )
        spans.append(Span(begin, right))
    train, stop, calibrate, fuse = spans
    return train, stop, calibrate, fuse


def check_fold(
    fold: Fold,
    rows: dict[Part, tuple[NDArray[np.int64], NDArray[np.int64]]],
    embargo: timedelta,
) -> None:
    """Verify, independently of how a fold was cut, that no row knows a later span.

    `rows` maps each part to the times and the label ends (UTC microseconds) of the rows used in
    it, over **all** instruments at once. Raises `SettingsError` naming the first broken pair.
    """
    parts: Sequence[Part] = [p for p in Part if p in rows and len(rows[p][0])]
    for early, late in itertools.pairwise(parts):
        last_known = int(max(rows[early][0].max(), rows[early][1].max()))
        first_used = int(rows[late][0].min())
        gap = timedelta(microseconds=first_used - last_known)
        if gap <= timedelta(0):
            raise SettingsError(
                f"Fold {fold.number}: a label of {early} ends {-gap} into {late}; purge it"
            )
        if gap < embargo:
            raise SettingsError(
                f"Fold {fold.number}: only {gap} between {early} and {late}, less than the embargo"
            )
    for part, (times, ends) in rows.items():
        if np.any(ends < times):
            raise SettingsError(f"Fold {fold.number}: a label of {part} ends before it starts")
