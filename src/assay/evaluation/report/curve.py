"""Sections on the account: figures, equity, falls, calendar, regimes."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from assay.evaluation.page import OWN, figures, own_first, table
from assay.evaluation.report.blocks import block, drawn_block
from assay.evaluation.svg import Band, Line, number, time_plot

FULL = 0.62
"""Opacity of the deepest colour of a calendar."""
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FEW = 5
"""A cell of fewer trades is not coloured."""


def figures_table(report: Mapping[str, Any]) -> str:
    """Return the figures of the chain beside the baselines."""
    columns, rows = figures(report)
    days = report["performance"][OWN]["days"]
    note = (
        f'<p class="note">{days:,} trading days out of sample, net of costs; in brackets the 95 % '
        "interval from resampled blocks of days.</p>"
    )
    return table(columns, rows) + note


def equity(report: Mapping[str, Any]) -> str:
    """Return equity with its band, the drawdown, and the deepest falls."""
    falls = report["falls"]
    deepest = f"<h3>The deepest falls</h3>{block(falls)}" if falls["rows"] else ""
    return _equity(report) + _drawdown(report) + deepest


def _equity(report: Mapping[str, Any]) -> str:
    equity = report["equity"]
    styles = ("a", "b", "c")
    lines = [
        Line(name, equity["curves"][name], styles[place % 3])
        for place, name in enumerate(own_first(equity["curves"]))
    ]
    band = (
        Band("95 % band", equity["low"], equity["high"])
        if equity["low"] != equity["high"]
        else None
    )
    return time_plot(equity["days"], lines, band, unit="", title="Equity, start = 1") + (
        '<p class="note">Equity at the close of each day, 1 at the start. The shaded band holds '
        "95 % of what the same days, drawn in other orders of blocks, would have given. An arrow "
        "beside a name says that the curve has left the plot.</p>"
    )


def _drawdown(report: Mapping[str, Any]) -> str:
    equity = report["equity"]
    curve = np.asarray(equity["curves"][OWN], dtype=float)
    if not len(curve):
        return '<p class="thin">There are no days.</p>'
    fall = (curve / np.maximum.accumulate(np.maximum(curve, 1.0)) - 1.0) * 100
    if not fall.min() < 0:
        return '<h3>Drawdown</h3><p class="thin">Equity never stood below its last peak.</p>'
    deepest = int(np.argmin(fall))
    line = Line(OWN, fall.tolist(), "b")
    drawn = time_plot(
        equity["days"], [line], None, unit=" %", title="Drawdown in percent", filled=True
    )
    return (
        f"<h3>Drawdown</h3>{drawn}"
        f'<p class="note">How far equity stood below its last peak; deepest on '
        f"{escape(equity['days'][deepest])} with {number(fall[deepest], 2)} %.</p>"
    )


def calendar(report: Mapping[str, Any]) -> str:
    """Return the months' returns, and what trades made by day of the week and hour of entry."""
    return f"<h3>Return by month</h3>{_months(report['months'])}{_hours(report['hours'])}"


def _months(months: Mapping[str, Sequence[float | None]]) -> str:
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    head = "".join(f"<th>{name}</th>" for name in [*names, "year"])
    known = [abs(v) for values in months.values() for v in values if v is not None]
    most = max(known, default=0.0) or 1.0
    body = []
    for year, values in months.items():
        total = float(np.prod([1.0 + v for v in values if v is not None])) - 1.0
        cells = "".join(_month(value, most) for value in values)
        body.append(f"<tr><th>{escape(year)}</th>{cells}<td>{_signed(total)}</td></tr>")
    return (
        f'<div class="scroll"><table class="heat"><tr><th>%</th>{head}</tr>{"".join(body)}</table>'
        '</div><p class="note">Return of each month in percent, after costs; – where no day was '
        "traded out of sample.</p>"
    )


def _month(value: float | None, most: float) -> str:
    if value is None:
        return "<td>–</td>"
    style = "up" if value >= 0 else "down"
    return f'<td class="{style}" style="--s:{abs(value) / most * FULL:.2f}">{_signed(value)}</td>'


def _signed(value: float) -> str:
    text = number(value * 100, 1)
    return text if text.startswith("−") or not float(text.replace(",", "")) else f"+{text}"


def _hours(hours: Mapping[str, Any]) -> str:
    """Return a table of days by hours: the mean R of the trades entered then, and how many."""
    cells = {(day, hour): (count, mean) for day, hour, count, mean, _ in hours["cells"]}
    if not cells:
        return ""
    days = sorted({day for day, _ in cells})
    most = max((abs(mean) for count, mean in cells.values() if count >= FEW), default=0.0) or 1.0
    if hours["intraday"]:
        first, last = min(h for _, h in cells), max(h for _, h in cells)
        heads = [f"{hour:02}" for hour in range(first, last + 1)]
        places = [[(day, hour) for hour in range(first, last + 1)] for day in days]
        names, style, when = [DAYS[day] for day in days], "heat hours", "and hour (UTC) of entry"
    else:
        heads, places = [DAYS[day] for day in days], [[(day, 0) for day in days]]
        names, style, when = [""], "heat hours few-of", "of entry"
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join(
        f"<tr><th>{name}</th>{''.join(_hour(cells.get(place), most) for place in row)}</tr>"
        for name, row in zip(names, places, strict=True)
    )
    return (
        f"<h3>R by day of the week {when}</h3>"
        f'<div class="scroll"><table class="{style}">'
        f"<tr><th>mean R<br>trades</th>{head}</tr>{body}</table></div>"
        '<p class="note">Profit after costs over what the stop stood to lose, averaged, and '
        f"beneath it how many trades; under {FEW} no colour. {_by_chance(hours)}</p>"
    )


def _by_chance(hours: Mapping[str, Any]) -> str:
    tested, beyond = hours["tested"], hours["beyond"]
    if not tested:
        return "No cell has 20 trades, so no cell says anything by itself."
    return (
        f"Of the cells with 20 trades or more ({tested:,}) {beyond:,} lie further from zero than "
        f"1.96 standard errors; {tested * 0.05:.1f} would by chance alone."
    )


def _hour(cell: tuple[int, float] | None, most: float) -> str:
    if cell is None:
        return '<td class="none">·</td>'
    count, mean = cell
    style = ("up" if mean >= 0 else "down") if count >= FEW else "few"
    deep = min(abs(mean) / most, 1.0) * FULL
    return (
        f'<td class="{style}" style="--s:{deep:.2f}">{number(mean, 1)}<small>{count:,}</small></td>'
    )


def regimes(report: Mapping[str, Any]) -> str:
    """Return results on calm, usual and wild days."""
    return drawn_block(report["regimes"], "Sharpe by the volatility known the day before", digits=2)
