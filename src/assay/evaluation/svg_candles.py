"""Candles as SVG: the bars around one trade, and a whole span with its trades marked."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.evaluation.svg import WIDTH, figure, nothing, rule, ticks, words

Integers = NDArray[np.int64]
Place = Callable[[float], float]
SMALL_WIDTH, SMALL_HEIGHT = 470, 230
LEFT, RIGHT, TOP, BOTTOM = 8.0, 66.0, 12.0, 24.0
SPAN_HEIGHT = 240
MINUTE = 60
LEVELS = (("stop", "down"), ("target", "up"), ("entry", "even"))


def trade_plot(
    minutes: Integers, prices: Integers, trade: Mapping[str, Any], *, tick: float, title: str
) -> str:
    """Return candles (n, 4) in ticks around one trade, its levels drawn while it was open.

    `minutes` (n,) are when the bars open, since 1970; `trade` has `side`, `entered` and `left` in
    seconds, and `entry`, `exit`, `stop`, `target` in ticks.
    """
    if len(minutes) < 2:
        return nothing(title)
    levels = [int(trade[name]) for name in ("entry", "exit", "stop", "target")]
    low, high = _room(int(prices[:, 2].min()), int(prices[:, 1].max()), levels)
    step = (SMALL_WIDTH - LEFT - RIGHT) / len(minutes)

    def across(place: float) -> float:
        return LEFT + (place + 0.5) * step

    def down(value: float) -> float:
        share = (value - low) / (high - low)
        return SMALL_HEIGHT - BOTTOM - share * (SMALL_HEIGHT - TOP - BOTTOM)

    parts = []
    for value, text in ticks(low * tick, high * tick, 4):
        y = down(value / tick)
        parts.append(rule(LEFT, y, SMALL_WIDTH - RIGHT, y))
        parts.append(words(SMALL_WIDTH - RIGHT + 6, y + 4, text, "start"))
    for place in np.unique(np.linspace(0, len(minutes) - 1, 5).astype(int)).tolist()[1:-1]:
        when = datetime.fromtimestamp(int(minutes[place]) * MINUTE, UTC)
        parts.append(words(across(place), SMALL_HEIGHT - 7, f"{when:%b %d %H:%M}", "middle"))
    first = int(np.searchsorted(minutes, int(trade["entered"]) // MINUTE))
    last = int(np.searchsorted(minutes, int(trade["left"]) // MINUTE))
    start, end = across(first) - step / 2, max(across(last), across(first)) + step / 2
    for name, style in LEVELS:
        parts.append(rule(start, down(trade[name]), end, down(trade[name]), f"level {style}"))
    parts.append(_candles(prices, across, down, step))
    parts.append(_arrow(across(first), down(trade["entry"]), int(trade["side"])))
    parts.append(
        f'<circle cx="{across(last):.1f}" cy="{down(trade["exit"]):.1f}" r="4" class="out">'
        "<title>exit</title></circle>"
    )
    return figure(title, "".join(parts), SMALL_HEIGHT, SMALL_WIDTH)


def span_plot(
    days: Integers,
    closes: Integers,
    trades: Sequence[Mapping[str, Any]],
    *,
    tick: float,
    title: str,
) -> str:
    """Return closes (n,) in ticks over `days` (n,) since 1970, with trades as dots at their entry.

    `trades` have `entered` in seconds, `entry` in ticks and `pnl`.
    """
    if len(days) < 2:
        return nothing(title)
    low, high = _room(int(closes.min()), int(closes.max()), [int(t["entry"]) for t in trades])
    width = WIDTH - LEFT - RIGHT

    def across(day: float) -> float:
        share = (day - int(days[0])) / max(int(days[-1] - days[0]), 1)
        return LEFT + min(max(share, 0.0), 1.0) * width

    def down(value: float) -> float:
        share = (value - low) / (high - low)
        return SPAN_HEIGHT - BOTTOM - share * (SPAN_HEIGHT - TOP - BOTTOM)

    parts = []
    for value, text in ticks(low * tick, high * tick, 4):
        y = down(value / tick)
        parts.append(rule(LEFT, y, WIDTH - RIGHT, y))
        parts.append(words(WIDTH - RIGHT + 6, y + 4, text, "start"))
    for place in np.unique(np.linspace(0, len(days) - 1, 7).astype(int)).tolist()[1:-1]:
        when = datetime.fromtimestamp(int(days[place]) * 86_400, UTC)
        parts.append(words(across(int(days[place])), SPAN_HEIGHT - 7, f"{when:%Y-%m}", "middle"))
    every = max(1, len(days) // 1_200)
    points = zip(days[::every].tolist(), closes[::every].tolist(), strict=True)
    path = "L".join(f"{across(day):.1f},{down(close):.1f}" for day, close in points)
    parts.append(f'<path d="M{path}" class="curve even"/>')
    for trade in trades:
        won = "won" if trade["pnl"] > 0 else "lost"
        at = f'cx="{across(trade["entered"] / 86_400):.1f}" cy="{down(trade["entry"]):.1f}"'
        parts.append(f'<circle {at} r="3" class="{won}"/>')
    return figure(title, "".join(parts), SPAN_HEIGHT)


def gap_plot(
    prices: Integers,
    labels: Sequence[str],
    lacks: Sequence[bool],
    flags: Sequence[bool],
    *,
    tick: float,
    title: str,
) -> str:
    """Return candles (n, 4) in ticks, one a place; a place whose low is 0 has none.

    `labels` (n,) say when a place is; `lacks` marks places in which bars are missing, `flags` those
    with a flagged bar.
    """
    known = prices[prices[:, 2] > 0]
    if len(known) < 2:
        return nothing(title)
    low, high = _room(int(known[:, 2].min()), int(known[:, 1].max()), [])
    step = (WIDTH - LEFT - RIGHT) / len(prices)

    def across(place: float) -> float:
        return LEFT + (place + 0.5) * step

    def down(value: float) -> float:
        return SPAN_HEIGHT - BOTTOM - (value - low) / (high - low) * (SPAN_HEIGHT - TOP - BOTTOM)

    parts = [
        f'<rect x="{across(n) - step / 2:.1f}" y="{TOP}" width="{step:.1f}" '
        f'height="{SPAN_HEIGHT - TOP - BOTTOM:.0f}" class="lacking"/>'
        for n in np.flatnonzero(lacks).tolist()
    ]
    for value, text in ticks(low * tick, high * tick, 4):
        parts.append(rule(LEFT, down(value / tick), WIDTH - RIGHT, down(value / tick)))
        parts.append(words(WIDTH - RIGHT + 6, down(value / tick) + 4, text, "start"))
    for place in np.unique(np.linspace(0, len(prices) - 1, 6).astype(int)).tolist()[1:-1]:
        parts.append(words(across(place), SPAN_HEIGHT - 7, labels[place], "middle"))
    places = np.flatnonzero(prices[:, 2] > 0)
    parts.append(_candles(known, lambda n: across(float(places[int(n)])), down, step))
    parts += [
        f'<circle cx="{across(n):.1f}" cy="{TOP + 4}" r="3.4" class="dot-of"/>'
        for n in np.flatnonzero(flags).tolist()
    ]
    return figure(title, "".join(parts), SPAN_HEIGHT)


def _room(low: int, high: int, levels: Sequence[int]) -> tuple[float, float]:
    """Return the range of prices to draw; a level farther than the candles are high is left out."""
    reach = max(high - low, 1)
    near = [level for level in levels if low - reach <= level <= high + reach]
    bottom, top = min([low, *near]), max([high, *near])
    pad = max(top - bottom, 1) * 0.05
    return bottom - pad, top + pad


def _candles(prices: Integers, across: Place, down: Place, step: float) -> str:
    wide = max(step * 0.62, 1.0)
    wicks: dict[str, list[str]] = {"up": [], "down": []}
    bodies: dict[str, list[str]] = {"up": [], "down": []}
    for place, (opened, high, low, close) in enumerate(prices.tolist()):
        way = "up" if close >= opened else "down"
        x, top, bottom = across(place), down(max(opened, close)), down(min(opened, close))
        wicks[way].append(f"M{x:.1f},{down(high):.1f}V{down(low):.1f}")
        tall = max(bottom - top, 0.8)
        bodies[way].append(f"M{x - wide / 2:.1f},{top:.1f}h{wide:.1f}v{tall:.1f}h-{wide:.1f}z")
    return "".join(
        f'<path d="{"".join(wicks[way])}" class="wick {way}"/>'
        f'<path d="{"".join(bodies[way])}" class="body {way}"/>'
        for way in ("up", "down")
    )


def _arrow(x: float, y: float, side: int) -> str:
    told = "bought" if side > 0 else "sold"
    way = 1 if side > 0 else -1
    return (
        f'<path d="M{x:.1f},{y + way * 4:.1f}l-6,{way * 11}h12z" class="in">'
        f"<title>{escape(told)}</title></path>"
    )
