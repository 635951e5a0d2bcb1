"""Curves over the same bars, under each other, each with its histogram on the same scale."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Any

import numpy as np

from assay.evaluation.svg import figure, nothing, rule, ticks, words

WIDTH, HEIGHT = 860, 190
LEFT, RIGHT, TOP, BOTTOM = 64.0, 640.0, 12.0, 26.0
BARS_FROM, BARS_TO = 660.0, 784.0
"""Where the histogram's bars begin, and where its longest ends."""
APART = 78.0
"""Pixels between two times under the curve, at least."""


def beside_plot(
    times: Sequence[str],
    values: Sequence[float | None],
    *,
    title: str,
    style: str = "a",
    spread: Mapping[str, Any] | None = None,
    figures: int = 4,
) -> str:
    """Return one curve over bars, one step a bar, with the histogram of all history at its right.

    `times` are ISO 8601; None breaks the curve. `spread` holds `edges` and `counts` of the
    histogram and `present`, the value that is marked in both; without it the right stays empty.
    The last value is said with so many `figures`.
    """
    y = np.array([np.nan if v is None else v for v in values], dtype=np.float64)
    edges = list(spread["edges"]) if spread else []
    finite = [*y[np.isfinite(y)].tolist(), *edges]
    if not finite or len(y) < 2:
        return nothing(title)
    low, high = min(finite), max(finite)
    pad = (high - low) * 0.05 or abs(low) * 0.05 or 0.5
    low, high = low - pad, high + pad

    def down(value: float) -> float:
        return float(HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM))

    def across(place: int) -> float:
        return LEFT + place / (len(y) - 1) * (RIGHT - LEFT)

    parts = []
    for value, text in ticks(low, high, 4):
        at = down(value)
        parts.append(rule(LEFT, at, RIGHT, at, "zero" if value == 0 else "grid"))
        parts.append(words(LEFT - 8, at + 4, text, "end"))
    for x, text in _spaced([(across(place), text) for place, text in _marks(times)]):
        parts.append(rule(x, TOP, x, HEIGHT - BOTTOM) + words(x, HEIGHT - 8, text, "middle"))
    path, pen = [], "M"
    for place, value in enumerate(y.tolist()):
        if np.isfinite(value):
            path.append(f"{pen}{across(place):.1f},{down(value):.1f}")
        pen = "L" if np.isfinite(value) else "M"
    parts.append(f'<path d="{"".join(path)}" class="curve {escape(style)}"/>')
    if spread and edges:
        parts.append(_bars(edges, spread["counts"], down))
    last = spread["present"] if spread else (y[-1] if np.isfinite(y[-1]) else None)
    if last is not None:
        end = BARS_TO if spread else RIGHT
        parts.append(rule(RIGHT, down(last), end, down(last), "diagonal"))
        dot = f'cx="{RIGHT:.1f}" cy="{down(last):.1f}" r="4"'
        parts.append(f'<circle {dot} style="fill:var(--{escape(style)})"/>')
        parts.append(
            words(end + 8, down(last) + 4, _said(last, figures), "start", f"name {style}-text")
        )
    return figure(title, "".join(parts), HEIGHT)


def _bars(edges: Sequence[float], counts: Sequence[int], down: Any) -> str:  # noqa: ANN401
    most = max(counts, default=0) or 1
    found = []
    for (start, end), count in zip(pairwise(edges), counts, strict=True):
        top, bottom = down(end), down(start)
        long = count / most * (BARS_TO - BARS_FROM)
        found.append(
            f'<rect x="{BARS_FROM:.1f}" y="{top + 0.4:.1f}" width="{long:.1f}" '
            f'height="{max(bottom - top - 0.8, 0.6):.1f}" class="part">'
            f"<title>{start:.4g} to {end:.4g}: {count:,} bars</title></rect>"
        )
    return "".join(found)


def _said(value: float, figures: int) -> str:
    return f"{value:.{figures}g}".replace("-", "−")


def _marks(times: Sequence[str]) -> list[tuple[int, str]]:
    """Return where years, months or days begin, whichever are the fewest beyond two."""
    for letters in (4, 7, 10):
        starts = [n for n, (a, b) in enumerate(pairwise(times), 1) if a[:letters] != b[:letters]]
        if len(starts) >= 3:
            return [(n, times[n][:letters]) for n in starts]
    places = np.unique(np.linspace(0, len(times) - 1, 5).astype(int)).tolist()
    return [(n, times[n][:16].replace("T", " ")) for n in places[1:-1]]


def _spaced(marks: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """Return the marks that stand far enough from the one before."""
    found: list[tuple[float, str]] = []
    for x, text in marks:
        apart = max(APART, 7.0 * len(text))
        if not found or x - found[-1][0] >= apart:
            found.append((x, text))
    return found
