"""Plots with something marked in them: curves over a count, and a histogram about a border."""

import math
from collections.abc import Sequence
from html import escape
from itertools import pairwise

import numpy as np

from assay.evaluation.svg import LEFT, TOP, WIDTH, Line, figure, nothing, number, rule, ticks, words

HEIGHT, BOTTOM, RIGHT = 260, 44, 190
STEPS = (1, 2, 5)
"""Where a logarithmic axis has its numbers, times the powers of ten."""


def count_plot(
    counts: Sequence[int],
    lines: Sequence[Line],
    marks: Sequence[tuple[int, str]],
    *,
    title: str,
    across: str,
    levels: Sequence[tuple[float, str]] = (),
    span: tuple[float, float] | None = None,
) -> str:
    """Return curves over a count on a logarithmic axis, with `marks` (count, name) upright in it.

    `levels` (value, name) are level lines; `span` is the range of the upright axis, that of all
    values if left out.
    """
    known = {
        line.name: [(c, float(v)) for c, v in zip(counts, line.y, strict=True) if np.isfinite(v)]
        for line in lines
    }
    values = [value for points in known.values() for _, value in points]
    if not values or len(counts) < 2:
        return nothing(title)
    lines = [line for line in lines if known[line.name]]
    every = [*values, *(value for value, _ in levels)]
    low, high = span or (min(0.0, *every), max(every) * 1.08 or 1.0)
    right, floor = WIDTH - RIGHT, HEIGHT - BOTTOM
    start, end = math.log(counts[0]), math.log(counts[-1])

    def x(count: float) -> float:
        return LEFT + (math.log(count) - start) / (end - start) * (right - LEFT)

    def y(value: float) -> float:
        return floor - (value - low) / (high - low) * (floor - TOP)

    parts = [
        rule(LEFT, y(value), right, y(value)) + words(LEFT - 8, y(value) + 4, text, "end")
        for value, text in ticks(low, high, 5)
    ]
    for power in range(6):
        for step in STEPS:
            count = step * 10**power
            if counts[0] <= count <= counts[-1]:
                parts.append(words(x(count), floor + 16, f"{count:,}", "middle"))
    parts.append(words((LEFT + right) / 2, HEIGHT - 6, across, "middle"))
    for line in lines:
        path = "L".join(f"{x(count):.1f},{y(value):.1f}" for count, value in known[line.name])
        parts.append(f'<path d="M{path}" class="curve {escape(line.style)}"/>')
    parts += [rule(LEFT, y(value), right, y(value), "level even") for value, _ in levels]
    for place, (count, name) in enumerate(marks):
        at = x(count)
        left = at > (LEFT + right) / 2
        parts.append(rule(at, TOP, at, floor, "diagonal"))
        parts.append(
            words(at + (-6 if left else 6), TOP + 34 + 16 * place, name, "end" if left else "start")
        )
    ends = [(y(known[line.name][-1][1]), line.name, f"name {line.style}-text") for line in lines]
    ends += [(y(value), name, "tick") for value, name in levels]
    parts += [words(right + 8, at + 4, name, "start", style) for at, name, style in _apart(ends)]
    return figure(title, "".join(parts), HEIGHT)


def _apart(ends: Sequence[tuple[float, str, str]]) -> list[tuple[float, str, str]]:
    """Return labels moved down until none stands on another."""
    found: list[tuple[float, str, str]] = []
    for at, name, style in sorted(ends):
        free = found[-1][0] + 16.0 if found else TOP
        found.append((max(at, free), name, style))
    return found


def border_plot(
    edges: Sequence[float],
    counts: Sequence[int],
    *,
    title: str,
    below: str,
    above: str,
    across: str,
    of: str,
) -> str:
    """Return a histogram about 0: what lies at or below it in another colour, each side named.

    `of` says what is counted.
    """
    most = max(counts, default=0)
    if not most:
        return nothing(title)
    floor, right, top = HEIGHT - BOTTOM, WIDTH - 20.0, TOP + 22.0

    def x(value: float) -> float:
        return LEFT + (value - edges[0]) / (edges[-1] - edges[0]) * (right - LEFT)

    parts = []
    for value, text in ticks(0.0, float(most), 4):
        at = floor - value / most * (floor - top)
        parts.append(rule(LEFT, at, right, at) + words(LEFT - 8, at + 4, text, "end"))
    for (start, end), count in zip(pairwise(edges), counts, strict=True):
        tall = count / most * (floor - top)
        style = "out-of" if (start + end) / 2 <= 0 else "size"
        parts.append(
            f'<rect x="{x(start) + 0.5:.1f}" y="{floor - tall:.1f}" '
            f'width="{x(end) - x(start) - 1:.1f}" height="{tall:.1f}" class="{style}">'
            f"<title>{number(start, 2)} to {number(end, 2)}: {count:,} {escape(of)}</title></rect>"
        )
    parts += [words(x(value), floor + 16, text, "middle") for value, text in ticks(
        edges[0], edges[-1], 7
    )]  # fmt: skip
    parts.append(rule(x(0.0), TOP, x(0.0), floor, "zero"))
    parts.append(words(x(0.0) - 8, TOP + 8, f"← {below}", "end", "name b-text"))
    parts.append(words(x(0.0) + 8, TOP + 8, f"{above} →", "start", "name a-text"))
    parts.append(words((LEFT + right) / 2, HEIGHT - 6, across, "middle"))
    return figure(title, "".join(parts), HEIGHT)
