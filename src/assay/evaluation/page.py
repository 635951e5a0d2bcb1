"""A backtest as one HTML file: no network, no scripts, dark and light, prints well."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from assay.evaluation.svg import Band, Line, dots_plot, interval_plot, time_plot

STYLE = """
:root{--ink:#1b1f24;--soft:#5b6570;--paper:#fbfaf7;--card:#fff;--rule:#dcd9d0;--a:#0b6e99;--b:#b5651d;
--c:#7a7f87;--band:#0b6e9922;--good:#1a7f4b;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--ink:#e8e6e1;--soft:#9aa3ad;--paper:#14171b;--card:#1b1f25;
--rule:#31373f;--a:#58b6e0;--b:#e0a15a;--c:#8d949d;--band:#58b6e022;--good:#5fc78f;--bad:#f2857c}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);
font:15px/1.55 system-ui,sans-serif}main{max-width:920px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:26px;margin:0 0 4px}
h2{font-size:18px;margin:34px 0 8px;border-bottom:1px solid var(--rule)}
p{margin:8px 0}.soft{color:var(--soft)}.badge{display:inline-block;border:1px solid var(--b);
color:var(--b);border-radius:4px;padding:0 8px;font-size:13px;margin-left:8px;vertical-align:middle}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:14px}
th{text-align:left;color:var(--soft);font-weight:600}td,th{padding:4px 10px 4px 0;
border-bottom:1px solid var(--rule)}td.n,th.n{text-align:right}.scroll{overflow-x:auto}
svg{width:100%;height:auto;background:var(--card);border:1px solid var(--rule);border-radius:6px}
.curve{fill:none;stroke-width:1.6}.a{stroke:var(--a)}.b{stroke:var(--b)}.c{stroke:var(--c);
stroke-dasharray:5 4}.a-text{fill:var(--a)}.b-text{fill:var(--b)}.c-text{fill:var(--c)}
.band{fill:var(--band)}.grid{stroke:var(--rule)}.tick,.legend{font-size:11px;fill:var(--soft)}
.bar{stroke:var(--a);stroke-width:2}.dot{fill:var(--a)}.thin{color:var(--soft);font-style:italic}
.up{color:var(--good)}.down{color:var(--bad)}.heat td{text-align:right;padding:3px 8px}
@media print{body{background:#fff}main{max-width:none}h2{break-after:avoid}
svg,table{break-inside:avoid}}
"""


def page(report: Mapping[str, Any]) -> str:
    """Return the HTML of `report`, the plain data that `assay backtest --json` prints."""
    simulated = '<span class="badge">simulated</span>' if report["simulated"] else ""
    parts = [
        f"<h1>Backtest: {escape(report['title'])}{simulated}</h1>",
        f'<p class="soft">{escape(report["subtitle"])}</p>',
        "<h2>In plain words</h2>",
        *(f"<p>{escape(sentence)}</p>" for sentence in report["summary"]),
        "<h2>Figures</h2>",
        _figures(report),
        "<h2>Equity</h2>",
        _equity(report),
        "<h2>Drawdown</h2>",
        _drawdown(report),
        "<h2>By month</h2>",
        _months(report["months"]),
        "<h2>By regime</h2>",
        _rows(report["regimes"]),
        "<h2>Conviction against outcome</h2>",
        _rows(report["tiers"]),
        _reliability(report["reliability"]),
        "<h2>Each member's skill, out of sample</h2>",
        _members(report["members"]),
        "<h2>Trades</h2>",
        _rows(report["trades"]),
        "<h2>Ambiguous bars and costs</h2>",
        _rows(report["resolutions"]),
        _rows(report["stress"]),
        "<h2>What it was made from</h2>",
        _rows(report["data"]),
        "<h2>Methods</h2>",
        *(f"<p>{escape(sentence)}</p>" for sentence in report["methods"]),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Assay backtest: {escape(report['title'])}</title><style>{STYLE}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>"
    )


def show(estimate: Mapping[str, Any], *, percent: bool = False, digits: int = 2) -> str:
    """Return "value [low, high]" of an estimate, "–" where there is none."""

    def number(value: float | None) -> str:
        if value is None:
            return "–"
        return f"{value * 100:.{digits}f} %" if percent else f"{value:.{digits}f}"

    if estimate["value"] is None:
        return "–"
    text = f"{number(estimate['value'])} [{number(estimate['low'])}, {number(estimate['high'])}]"
    return f"{text} too few days" if estimate["days"] < 30 else text


FIGURES = (
    ("total_return", "Return", True),
    ("annual_return", "Return a year", True),
    ("annual_volatility", "Volatility a year", True),
    ("sharpe", "Sharpe", False),
    ("sortino", "Sortino", False),
    ("calmar", "Calmar", False),
    ("drawdown", "Deepest drawdown", True),
    ("expected_shortfall", "Expected shortfall (worst 5 % of days)", True),
)


def figures(report: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Return the columns and rows of the table of figures, for the page and the terminal."""
    names = list(report["performance"])
    rows = [
        [title, *(show(report["performance"][n][key], percent=percent) for n in names)]
        for key, title, percent in FIGURES
    ]
    return ["figure", *names], rows


def _figures(report: Mapping[str, Any]) -> str:
    columns, rows = figures(report)
    days = next(iter(report["performance"].values()))["days"]
    note = (
        f'<p class="soft">{days} trading days out of sample, net of costs; in brackets the 95 % '
        "interval from resampled blocks of days.</p>"
    )
    return _table(columns, rows) + note


def _equity(report: Mapping[str, Any]) -> str:
    equity = report["equity"]
    styles = ("a", "b", "c")
    lines = [
        Line(name, equity["curves"][name], styles[number % 3])
        for number, name in enumerate(equity["curves"])
    ]
    band = Band("95 %", equity["low"], equity["high"]) if equity["low"] else None
    return time_plot(equity["days"], lines, band, unit="", title="Equity, start = 1") + (
        '<p class="soft">The shaded band holds 95 % of what the same days, drawn in other orders '
        "of blocks, would have given.</p>"
    )


def _drawdown(report: Mapping[str, Any]) -> str:
    equity = report["equity"]
    curve = np.asarray(next(iter(equity["curves"].values())), dtype=float)
    if not len(curve):
        return '<p class="thin">There are no days.</p>'
    fall = curve / np.maximum.accumulate(np.maximum(curve, 1.0)) - 1.0
    line = Line("below the last peak", (fall * 100).tolist(), "b")
    return time_plot(equity["days"], [line], None, unit=" %", title="Drawdown in percent")


def _months(months: Mapping[str, Sequence[float | None]]) -> str:
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    head = "".join(f'<th class="n">{name}</th>' for name in names)
    body = []
    for year, values in months.items():
        cells = "".join(
            "<td>–</td>"
            if value is None
            else f'<td class="{"up" if value >= 0 else "down"}">{value * 100:+.1f}</td>'
            for value in values
        )
        body.append(f"<tr><th>{escape(year)}</th>{cells}</tr>")
    return (
        f'<div class="scroll"><table class="heat"><tr><th>%</th>{head}</tr>{"".join(body)}</table>'
        "</div>"
    )


def _rows(block: Mapping[str, Any]) -> str:
    note = f'<p class="soft">{escape(block["note"])}</p>' if block.get("note") else ""
    return _table(block["columns"], block["rows"]) + note


def _members(block: Mapping[str, Any]) -> str:
    plot = interval_plot(
        [tuple(row) for row in block["plot"]],
        title="Log-score gain over climatology, 1e-4 nats a forecast",
        unit="",
    )
    return plot + _rows(block)


def _reliability(block: Mapping[str, Sequence[float]]) -> str:
    return dots_plot(
        block["said"],
        block["happened"],
        block["low"],
        block["high"],
        title="Reliability: probability said and frequency found",
        x_name="probability of up, as said",
        y_name="frequency of up, with its 95 % interval; the line is perfect calibration",
    )


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return '<p class="thin">There is nothing to show.</p>'
    head = "".join(
        f'<th class="{"n" if number else ""}">{escape(str(name))}</th>'
        for number, name in enumerate(columns)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{"n" if number else ""}">{escape(str(cell))}</td>'
            for number, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'
