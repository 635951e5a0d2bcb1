"""From the versions of a series to figures: when each was due, and which of them say something."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from assay.sources.figures import Figure
from assay.sources.published import Published


@dataclass(frozen=True, slots=True)
class Version:
    """What a series said of the period dated `of` from the day `vintage` on."""

    of: date
    vintage: date
    value: float


def announced(
    series: Published, versions: Sequence[Version], wanted: Collection[date]
) -> tuple[Figure, ...]:
    """Return the versions of the vintages `wanted`, each due when the first of its period came.

    `versions` are all of the series up to them, by period and vintage.
    """
    due: dict[date, datetime] = {}
    found = []
    for one in versions:
        first = due.setdefault(one.of, series.seen(one.vintage))
        if one.vintage in wanted:
            found.append(figure_of(series, one, first))
    return tuple(sorted(found, key=by_first_sight))


def changes(versions: Sequence[Version], before: Mapping[date, float]) -> list[Version]:
    """Return the days whose rate is another than that of the day before it, as first told.

    `before` is what was told of some days before the first vintage of `versions`.
    """
    first: dict[date, Version] = {}
    for one in versions:
        if one.of not in before:
            first.setdefault(one.of, one)
    value: float | None = None
    found = []
    for of in sorted({*before, *first}):
        now = before[of] if of in before else first[of].value
        if of in first and now != value:
            found.append(first[of])
        value = now
    return found


def figure_of(series: Published, version: Version, due: datetime) -> Figure:
    """Return the figure that a version is, due at `due` (UTC) or when it was known, if earlier."""
    seen = series.seen(version.vintage)
    return Figure(
        series.name,
        series.currency,
        min(due, seen),
        seen,
        version.value,
        period=series.period(version.of),
    )


def by_first_sight(figure: Figure) -> tuple[datetime, datetime, str, str, str]:
    """Return the place of a figure in the order in which they became known."""
    return figure.seen_at, figure.event_at, figure.currency, figure.series, figure.period
