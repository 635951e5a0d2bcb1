"""A series checked, as an HTML file: every day by how much of it is there, and what is flagged."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from html import escape
from typing import Any

from assay.evaluation.page import sheet

CELL, GAP = 11, 2
STEPS = ((0.999, "c4"), (0.9, "c3"), (0.5, "c2"), (1e-9, "c1"), (0.0, "c0"))
"""The least share of the expected bars that is there, and the class of its colour."""
STYLE = """<style>
.heat{overflow-x:auto}.heat svg{display:block;margin:4px 0 14px}.heat rect{stroke:none}
.heat .c4{fill:#1a7f5a}.heat .c3{fill:#6fbf9a}.heat .c2{fill:#e3c567}.heat .c1{fill:#d98032}
.heat .c0{fill:#b3382c}.heat .off{fill:currentColor;opacity:.07}
.heat .flag{fill:none;stroke:#b3382c;stroke-width:2}.heat text{font-size:10px;fill:currentColor}
</style>"""


def coverage_page(found: Mapping[str, Any], days: Sequence[tuple[date, int, int, int]]) -> str:
    """Return the HTML of a check, the plain data that `assay data check --json` prints.

    `days` are (day, bars expected, bars there, bars flagged), rising.
    """
    by_year: dict[int, list[tuple[date, int, int, int]]] = {}
    for one in days:
        by_year.setdefault(one[0].year, []).append(one)
    shares = {year["year"]: year["coverage"] for year in found["years"]}
    heat = "".join(
        f"<h3>{year}, {shares.get(year, 0):.1%} there</h3>{_heat(year, own)}"
        for year, own in by_year.items()
    )
    legend = (
        "Each square is a day (UTC), a column a week, Monday first. Green: all expected bars are "
        "there; light green from 90 %, yellow from 50 %, orange below, red none; pale: nothing is "
        "expected. A red frame: a bar of the day is flagged."
    )
    body = (
        f'{STYLE}<section><h2>Coverage</h2><p class="note">{legend}</p>'
        f'<div class="heat">{heat}</div></section>{_flaws(found["flaws"])}'
    )
    return sheet(
        f"{found['symbol']} {found['timeframe']}: {found['coverage']:.2%} of the expected bars",
        f'<p class="soft">{found["rows"]:,} bars, {found["expected"]:,} expected, '
        f"{found['missing']:,} missing, {found['outside']:,} where the market is closed, "
        f"{len(found['flaws']):,} flags. Source: {escape(str(found['source']))}.</p>",
        body,
        simulated=bool(found["simulated"]),
    )


def _heat(year: int, days: Sequence[tuple[date, int, int, int]]) -> str:
    known = {day: (expected, there, flagged) for day, expected, there, flagged in days}
    first = date(year, 1, 1)
    start = first - timedelta(days=first.weekday())
    marks = []
    day = first
    while day.year == year:
        week, row = divmod((day - start).days, 7)
        x, y = week * (CELL + GAP) + GAP, row * (CELL + GAP) + GAP
        expected, there, flagged = known.get(day, (0, 0, 0))
        share = there / expected if expected else None
        name = "off" if share is None else next(c for least, c in STEPS if share >= least)
        told = f"{day}: {there} of {expected} bars" + (f", {flagged} flagged" if flagged else "")
        box = f'x="{x}" y="{y}" width="{CELL}" height="{CELL}"'
        marks.append(f'<rect class="{name}" {box}><title>{told}</title></rect>')
        if flagged:
            marks.append(f'<rect class="flag" {box}><title>{told}</title></rect>')
        day += timedelta(days=1)
    width, height = 54 * (CELL + GAP) + 2 * GAP, 7 * (CELL + GAP) + GAP
    label = f"Coverage of {year} by day"
    return (
        f'<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{label}">{"".join(marks)}</svg>'
    )


def _flaws(flaws: Sequence[Mapping[str, Any]]) -> str:
    if not flaws:
        return "<section><h2>Flags</h2><p>No rule flags a bar.</p></section>"
    rows = "".join(
        f"<tr><td>{escape(str(flaw['code']))}</td><td>{escape(str(flaw['severity']))}</td>"
        f"<td>{str(flaw['first'])[:16]}</td><td>{str(flaw['last'])[:16]}</td>"
        f"<td>{flaw['rows']:,}</td><td>{escape(flaw['sentence'])}</td></tr>"
        for flaw in flaws
    )
    heads = "".join(
        f"<th>{name}</th>" for name in ("code", "severity", "first close", "last", "bars", "why")
    )
    return (
        f'<section><h2>Flags</h2><div class="wide"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></section>"
    )
