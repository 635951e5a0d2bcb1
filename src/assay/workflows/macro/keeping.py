"""Figures into the store: first figures, revisions, and what was on the calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from assay.core.values.release import Event, Release
from assay.sources.figures import Figure
from assay.workflows.desk import FOREVER, Desk

LONGEST_GAP = timedelta(days=100)
"""A last figure that is older than this is not the one that `previous` speaks of."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How much of some figures was new: versions of figures, and versions of events."""

    figures: int = 0
    events: int = 0

    def __add__(self, other: "Kept") -> "Kept":
        return Kept(self.figures + other.figures, self.events + other.events)


def keep(desk: Desk, figures: Sequence[Figure]) -> Kept:
    """Store figures; safe to repeat.

    What a calendar calls the previous figure is a revision of the last one where it differs: a
    version that is known with the new figure. It never takes the place of what was first said.
    """
    releases = [_release(one) for one in figures if one.actual is not None]
    releases += _revisions(desk, figures)
    events = [_event(one) for one in figures if one.title]
    return Kept(desk.documents.add_releases(releases, simulated=False), desk.agenda.add(events))


def _release(one: Figure) -> Release:
    assert one.actual is not None
    return Release(
        one.series,
        one.currency,
        one.event_at,
        one.seen_at,
        one.actual,
        one.consensus,
        one.period,
        one.assumed,
    )


def _event(one: Figure) -> Event:
    return Event(
        one.series,
        one.currency,
        one.event_at,
        one.seen_at,
        one.title,
        one.impact,
        one.consensus,
        one.previous,
    )


def _revisions(desk: Desk, figures: Sequence[Figure]) -> list[Release]:
    """Return the revisions that figures bring of the ones before them."""
    telling = [one for one in figures if one.previous is not None and one.actual is not None]
    if not telling:
        return []
    last: dict[tuple[str, str], Release] = {}
    found: list[Release] = []
    every = [*_stored(desk, {one.series for one in telling}), *map(_release, _with_actual(figures))]
    by_due = sorted(every, key=lambda one: (one.event_at, one.seen_at))
    previous = {(one.series, one.currency, one.event_at): one for one in telling}
    for release in by_due:
        key = (release.series, release.currency)
        teller = previous.pop((*key, release.event_at), None)
        before = last.get(key)
        if teller is not None and before is not None and before.event_at < release.event_at:
            found += _revised(before, teller)
        last[key] = release
    return found


def _with_actual(figures: Sequence[Figure]) -> list[Figure]:
    return [one for one in figures if one.actual is not None]


def _revised(before: Release, teller: Figure) -> list[Release]:
    """Return the version of the last figure that a new one tells, none if it is no other."""
    assert teller.previous is not None
    too_old = teller.event_at - before.event_at > LONGEST_GAP
    if too_old or before.actual == teller.previous or before.seen_at > teller.seen_at:
        return []
    return [
        Release(
            before.series,
            before.currency,
            before.event_at,
            teller.seen_at,
            teller.previous,
            before.consensus,
            before.period,
        )
    ]


def _stored(desk: Desk, series: set[str]) -> list[Release]:
    """Return what is stored of some series, told by a calendar."""
    frame = desk.documents.releases(None, FOREVER, simulated=False).filter(
        pl.col("series").is_in(sorted(series)), pl.col("period") == "", ~pl.col("assumed")
    )
    return [Release(**row) for row in frame.iter_rows(named=True)]
