"""The reliability diagram: said against happened, with the count of what was said beneath."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from assay.evaluation.svg import figure, nothing, rule, ticks, words

LARGE = (430.0, 300.0, 84.0)
SMALL = (190.0, 150.0, 40.0)
"""Width and height of the plot, and height of the histogram, in pixels."""
TOP, GAP, PAD = 24.0, 10.0, 0.07


def reliability_plot(block: Mapping[str, Any], *, title: str, small: bool = False) -> str:
    """Return the diagram of `block`: `said`, `happened`, `low`, `high`, `n`, and its `histogram`.

    Across is the probability as said, up the share that happened; each axis has its own scale, and
    the dashed line is where both are equal.
    """
    if not block["said"]:
        return nothing(title)
    width, height, bars = SMALL if small else LARGE
    left = 46.0 if small else 66.0
    edges = block["histogram"]["edges"]
    x_low, x_high = _padded([*edges, *block["said"]])
    y_low, y_high = _padded([*block["low"], *block["high"], *block["said"]])

    def across(value: float) -> float:
        return left + (value - x_low) / (x_high - x_low) * width

    def down(value: float) -> float:
        return TOP + height - (value - y_low) / (y_high - y_low) * height

    floor = TOP + height + GAP + bars
    parts = []
    for value, text in ticks(x_low, x_high, 3 if small else 5):
        parts.append(rule(across(value), TOP, across(value), floor))
        parts.append(words(across(value), floor + 15, text, "middle"))
    for value, text in ticks(y_low, y_high, 3 if small else 5):
        parts.append(rule(left, down(value), left + width, down(value)))
        parts.append(words(left - 6, down(value) + 4, text, "end"))
    start, end = max(x_low, y_low), min(x_high, y_high)
    if start < end:
        parts.append(rule(across(start), down(start), across(end), down(end), "diagonal"))
    for said, came, low, high, n in zip(
        *(block[name] for name in ("said", "happened", "low", "high", "n")), strict=True
    ):
        told = f"said {said:.3f}, happened {came:.3f} [{low:.3f}, {high:.3f}], {n:,} forecasts"
        interval = rule(across(said), down(low), across(said), down(high), "bar")
        parts.append(
            f"<g><title>{told}</title>{interval}"
            f'<circle cx="{across(said):.1f}" cy="{down(came):.1f}" r="{3 if small else 4}" '
            'class="dot"/></g>'
        )
    parts.append(_histogram(edges, block["histogram"]["counts"], across, floor, bars))
    most = max(block["histogram"]["counts"], default=0)
    told = f"{most / 1000:.0f}k" if most >= 10_000 else f"{most:,}"
    parts.append(words(left - 6, floor - bars + 9, told, "end"))
    if not small:
        parts.append(words(left, TOP - 9, "how often up came, with its 95 % interval", "start"))
        parts.append(words(left + width / 2, floor + 33, "probability of up, as said", "middle"))
        parts.append(words(left - 6, floor, "0", "end"))
    else:
        parts.append(words(left, TOP - 9, title, "start", "name"))
    return figure(
        title, "".join(parts), int(floor + (42 if not small else 24)), int(left + width + 16)
    )


def _padded(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    pad = (high - low) * PAD or 0.01
    return low - pad, high + pad


def _histogram(
    edges: Sequence[float],
    counts: Sequence[int],
    across: Callable[[float], float],
    floor: float,
    high: float,
) -> str:
    most = max(counts, default=0) or 1
    drawn = []
    for (start, end), count in zip(pairwise(edges), counts, strict=True):
        tall = count / most * high
        drawn.append(
            f'<rect x="{across(start) + 0.4:.1f}" y="{floor - tall:.1f}" '
            f'width="{max(across(end) - across(start) - 0.8, 0.6):.1f}" height="{tall:.1f}" '
            f'class="part"><title>{start:.3f} to {end:.3f}: {count:,} forecasts</title></rect>'
        )
    return "".join(drawn)
