"""Plots made of rows: intervals beside each other, and spans of time under each other."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape

import numpy as np

from assay.evaluation.svg import WIDTH, figure, nothing, number, rule, ticks, words

STEP, TOP, BOTTOM = 22, 12, 30
FAR = 4.0
"""An interval this many times farther out than the usual one leaves the plot, with an arrow."""


def interval_plot(
    rows: Sequence[tuple[str, float, float, float]],
    *,
    title: str,
    unit: str,
    strong: str = "",
    digits: int = 1,
    names: float = 130.0,
) -> str:
    """Return one horizontal interval a row (name, value, low, high), with the line at zero.

    A row far outside the others is an arrow at the edge with its value; `strong` names the row that
    stands out. Values are said with `digits` decimals; `names` is the room for names, in pixels.
    """
    known = [r for r in rows if all(v is not None and np.isfinite(v) for v in r[1:])]
    if not known:
        return nothing(title)
    start, end = _bounds(known)
    left, right = names, WIDTH - 190.0
    height = TOP + STEP * len(known) + BOTTOM

    def across(value: float) -> float:
        return left + (value - start) / (end - start) * (right - left)

    parts = [
        rule(across(value), TOP, across(value), height - BOTTOM, "zero" if value == 0 else "grid")
        + words(across(value), height - 11, text + unit, "middle")
        for value, text in ticks(start, end, 6)
    ]
    for place, (name, value, low, high) in enumerate(known):
        y = TOP + STEP * (place + 0.5)
        style = " strong" if name == strong else ""
        parts.append(words(left - 10, y + 4, name, "end", f"tick{style}"))
        said = f"{number(value, digits)} [{number(low, digits)}, {number(high, digits)}]"
        parts.append(words(right + 16, y + 4, said, "start", f"tick{style}"))
        if low > end or high < start:
            parts.append(_arrow(right if low > end else left, y, 1 if low > end else -1))
            continue
        inside = max(low, start), min(high, end)
        parts.append(rule(across(inside[0]), y, across(inside[1]), y, f"bar{style}"))
        if low < start:
            parts.append(_arrow(left, y, -1))
        if high > end:
            parts.append(_arrow(right, y, 1))
        if start <= value <= end:
            parts.append(f'<circle cx="{across(value):.1f}" cy="{y:.1f}" r="4" class="dot"/>')
    return figure(title, "".join(parts), height)


def strip(value: float | None, low: float | None, high: float | None) -> str:
    """Return a small interval with its zero line, for beside a figure; empty without a width."""
    if value is None or low is None or high is None or low == high:
        return ""
    start, end = min(low, value, 0.0), max(high, value, 0.0)
    width = (end - start) or 1.0

    def across(at: float) -> float:
        return 6.0 + (at - start) / width * 148.0

    return (
        '<svg class="strip" viewBox="0 0 160 18" aria-hidden="true">'
        + rule(across(0.0), 1, across(0.0), 17, "zero")
        + rule(across(low), 9, across(high), 9, "bar")
        + f'<circle cx="{across(value):.1f}" cy="9" r="4.5" class="dot"/></svg>'
    )


def spans_plot(folds: Sequence[Mapping[str, Mapping[str, str]]], *, title: str) -> str:
    """Return one row a fold with its spans of time, part by part; times are ISO 8601."""
    moments = [_when(span[end]) for fold in folds for span in fold.values() for end in span]
    if not moments:
        return nothing(title)
    start, end = min(moments), max(moments)
    left, right, step = 70.0, WIDTH - 20.0, 24
    height = TOP + step * len(folds) + BOTTOM

    def across(moment: float) -> float:
        return left + (moment - start) / ((end - start) or 1.0) * (right - left)

    parts = []
    first, last = (datetime.fromtimestamp(at, UTC).year for at in (start, end))
    for year in range(first + 1, last + 1):
        x = across(_when(f"{year}-01-01T00:00:00+00:00"))
        parts.append(rule(x, TOP, x, height - BOTTOM) + words(x, height - 11, str(year), "middle"))
    for place, fold in enumerate(folds):
        y = TOP + step * place + 4
        parts.append(words(left - 10, y + 12, f"fold {place + 1}", "end"))
        for part, span in sorted(fold.items(), key=lambda one: one[1]["start"]):
            x = across(_when(span["start"]))
            width = max(1.0, across(_when(span["end"])) - x - 1.0)
            parts.append(
                f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="16" rx="2" '
                f'class="part {escape(part)}"><title>{escape(part)} {escape(span["start"][:10])} '
                f"to {escape(span['end'][:10])}</title></rect>"
            )
            if width > 9 * len(part):
                parts.append(words(x + width / 2, y + 12, part, "middle", f"part-name {part}-name"))
    return figure(title, "".join(parts), height)


def _bounds(rows: Sequence[tuple[str, float, float, float]]) -> tuple[float, float]:
    """Return the range to draw: all rows, or the usual ones if some are far out."""
    reach = np.array([max(abs(low), abs(high)) for _, _, low, high in rows])
    usual = float(np.median(reach[reach > 1e-12])) if (reach > 1e-12).any() else 1.0
    most = FAR * usual if reach.max() > 2 * FAR * usual else float(reach.max())
    inside = [r for r, far in zip(rows, reach, strict=True) if far <= most] or list(rows)
    start, end = min(0.0, *(r[2] for r in inside)), max(0.0, *(r[3] for r in inside))
    pad = (end - start) * 0.05 if end - start > 1e-9 else 1.0
    return start - pad, end + pad


def _arrow(x: float, y: float, side: int) -> str:
    return f'<path d="M{x:.1f},{y - 5:.1f}l{side * 8},5l{-side * 8},5z" class="dot"/>'


def _when(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
