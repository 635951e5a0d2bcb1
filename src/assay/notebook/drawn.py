"""Small pieces of HTML for notebooks: no script, no frame, no style that reaches further."""

from collections.abc import Iterable, Sequence
from html import escape

CELL = "padding:2px 10px 2px 0"
SIDES = {"LONG": "#1a7f37", "SHORT": "#c62828", "WAIT": "#8a6d00"}


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; columns whose name starts with ">" are right-aligned numbers."""
    sides = ["right" if name.startswith(">") else "left" for name in columns]
    head = "".join(
        f'<th style="{CELL};text-align:{side}">{escape(name.lstrip(">"))}</th>'
        for name, side in zip(columns, sides, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="{CELL};text-align:{side}">{escape(str(cell))}</td>'
            for cell, side in zip(row, sides, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def lines(sentences: Iterable[str]) -> str:
    """Return sentences, each on a line of its own."""
    return "".join(f"<div>{escape(one)}</div>" for one in sentences)


def title(text: str, *, simulated: bool = False) -> str:
    """Return a heading; what is simulated says so."""
    mark = " <em>simulated</em>" if simulated else ""
    return f"<div><strong>{escape(text)}</strong>{mark}</div>"


def side(decision: str) -> str:
    """Return LONG, SHORT or WAIT in its colour; the word says it, too."""
    colour = SIDES.get(decision, "inherit")
    return f'<strong style="color:{colour}">{escape(decision)}</strong>'


def time(moment: object) -> str:
    """Return a time to the minute."""
    return str(moment).replace("T", " ")[:16]
