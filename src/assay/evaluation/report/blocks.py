"""Blocks of a report: a table with its note, and a plot of its intervals above."""

from collections.abc import Mapping
from html import escape
from typing import Any

from assay.evaluation.page import table
from assay.evaluation.svg_rows import interval_plot


def block(found: Mapping[str, Any], strong: str = "") -> str:
    """Return the table of a block, and its note; the row named `strong` stands out."""
    note = f'<p class="note">{escape(found["note"])}</p>' if found.get("note") else ""
    return table(found["columns"], found["rows"], strong) + note


def drawn_block(
    found: Mapping[str, Any],
    title: str,
    *,
    digits: int = 1,
    strong: str = "",
    names: float = 130.0,
) -> str:
    """Return the intervals of a block drawn under the heading `title`, then its table."""
    rows = [tuple(row) for row in found.get("plot", ()) if None not in row]
    if not rows:
        return block(found, strong)
    plot = interval_plot(rows, title=title, unit="", digits=digits, strong=strong, names=names)
    return f"<h3>{escape(title)}</h3>{plot}{block(found, strong)}"
