"""Coverage by month: one strip a series under a common axis of time, and the figures as a table."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from assay.evaluation.page import minus

TALL, MARKS = 20, 4
LEAST = 0.12
"""Of the height: what is missing of a month is never drawn lower, or nobody would see it."""
MOST_YEARS = 7
"""Years that are named under a strip."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Month = Mapping[str, Any]
"""`month` (as 2024-01), `expected`, `there` and `flagged`."""


def strips(series: Sequence[tuple[str, str, Sequence[Month], str]]) -> str:
    """Return a row a series: name, anchor of its section, months, and what stands at its end."""
    every = [_number(one["month"]) for _, _, months, _ in series for one in months]
    if not every:
        return '<p class="thin">There is nothing to show.</p>'
    first, last = min(every), max(every)
    rows = "".join(
        f'<div class="row-of"><a href="#{escape(anchor)}">{escape(name)}</a>'
        f"{_strip(name, months, first, last)}<b>{minus(escape(said))}</b></div>"
        for name, anchor, months, said in series
    )
    axis = f'<div class="row-of axis-row"><a></a>{_axis(first, last)}<b></b></div>'
    return f'<div class="rows">{rows}{axis}</div>'


def month_table(months: Sequence[Month]) -> str:
    """Return the share of every month that is there, a year a row; flagged bars in brackets."""
    known = {_number(one["month"]): one for one in months}
    years = sorted({number // 12 for number in known})
    head = "".join(f'<th class="n">{name}</th>' for name in ("year", *MONTHS, "all"))
    body = "".join(
        f"<tr><td>{year}</td>"
        + "".join(_cell(known.get(year * 12 + n)) for n in range(12))
        + _cell(_summed(one for number, one in known.items() if number // 12 == year))
        + "</tr>"
        for year in years
    )
    return (
        '<div class="scroll" tabindex="0" role="group" aria-label="Coverage by month">'
        f"<table><tr>{head}</tr>{body}</table></div>"
    )


def _number(name: str) -> int:
    year, month = name.split("-")
    return int(year) * 12 + int(month) - 1


def _summed(months: Iterable[Month]) -> Month:
    rows = list(months)
    return {name: sum(one[name] for one in rows) for name in ("expected", "there", "flagged")}


def _cell(one: Month | None) -> str:
    if one is None or not one["expected"]:
        return '<td class="n">–</td>'
    flags = f" ({one['flagged']:,})" if one["flagged"] else ""
    share = one["there"] / one["expected"]
    # what is not whole never reads as 100 %
    shown = "100" if share == 1 else f"{min(share * 100, 99.9):.1f}"
    return f'<td class="n">{shown}{flags}</td>'


def _strip(name: str, months: Sequence[Month], first: int, last: int) -> str:
    parts = []
    for one in months:
        x, expected = _number(one["month"]) - first, one["expected"]
        if not expected:
            continue
        missing = 1 - one["there"] / expected
        lack = max(missing, LEAST) * TALL if missing else 0.0
        told = f"{one['month']}: {one['there']:,} of {expected:,} bars"
        told += f", {one['flagged']:,} flagged" if one["flagged"] else ""
        inner = f"<title>{told}</title>"
        if lack < TALL:
            inner += _box("there", x, lack, TALL - lack)
        if lack:
            inner += _box("lack", x, 0, lack)
        if one["flagged"]:
            inner += _box("mark", x, TALL + 1, MARKS - 1)
        parts.append(f"<g>{inner}</g>")
    wide = last - first + 1
    return (
        f'<svg class="months" viewBox="0 0 {wide} {TALL + MARKS}" preserveAspectRatio="none" '
        f'shape-rendering="crispEdges" role="img" aria-label="{escape(name)}: coverage by month">'
        f"{''.join(parts)}</svg>"
    )


def _box(style: str, x: int, y: float, tall: float) -> str:
    return f'<rect x="{x}" y="{y:.1f}" width="1" height="{tall:.1f}" class="{style}"/>'


def _axis(first: int, last: int) -> str:
    starts = [number for number in range(first, last + 1) if number % 12 == 0]
    every = max(1, -(-len(starts) // MOST_YEARS))
    wide = last - first + 1
    shown = starts[::every] or [first]
    marks = "".join(
        f'<span style="left:{(number - first) / wide * 100:.1f}%">{_named(number)}</span>'
        for number in shown
    )
    return f'<div class="axis" aria-hidden="true">{marks}</div>'


def _named(number: int) -> str:
    year, month = divmod(number, 12)
    return str(year) if month == 0 else f"{MONTHS[month]} {year}"
