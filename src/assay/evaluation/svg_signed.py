"""Plots of what pushed up and what pushed down: bars about a middle, and steps that add up."""

from collections.abc import Sequence
from html import escape

from assay.evaluation.svg import WIDTH, figure, nothing, rule, ticks, words

STEP, TOP, BOTTOM = 24, 12, 30
LEFT, RIGHT = 190.0, WIDTH - 210.0


def signed_plot(rows: Sequence[tuple[str, float, str]], *, title: str) -> str:
    """Return one bar a row (name, value, what is said of it), up to the right of a middle line."""
    if not rows:
        return nothing(title)
    most = max(abs(value) for _, value, _ in rows) or 1.0
    return _plot([(name, 0.0, value, said) for name, value, said in rows], -most, most, title)


def sizes_plot(rows: Sequence[tuple[str, float, str]], *, title: str) -> str:
    """Return one bar a row (name, size from 0 on, what is said of it), without up or down."""
    if not rows:
        return nothing(title)
    most = max(value for _, value, _ in rows) or 1.0
    drawn = [(name, 0.0, value, said) for name, value, said in rows]
    return _plot(drawn, 0.0, most, title, kind="size")


def steps_plot(
    start: float, rows: Sequence[tuple[str, float, str]], *, title: str, first: str, last: str
) -> str:
    """Return a waterfall from `start` through the steps of `rows` (name, step, what is said)."""
    levels = [start]
    for _, step, _ in rows:
        levels.append(levels[-1] + step)
    drawn = [(first, start, start, f"{start:+.4f}")]
    drawn += [
        (name, before, after, said)
        for (name, _, said), before, after in zip(rows, levels[:-1], levels[1:], strict=True)
    ]
    drawn.append((last, levels[-1], levels[-1], f"{levels[-1]:+.4f}"))
    return _plot(drawn, min(levels), max(levels), title)


def _plot(
    rows: Sequence[tuple[str, float, float, str]],
    low: float,
    high: float,
    title: str,
    kind: str | None = None,
) -> str:
    pad = (high - low) * 0.06 or 0.01
    start, end = low - pad, high + pad
    height = TOP + STEP * len(rows) + BOTTOM

    def across(value: float) -> float:
        return LEFT + (value - start) / (end - start) * (RIGHT - LEFT)

    parts = [
        rule(across(at), TOP, across(at), height - BOTTOM, "zero" if at == 0 else "grid")
        + words(across(at), height - 11, text, "middle")
        for at, text in ticks(start, end, 6)
    ]
    for place, (name, before, after, said) in enumerate(rows):
        y = TOP + STEP * place
        parts.append(words(LEFT - 10, y + 16, name, "end"))
        parts.append(words(RIGHT + 14, y + 16, said, "start"))
        x, width = min(across(before), across(after)), abs(across(after) - across(before))
        if before == after:
            parts.append(rule(x, y + 3, x, y + STEP - 3, "bar strong"))
            continue
        way = kind or ("push up" if after > before else "push down")
        parts.append(
            f'<rect x="{x:.1f}" y="{y + 5}" width="{max(width, 1.0):.1f}" height="{STEP - 10}" '
            f'rx="2" class="{way}"><title>{escape(name)}: {escape(said)}</title></rect>'
        )
    return figure(title, "".join(parts), height)
