"""A backtest as one HTML file: no network, no scripts, dark and light, prints well."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

import numpy as np

from assay.evaluation.svg import Band, Line, dots_plot, number, time_plot
from assay.evaluation.svg_rows import interval_plot, spans_plot, strip

ESTIMATE = re.compile(r"^(-?[\d.,]+(?: %)?) (\[[^\]]*\])(.*)$")
NUMBER = re.compile(r"^[-+−]?[\d.,]+(?: ?%)?$|^–$")
OWN = "chain"
"""What was tested; the others stand beside it."""
SHORT = 12
"""Letters that fit where a value stands; longer words take the interval's place too."""
FULL = 0.62
"""Opacity of the deepest colour of the months' table."""


def page(report: Mapping[str, Any]) -> str:
    """Return the HTML of `report`, the plain data that `assay backtest --json` prints."""
    sections = _sections(report)
    links = "".join(f'<a href="#{_anchor(name)}">{escape(name)}</a>' for name, _ in sections)
    body = "".join(
        f'<section><h2 id="{_anchor(name)}">{escape(name)}</h2>{inner}</section>'
        for name, inner in sections
    )
    return sheet(
        f"Backtest: {report['title']}",
        f'<p class="soft">{escape(report["subtitle"])}</p><nav>{links}</nav>',
        f"{_cards(report)}{_words(report)}{body}",
        simulated=report["simulated"],
    )


def sheet(title: str, under: str, body: str, *, simulated: bool) -> str:
    """Return a whole HTML page: `title` in plain text, `under` it and `body` in HTML."""
    badge = '<span class="badge">simulated</span>' if simulated else ""
    footer = "Written by Assay. " + (
        "Every figure on this page comes from a simulated market."
        if simulated
        else "Past results say little about future ones; nothing here is advice."
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Assay {escape(title)}</title><style>{_style()}</style></head>"
        f"<body><main><header><h1>{escape(title)}{badge}</h1>{under}</header>"
        f"{body}<footer>{footer}</footer></main></body></html>"
    )


def show(estimate: Mapping[str, Any], *, percent: bool = False, digits: int = 2) -> str:
    """Return "value [low, high]" of an estimate, "–" where there is none.

    The unit stands once, behind the value: "1.20 % [-0.40, 2.80]".
    """

    def plain(value: float | None) -> str:
        if value is None:
            return "–"
        text = f"{value * 100 if percent else value:.{digits}f}"
        return text.lstrip("-") if float(text) == 0 else text

    if estimate["value"] is None:
        return "–"
    unit = " %" if percent else ""
    text = f"{plain(estimate['value'])}{unit} [{plain(estimate['low'])}, {plain(estimate['high'])}]"
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
    names = _own_first(report["performance"])
    rows = [
        [title, *(show(report["performance"][n][key], percent=percent) for n in names)]
        for key, title, percent in FIGURES
    ]
    return ["figure", *names], rows


def _own_first(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: name != OWN)


@cache
def _style() -> str:
    return files("assay.evaluation").joinpath("page.css").read_text(encoding="utf-8")


def _anchor(name: str) -> str:
    return re.sub(r"[^a-z]+", "-", name.lower()).strip("-")


def _sections(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        ("Figures", _figures(report)),
        ("Equity", _equity(report) + _drawdown(report)),
        ("Months", _months(report["months"])),
        ("Regimes", _rows(report["regimes"])),
        ("Conviction", _conviction(report)),
        ("Members", _members(report["members"])),
        ("Trades", _rows(report["trades"])),
        (
            "Ambiguous bars and costs",
            "<h3>If one bar reached both stop and target</h3>"
            + _rows(report["resolutions"])
            + "<h3>If trading cost less or more</h3>"
            + _rows(report["stress"]),
        ),
        ("Data and methods", _methods(report)),
    ]


def _cards(report: Mapping[str, Any]) -> str:
    own = report["performance"][OWN]
    pool = _pool(report)
    trips = next((row[1] for row in report["trades"]["rows"] if row[0] == "round trips"), "–")
    shown = [
        _card("Return a year", show(own["annual_return"], percent=True),
              _strip(own["annual_return"])),
        _card("Sharpe", show(own["sharpe"]), _strip(own["sharpe"])),
        _card("Deepest drawdown", show(own["drawdown"], percent=True), _strip(own["drawdown"])),
        _card("Right side", pool[4] if pool else "–", ""),
        _card("Round trips", str(trips), "", f"in {own['days']:,} trading days"),
    ]  # fmt: skip
    return f'<div class="cards">{"".join(shown)}</div>'


def _card(what: str, said: str, drawn: str, under: str = "") -> str:
    found = ESTIMATE.match(said)
    value, between = (
        (found[1], f"95 %: {found[2][1:-1].replace(', ', ' to ')}{found[3]}")
        if (found)
        else (said, under)
    )
    return (
        f'<div class="card"><div class="what">{escape(what)}</div>'
        f'<div class="value">{_minus(escape(value))}</div>'
        f'<div class="range">{_minus(escape(between))}</div>{drawn}</div>'
    )


def _strip(estimate: Mapping[str, Any]) -> str:
    return strip(estimate["value"], estimate["low"], estimate["high"])


def _pool(report: Mapping[str, Any]) -> Sequence[str] | None:
    return next((r for r in report["members"]["rows"] if r[0].startswith("pool")), None)


