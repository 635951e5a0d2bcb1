"""What was due when, and what was known of it beforehand: events with their first-seen time."""

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from assay.core.clock import utc
from assay.core.values.release import Event
from assay.store.seen import SeenLog

TIME = pl.Datetime("us", "UTC")
EVENT_SCHEMA = pl.Schema(
    {
        "series": pl.String(),
        "currency": pl.String(),
        "event_at": TIME,
        "seen_at": TIME,
        "title": pl.String(),
        "impact": pl.String(),
        "consensus": pl.Float64(),
        "previous": pl.Float64(),
    }
)
_KEY = ["series", "currency", "event_at"]
_SAID = ["title", "impact", "consensus", "previous"]


class Agenda:
    """The events under `root`; what is learned of one later is a newer version of it."""

    def __init__(self, root: Path) -> None:
        way_out = f"restore it from a copy, or move {root} away and import again"
        self._log = SeenLog(root, EVENT_SCHEMA, ["seen_at", *_KEY], way_out)

    def add(self, events: Sequence[Event]) -> int:
        """Store the events that say something new at their first-seen time; return how many."""
        rows = pl.DataFrame(
            {name: [getattr(event, name) for event in events] for name in EVENT_SCHEMA},
            schema=EVENT_SCHEMA,
        )
        return self._log.add(rows, lambda stored: _news(rows, stored))

    def due(
        self,
        start: datetime,
        end: datetime,
        known_by: datetime,
        currencies: Collection[str] | None = None,
    ) -> pl.DataFrame:
        """Return what was due from `start` to `end`, as known at `known_by`, one row an event.

        As `EVENT_SCHEMA`, in order of event time; both ends included, UTC; None means every
        currency.
        """
        found = self._log.read(known_by).filter(
            pl.col("event_at").is_between(utc(start, "start"), utc(end, "end"))
        )
        if currencies is not None:
            found = found.filter(pl.col("currency").is_in(sorted(currencies)))
        newest = found.unique(_KEY, keep="last", maintain_order=True)
        return newest.sort("event_at", "currency", "series")


def _news(rows: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that differ from the version in force when they were seen."""
    both = pl.concat(
        [stored.with_columns(is_stored=True), rows.with_columns(is_stored=False)]
    ).sort("seen_at", "is_stored", descending=[False, True], maintain_order=True)
    same = pl.all_horizontal(
        pl.col(name).eq_missing(pl.col(name).shift(1).over(_KEY)) for name in _SAID
    )
    repeats = same & (pl.int_range(pl.len()).over(_KEY) > 0)
    return both.filter(~pl.col("is_stored") & ~repeats).select(rows.columns)
