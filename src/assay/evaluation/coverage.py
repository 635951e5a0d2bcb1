"""A series checked, as an HTML file: every day by how much of it is there, and what is flagged."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from assay.evaluation.page import minus, sheet, table
from assay.evaluation.stored.days import DayCount, key, shared_marks, year_plots
from assay.evaluation.stored.folded import odd_days
from assay.evaluation.stored.page import style


def coverage_page(found: Mapping[str, Any], days: Sequence[DayCount]) -> str:
    """Return the HTML of a check, the plain data that `assay data check --json` prints.

    `days` are (day, bars expected, bars there, bars flagged), rising.
    """
    name = f"{found['symbol']} {found['timeframe']}"
    closed = {one["date"]: one["name"] for one in found["holidays"]}
    plots = year_plots(name, days, closed, (days[0][0], days[-1][0]))
    thin = f" {found['thin']}." if found["thin"] else ""
    body = (
        f"<style>{style()}</style>{shared_marks()}<section><h2>Coverage by day</h2>"
        '<p class="note">A cell is a day (UTC), a column a week, Monday first; point at a day '
        f"that is not whole to read it.</p>{key()}{plots}{odd_days(days, closed)}</section>"
        f"{_flaws(found['flaws'])}"
    )
    return sheet(
        f"{name}: {found['coverage']:.2%} of the expected bars",
        f'<p class="soft">{found["rows"]:,} bars, {found["expected"]:,} expected, '
        f"{found['missing']:,} missing, {found['outside']:,} where the market is closed, "
        f"{len(found['flaws']):,} flag{'s' * (len(found['flaws']) != 1)}. "
        f"Score {minus(escape(found['score_words']))}. "
        f"Source: {escape(str(found['source']))}.{escape(thin)}</p>",
        body,
        simulated=bool(found["simulated"]),
    )


def _flaws(flaws: Sequence[Mapping[str, Any]]) -> str:
    if not flaws:
        return "<section><h2>Flags</h2><p>No rule flags a bar.</p></section>"
    rows = [
        (
            *(str(flaw["code"]), str(flaw["severity"]), str(flaw["first"])[:16]),
            *(str(flaw["last"])[:16], flaw["rows"], flaw["sentence"]),
        )
        for flaw in flaws
    ]
    columns = ("code", "severity", "first close", "last", "bars", "why")
    return f"<section><h2>Flags</h2>{table(columns, rows)}</section>"
