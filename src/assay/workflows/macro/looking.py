"""What is known of a figure, as of any time: versions, revisions, and what is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from assay.core.errors import HistoryError
from assay.core.names import unknown
from assay.sources.published import PUBLISHED
from assay.workflows.desk import FOREVER, Desk


@dataclass(frozen=True, slots=True)
class Known:
    """One figure as it was known at a time: what was first said of it, and what by then.

    `versions` are all that were known by then, each with its first-seen time, the oldest first.
    """

    currency: str
    period: str
    event_at: datetime
    consensus: float | None
    assumed: bool
    versions: tuple[tuple[datetime, float], ...]

    @property
    def first(self) -> tuple[datetime, float]:
        """Return when it was first known, and what was said."""
        return self.versions[0]

    @property
    def newest(self) -> tuple[datetime, float]:
        """Return when it was last revised by then, and to what."""
        return self.versions[-1]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        plain = {n: getattr(self, n) for n in self.__dataclass_fields__ if n != "versions"}
        versions = [{"seen_at": seen, "actual": value} for seen, value in self.versions]
        return {**plain, "versions": versions}


@dataclass(frozen=True, slots=True)
class Shown:
    """A series as it was known `as_of`: its newest figures, the latest last; `of` how many."""

    series: str
    unit: str
    as_of: datetime
    of: int
    figures: tuple[Known, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        plain = {n: getattr(self, n) for n in self.__dataclass_fields__ if n != "figures"}
        return {**plain, "figures": [one.to_json() for one in self.figures]}


def listed_macro(desk: Desk) -> list[dict[str, Any]]:
    """Return what is stored, a row for each series and currency of each world.

    `figures` counts figures, `versions` all their versions, `assumed` those whose first-seen time
    nobody told; `first` and `last` are first-seen times, UTC.
    """
    found: list[dict[str, Any]] = []
    for simulated in (False, True):
        frame = desk.documents.releases(None, FOREVER, simulated=simulated)
        rows = frame.group_by("currency", "series").agg(
            pl.struct("event_at", "period").n_unique().alias("figures"),
            pl.len().alias("versions"),
            pl.col("assumed").sum(),
            pl.col("seen_at").min().alias("first"),
            pl.col("seen_at").max().alias("last"),
        )
        found += [
            {**row, "simulated": simulated}
            for row in rows.sort("currency", "series").iter_rows(named=True)
        ]
    return found


def shown_macro(
    desk: Desk, series: str, as_of: datetime | None, currency: str | None, most: int
) -> Shown:
    """Return the last `most` figures of a series as they were known `as_of` (None: now).

    `series` is our name for it or FRED's. One that is not stored is a `NotFoundError`, one of
    which nothing was known by then a `HistoryError`.
    """
    by = as_of or desk.clock.now()
    known = PUBLISHED.get(series.upper())
    name = known.name if known else series.lower()
    money = (currency or (known.currency if known else "")).upper()
    frame = _frame(desk, name)
    if frame.is_empty():
        stored = [one["series"] for one in listed_macro(desk)]
        raise unknown("stored series", series, stored, listed_by="assay macro list")
    if money:
        frame = frame.filter(pl.col("currency") == money)
    frame = frame.filter(pl.col("seen_at") <= by)
    if frame.is_empty():
        of = f" of {money}" if money else ""
        raise HistoryError(f"Nothing{of} was known of {name} by {by:%Y-%m-%d %H:%M} UTC")
    figures = _figures(frame)
    unit = next((one.unit for one in PUBLISHED.values() if one.name == name), "")
    return Shown(name, unit, by, len(figures), tuple(figures[-most:]))


def due_macro(
    desk: Desk,
    start: datetime,
    end: datetime,
    as_of: datetime | None,
    currencies: Sequence[str] | None,
) -> list[dict[str, Any]]:
    """Return what was due from `start` to `end`, as known `as_of` (None: now), in order.

    `actual` is the first figure that was told of it by then, None without one.
    """
    by = as_of or desk.clock.now()
    events = desk.agenda.due(start, end, by, currencies)
    told = (
        desk.documents.releases(currencies, by, simulated=False)
        .unique(["series", "currency", "event_at"], keep="first", maintain_order=True)
        .select("series", "currency", "event_at", "actual")
    )
    both = events.join(
        told, on=["series", "currency", "event_at"], how="left", maintain_order="left"
    )
    return list(both.iter_rows(named=True))


def _frame(desk: Desk, name: str) -> pl.DataFrame:
    """Return all versions of a series: real ones, or where there are none simulated ones."""
    for simulated in (False, True):
        frame = desk.documents.releases(None, FOREVER, simulated=simulated)
        found = frame.filter(pl.col("series") == name)
        if found.height:
            break
    return found


def _figures(frame: pl.DataFrame) -> list[Known]:
    grouped = frame.group_by("currency", "event_at", "period", maintain_order=True).agg(
        "seen_at", "actual", pl.col("consensus").first(), pl.col("assumed").any()
    )
    return [
        Known(
            row["currency"],
            row["period"],
            row["event_at"],
            row["consensus"],
            row["assumed"],
            tuple(zip(row["seen_at"], row["actual"], strict=True)),
        )
        for row in grouped.sort("currency", "event_at", "period").iter_rows(named=True)
    ]