def _words(report: Mapping[str, Any]) -> str:
    """Return the summary; its reading of the Sharpe's interval stands out."""
    sharpe = report["performance"][OWN]["sharpe"]
    low, high = sharpe["low"], sharpe["high"]
    style = "above" if low is not None and low > 0 else ""
    style = "below" if high is not None and high < 0 else style
    said = []
    for sentence in report["summary"]:
        is_reading = sentence.startswith(("The interval of the Sharpe", "It did not trade"))
        kind = f' class="verdict {style}"' if is_reading else ""
        said.append((not is_reading, f"<p{kind}>{_minus(escape(sentence))}</p>"))
    return "".join(text for _, text in sorted(said, key=lambda one: one[0]))


def _figures(report: Mapping[str, Any]) -> str:
    columns, rows = figures(report)
    days = report["performance"][OWN]["days"]
    note = (
        f'<p class="note">{days:,} trading days out of sample, net of costs; in brackets the 95 % '
        "interval from resampled blocks of days.</p>"
    )
    return _table(columns, rows) + note


def _equity(report: Mapping[str, Any]) -> str:
    equity = report["equity"]
    styles = ("a", "b", "c")
    lines = [
        Line(name, equity["curves"][name], styles[place % 3])
        for place, name in enumerate(_own_first(equity["curves"]))
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


def _conviction(report: Mapping[str, Any]) -> str:
    block = report["reliability"]
    drawn = dots_plot(
        block["said"],
        block["happened"],
        block["low"],
        block["high"],
        title="Reliability",
        x_name="probability of up, as said",
        y_name="how often up came, with its 95 % interval",
    )
    note = (
        '<p class="note">Each dot is a group of forecasts, all of equal size. On the dashed line, '
        "what was said to be 52 % likely came 52 % of the time. Dots in a flat row say that the "
        "probabilities tell nothing; dots that climb less than the line, that they were too sure "
        "of themselves.</p>"
        if block["said"]
        else ""
    )
    asked = "<h3>Were the probabilities right?</h3>"
    return f'{_rows(report["tiers"])}{asked}<div class="beside">{drawn}{note}</div>'


def _members(block: Mapping[str, Any]) -> str:
    rows = [tuple(row) for row in block["plot"]]
    strong = next((row[0] for row in rows if row[0].startswith("pool")), "")
    plot = interval_plot(
        rows,
        title="Log-score gain over climatology, 1e-4 nats a forecast",
        unit="",
        strong=strong,
    )
    head = "<h3>Log-score gain over climatology, out of sample, in 1e-4 nats a forecast</h3>"
    return head + plot + _rows(block, strong=strong)


def _methods(report: Mapping[str, Any]) -> str:
    drawn = spans_plot(report["folds"], title="How history was cut, fold by fold")
    said = "".join(f"<p>{escape(sentence)}</p>" for sentence in report["methods"])
    note = (
        '<p class="note">Each row is one fold. Grey: train, stop, calibrate; blue: fuse; orange: '
        "test, the only part that any figure above comes from.</p>"
    )
    return f"<h3>How history was cut</h3>{drawn}{note}{said}<h3>Data</h3>{_rows(report['data'])}"


def _rows(block: Mapping[str, Any], strong: str = "") -> str:
    note = f'<p class="note">{escape(block["note"])}</p>' if block.get("note") else ""
    return _table(block["columns"], block["rows"], strong) + note


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]], strong: str = "") -> str:
    """Return a table; an estimate takes two cells, so that values and intervals both line up."""
    if not rows:
        return '<p class="thin">There is nothing to show.</p>'
    said = [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    wide = [any(ESTIMATE.match(row[n]) for row in said) for n in range(len(columns))]
    figured = [wide[n] or all(NUMBER.match(row[n]) for row in said) for n in range(len(columns))]
    head = "".join(
        f'<th{" colspan=2" if wide[n] else ""} class="{"both" if wide[n] else _align(figured[n])}">'
        f"{escape(str(name))}</th>"
        for n, name in enumerate(columns)
    )
    body = "".join(
        f"<tr{' class=strong' if strong and row[0] == strong else ''}>"
        + "".join(_cell(row[n], wide=wide[n], figured=figured[n]) for n in range(len(columns)))
        + "</tr>"
        for row in said
    )
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'


def _align(figured: bool) -> str:  # noqa: FBT001 - a column's one property
    return "n" if figured else ""


def _cell(text: str, *, wide: bool, figured: bool) -> str:
    if not wide:
        return f'<td class="{_align(figured)}">{_minus(escape(text))}</td>'
    found = ESTIMATE.match(text)
    if not found and len(text) > SHORT:
        return f'<td class="long" colspan=2>{_minus(escape(text))}</td>'
    if not found:
        return f'<td class="n v">{_minus(escape(text))}</td><td class="i"></td>'
    return (
        f'<td class="n v">{_minus(escape(found[1]))}</td>'
        f'<td class="i">{_minus(escape(found[2] + found[3]))}</td>'
    )


def _minus(text: str) -> str:
    """Return `text` with real minus signs before its numbers and a space before percent signs."""
    return re.sub(r"(?<=\d)%", " %", re.sub(r"(?<![\w-])-(?=\d)", "−", text))
