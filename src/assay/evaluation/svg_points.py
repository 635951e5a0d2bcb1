"""A plot of points side by side in groups, with each group's median."""

from collections.abc import Sequence
from html import escape

import numpy as np

from assay.evaluation.svg import LEFT, TOP, WIDTH, figure, nothing, rule, ticks, words

HEIGHT, BOTTOM, RIGHT = 250, 44, 20
SPREAD = 0.5
"""How much of a group's room its points may take."""


def points_plot(
    groups: Sequence[tuple[str, Sequence[tuple[str, float]]]], *, title: str, across: str, up: str
) -> str:
    """Return the points (name, value) of each group above its name, and its median as a line.

    `across` and `up` say what the axes are. A value that is not finite is left out.
    """
    values = [value for _, points in groups for _, value in points if np.isfinite(value)]
    if not values:
        return nothing(title)
    low, high = min(0.0, *values), max(0.0, *values)
    pad = (high - low) * 0.08 or 1.0
    low, high = low - pad, high + pad
    room = (WIDTH - LEFT - RIGHT) / len(groups)

    def down(value: float) -> float:
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM - 10)

    parts = [
        rule(LEFT, down(value), WIDTH - RIGHT, down(value), "zero" if value == 0 else "grid")
        + words(LEFT - 8, down(value) + 4, text, "end")
        for value, text in ticks(low, high, 5)
    ]
    for place, (name, points) in enumerate(groups):
        middle = LEFT + (place + 0.5) * room
        parts.append(words(middle, HEIGHT - BOTTOM + 16, name, "middle"))
        known = [value for _, value in points if np.isfinite(value)]
        if len(known) > 1:
            at, half = down(float(np.median(known))), min(room * 0.38, 60.0)
            parts.append(rule(middle - half, at, middle + half, at, "bar"))
        for number, (point, value) in enumerate(points):
            if np.isfinite(value):
                off = (number + 0.5) / len(points) - 0.5
                x = middle + off * min(room, 160.0) * SPREAD
                told = escape(f"{name}, {point}: {value:.3g}")
                parts.append(
                    f'<circle cx="{x:.1f}" cy="{down(value):.1f}" r="4" class="dot">'
                    f"<title>{told}</title></circle>"
                )
    parts.append(words(LEFT, TOP, up, "start"))
    parts.append(words((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, across, "middle"))
    return figure(title, "".join(parts), HEIGHT)
