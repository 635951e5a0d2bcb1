"""One year of a series by day: whole, partly there, missing, flagged, or nothing to expect."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from html import escape
from itertools import groupby

from assay.evaluation.page import minus

DayCount = tuple[date, int, int, int]
"""A day (UTC): bars expected, bars there, bars flagged."""
CELL = 14
LEFT, TOP = 30, 18
WEEKS, WEEK = 54, 7
WIDTH, HEIGHT = LEFT + WEEKS * CELL + 2, TOP + WEEK * CELL + 2
DOT = 2.6
NAMES = ("Mon", "", "Wed", "", "Fri", "", "Sun")
LATTICE = "M0 0" + "".join(f"M{n * CELL} 0v{WEEK * CELL}" for n in range(WEEKS + 1)) + "".join(
    f"M0 {n * CELL}h{WEEKS * CELL}" for n in range(WEEK + 1)
)  # fmt: skip


def shared_marks() -> str:
    """Return what the plots of a page have in common, once a page: the lattice and the hatching."""
    return (
        '<svg class="defs" aria-hidden="true"><defs>'
        f'<path id="lattice" class="lattice" d="{LATTICE}"/>'
        '<pattern id="missing" width="5" height="5" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="5" height="5" class="lack"/>'
        '<path d="M0 0V5" class="hatch"/></pattern></defs></svg>'
    )


def year_plots(
    name: str, days: Sequence[DayCount], holidays: Mapping[str, str], span: tuple[date, date]
) -> str:
    """Return every year of `days`, which rise; see `year_plot`."""
    years = groupby(days, key=lambda one: one[0].year)
    return "".join(year_plot(name, year, list(own), holidays, span) for year, own in years)


def year_plot(
    name: str,
    year: int,
    days: Sequence[DayCount],
    holidays: Mapping[str, str],
    span: tuple[date, date],
) -> str:
    """Return one year as cells, a column a week, Monday first; days that are not whole can be read.

    `holidays` names days of the market, `span` is the first and the last day of the series: others
    stay empty.
    """
    known = {day: (expected, there, flagged) for day, expected, there, flagged in days}
    every = [day for day in _of_year(year) if span[0] <= day <= span[1]]
    kinds = {day: _kind(known.get(day, (0, 0, 0)), str(day) in holidays) for day in every}
    parts = [_runs(every, kinds, kind) for kind in ("rest", "there")]
    parts.append(f'<use href="#lattice" x="{LEFT}" y="{TOP}"/>')
    for day in every:
        counts = known.get(day, (0, 0, 0))
        told = _told(day, counts, holidays.get(str(day)))
        if kinds[day] == "kept":
            x, y = _corner(day)
            ring = f'cx="{x + CELL / 2}" cy="{y + CELL / 2}" r="{DOT + 0.6}"'
            parts.append(f'<circle {ring} class="kept"><title>{told}</title></circle>')
        elif kinds[day] == "odd" or counts[2]:
            parts.append(_odd(day, counts, told))
    counted = [sum(count[n] for count in known.values()) for n in range(3)]
    title = f"{name} in {year}: {_share(counted[1], counted[0])}"
    return (
        f"<h4>{year}<span>{minus(_share(counted[1], counted[0]))}</span></h4>"
        f'<div class="fig" tabindex="0" role="group" aria-label="{escape(title)}, by day">'
        f'<svg class="day-plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(title)}">{_words(year)}{"".join(parts)}</svg></div>'
    )


def key() -> str:
    """Return the legend of the cells."""
    size = CELL - 2
    box = f'width="{size}" height="{size}" x="1" y="1"'
    half = f'width="{size}" height="{size / 2}" x="1"'
    middle = f'cx="{CELL / 2}" cy="{CELL / 2}"'
    marks = (
        (f'<rect {box} class="there"/>', "all expected bars are there"),
        (
            f'<rect {half} y="1" fill="url(#missing)"/><rect {half} y="{CELL / 2}" class="there"/>',
            "so much of the day is there, the hatched part is missing",
        ),
        (f'<rect {box} fill="url(#missing)"/>', "all is missing"),
        (
            f'<rect {box} class="there"/><circle {middle} r="{DOT}" class="dot-of"/>',
            "a bar of the day is flagged",
        ),
        (f'<circle {middle} r="{DOT + 0.6}" class="kept"/>', "holiday: no bar is expected"),
        (f'<rect {box} class="rest"/>', "weekend: no bar is expected"),
    )
    rows = "".join(
        f'<li><svg viewBox="0 0 {CELL} {CELL}" aria-hidden="true">{mark}</svg>{escape(said)}</li>'
        for mark, said in marks
    )
    return f'<ul class="key">{rows}</ul>'


def _of_year(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


def _kind(counts: tuple[int, int, int], is_holiday: bool) -> str:  # noqa: FBT001 - the day's other property
    expected, there, _ = counts
    if not expected:
        return "kept" if is_holiday else "rest"
    return "there" if there == expected else "odd"


def _corner(day: date) -> tuple[int, int]:
    first = date(day.year, 1, 1)
    week, row = divmod((day - first).days + first.weekday(), WEEK)
    return LEFT + week * CELL, TOP + row * CELL


def _runs(days: Sequence[date], kinds: Mapping[date, str], kind: str) -> str:
    """Return the cells of one kind as one path, those of a week that follow each other together."""
    own = [_corner(day) for day in days if kinds[day] == kind]
    parts = []
    for _, run in groupby(enumerate(own), key=lambda one: (one[1][0], one[1][1] - one[0] * CELL)):
        corners = [corner for _, corner in run]
        x, y = corners[0]
        parts.append(f"M{x} {y}h{CELL}v{len(corners) * CELL}h-{CELL}z")
    return f'<path class="{kind}" d="{"".join(parts)}"/>' if parts else ""


def _odd(day: date, counts: tuple[int, int, int], told: str) -> str:
    """Return a day that is not whole, filled from below by what is there, or a flagged one."""
    expected, there, flagged = counts
    x, y = _corner(day)
    size = CELL - 2
    parts = [f"<title>{told}</title>"]
    if there < expected:
        lack = max(1 - there / expected, 1 / size) * size
        at = f'x="{x + 1}" width="{size}"'
        parts.append(f'<rect {at} y="{y + 1}" height="{lack:.1f}" fill="url(#missing)"/>')
        if lack < size:
            rest = f'y="{y + 1 + lack:.1f}" height="{size - lack:.1f}"'
            parts.append(f'<rect {at} {rest} class="there"/>')
    if flagged:
        middle = f'cx="{x + CELL / 2}" cy="{y + CELL / 2}" r="{DOT}"'
        parts.append(f'<circle {middle} class="dot-of"/>')
    name = "odd" if there < expected else "flagged"
    return f'<g class="{name}">{"".join(parts)}</g>'


def _told(day: date, counts: tuple[int, int, int], holiday: str | None) -> str:
    expected, there, flagged = counts
    parts = [f"{there:,} of {expected:,} bars" if expected else "no bar is expected"]
    parts += [f"{flagged:,} flagged"] if flagged else []
    parts += [holiday] if holiday else []
    return escape(f"{day}: {', '.join(parts)}")


def _words(year: int) -> str:
    months = (date(year, month, 1) for month in range(1, 13))
    at = [(_corner(first)[0], f"{first:%b}") for first in months]
    parts = [f'<text x="{x + CELL}" y="{TOP - 6}">{name}</text>' for x, name in at]
    parts += [
        f'<text x="{LEFT - 4}" y="{TOP + (row + 0.78) * CELL:.1f}" text-anchor="end">{name}</text>'
        for row, name in enumerate(NAMES)
        if name
    ]
    return "".join(parts)


def _share(there: int, expected: int) -> str:
    return (
        f"{there / expected:.2%} of {expected:,} expected bars"
        if expected
        else "no bar was expected"
    )
