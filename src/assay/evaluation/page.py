"""What pages are made of: the sheet with its style, tables, estimates as text."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

ESTIMATE = re.compile(r"^(-?[\d.,]+(?: %)?) (\[[^\]]*\])(.*)$")
NUMBER = re.compile(r"^<?[-+−]?[\d.,]+(?: ?[%*])?$|^–$")
OWN = "chain"
"""What was tested; the others stand beside it."""
SHORT = 12
"""Letters that fit where a value stands; longer words take the interval's place too."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"
"""What a page may load: nothing but what it brings along."""


def sheet(
    title: str, under: str, body: str, *, simulated: bool, scripts: Sequence[str] = ()
) -> str:
    """Return a whole HTML page: `title` in plain text, `under` it and `body` in HTML.

    `scripts` are run in order at its end. A policy in its head forbids it to fetch anything.
    """
    badge = '<span class="badge">simulated</span>' if simulated else ""
    footer = "Written by Assay. " + (
        "Every figure on this page comes from a simulated market."
        if simulated
        else "Past results say little about future ones; nothing here is advice."
    )
    policy = POLICY + ("; script-src 'unsafe-inline'" if scripts else "")
    run = "".join(f"<script>{script}</script>" for script in scripts)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Assay {escape(title)}</title><style>{_style()}</style></head>"
        f"<body><main><header><h1>{escape(title)}{badge}</h1>{under}</header>"
        f"{body}<footer>{footer}</footer></main>{run}</body></html>"
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
    names = own_first(report["performance"])
    rows = [
        [title, *(show(report["performance"][n][key], percent=percent) for n in names)]
        for key, title, percent in FIGURES
    ]
    return ["figure", *names], rows


def own_first(names: Iterable[str]) -> list[str]:
    """Return `names` with what was tested before the baselines."""
    return sorted(names, key=lambda name: name != OWN)


@cache
def _style() -> str:
    return files("assay.evaluation").joinpath("page.css").read_text(encoding="utf-8")


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]], strong: str = "") -> str:
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
        style = "n" if figured else "w" if len(text) <= SHORT else ""
        return f'<td class="{style}">{minus(escape(text))}</td>'
    found = ESTIMATE.match(text)
    if not found and len(text) > SHORT:
        return f'<td class="long" colspan=2>{minus(escape(text))}</td>'
    if not found:
        return f'<td class="n v">{minus(escape(text))}</td><td class="i"></td>'
    return (
        f'<td class="n v">{minus(escape(found[1]))}</td>'
        f'<td class="i">{minus(escape(found[2] + found[3]))}</td>'
    )


def minus(text: str) -> str:
    """Return `text` with real minus signs before its numbers and a space before percent signs."""
    return re.sub(r"(?<=\d)%", " %", re.sub(r"(?<![\w-])-(?=\d)", "−", text))
