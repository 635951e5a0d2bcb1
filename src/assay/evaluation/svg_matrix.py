"""A square map of correlations: blue together, orange against each other."""

from collections.abc import Sequence
from html import escape

from assay.evaluation.svg import figure, nothing, rule, words

LARGEST, SMALLEST, LEFT, TOP = 24.0, 7.0, 40.0, 34.0
ROOM = 420.0
"""Pixels that the cells take together, as long as each has room."""


def correlation_plot(
    names: Sequence[str], values: Sequence[Sequence[float]], borders: Sequence[int], *, title: str
) -> str:
    """Return `values` (n, n) as coloured cells; before each row of `borders` a new group begins.

    Depth is the size of a correlation, colour its sign; each cell says its number when pointed at.
    """
    count = len(names)
    if count < 2:
        return nothing(title)
    cell = max(SMALLEST, min(LARGEST, ROOM / count))
    side = cell * count
    parts = []
    step = 1 if cell >= 13 else 5
    for row, name in enumerate(names):
        if row % step == 0:
            at = TOP + (row + 0.72) * cell
            parts.append(words(LEFT - 6, at, str(name), "end"))
            parts.append(words(LEFT + (row + 0.5) * cell, TOP - 6, str(name), "middle"))
        for column, value in enumerate(values[row]):
            told = escape(f"{name} and {names[column]}: {value:.2f}")
            parts.append(
                f'<rect x="{LEFT + column * cell:.1f}" y="{TOP + row * cell:.1f}" '
                f'width="{cell - 0.6:.1f}" height="{cell - 0.6:.1f}" '
                f'class="{"size" if value >= 0 else "out-of"}" fill-opacity="{abs(value):.2f}">'
                f"<title>{told}</title></rect>"
            )
    for border in (0, *borders, count):
        at = border * cell
        parts.append(rule(LEFT, TOP + at, LEFT + side, TOP + at, "zero"))
        parts.append(rule(LEFT + at, TOP, LEFT + at, TOP + side, "zero"))
    size = int(LEFT + side + 12)
    return figure(title, "".join(parts), int(TOP + side + 10), size)
