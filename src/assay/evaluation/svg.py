"""Small plots as SVG text; the page gives the colours, so dark and light both work."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

import numpy as np

WIDTH, HEIGHT = 860, 280
LEFT, RIGHT, TOP, BOTTOM = 58, 150, 14, 28
LEAST_APART = 15.0
"""Pixels between two labels at the right end of a plot."""


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: `y` may hold NaN, which breaks the line; `style` is a class of the style sheet.

    One without a name is drawn and not labelled.
    """

    name: str
    y: Sequence[float]
    style: str


@dataclass(frozen=True, slots=True)
class Band:
    """An area between two curves."""

    name: str
    low: Sequence[float]
    high: Sequence[float]


def time_plot(
    labels: Sequence[str],
    lines: Sequence[Line],
    band: Band | None,
    *,
    unit: str,
    title: str,
    filled: bool = False,
) -> str:
    """Return curves over time, each named at its right end; `labels` are ISO days, one an x.

    The first curve and the band set the scale; another that would flatten them leaves the plot, and
    its name says where it ended. `unit` follows every number of the y axis; `filled` shades the
    first curve towards zero.
    """
    frame = _span_of([*lines[:1]], band)
    if frame is None or len(labels) < 2:
        return nothing(title)
    low, high = _framed(frame, [found for line in lines[1:] if (found := _span_of([line], None))])
    if filled:
        low, high = min(low, 0.0), max(high, 0.0)
    pad = (high - low) * 0.04 or abs(high) * 0.05 or 1.0
    scale = _Scale(len(labels), low - pad, high + pad)
    parts = [scale.axes(labels, unit)]
    if band:
        parts.append(_area(scale, band.low, band.high, "band"))
    if filled:
        parts.append(_area(scale, np.zeros(len(labels)).tolist(), lines[0].y, "fill"))
    parts += [_curve(scale, line) for line in reversed(lines)]
    clip = "clip" + "".join(c for c in title if c.isalnum())
    area = (
        f'<clipPath id="{clip}"><rect x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" '
        f'height="{HEIGHT - TOP - BOTTOM}"/></clipPath>'
    )
    inner = f'{area}{parts[0]}<g clip-path="url(#{clip})">{"".join(parts[1:])}</g>'
    return figure(title, inner + _end_labels(scale, lines, band, unit), HEIGHT)


def _span_of(lines: Sequence[Line], band: Band | None) -> tuple[float, float] | None:
    values = [float(v) for line in lines for v in line.y]
    if band:
        values += [float(v) for v in (*band.low, *band.high)]
    finite = [v for v in values if np.isfinite(v)]
    return (min(finite), max(finite)) if finite else None


def _framed(
    first: tuple[float, float], others: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """Return the range of the y axis: other curves enlarge it to five times the first, no more."""
    low, high = first
    most = max(5.0 * (high - low), 0.5 * abs(high + low) / 2)
    for other in sorted(others, key=lambda span: span[1] - span[0]):
        joint = min(low, other[0]), max(high, other[1])
        if joint[1] - joint[0] <= most:
            low, high = joint
    return low, high


def ticks(low: float, high: float, wanted: int) -> list[tuple[float, str]]:
    """Return about `wanted` round numbers inside [low, high], each with its text.

    A range under 1e-9 has one tick, its lower end.
    """
    if not high - low > 1e-9:
        return [(low, f"{low:g}")]
    rough = (high - low) / max(1, wanted)
    power = 10.0 ** math.floor(math.log10(rough))
    step = min(
        (m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0)), key=lambda s: abs(math.log(s / rough))
    )
    digits = next(d for d in range(12) if abs(round(step, d) - step) < step * 1e-6)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [(n * step, number(n * step, digits)) for n in range(first, last + 1)]


def number(value: float, digits: int) -> str:
    """Return `value` with a real minus sign, and no sign before a zero."""
    text = f"{value:,.{digits}f}"
    return text.lstrip("-") if float(text.replace(",", "")) == 0 else text.replace("-", "−")


@dataclass(frozen=True, slots=True)
class _Scale:
    count: int
    low: float
    high: float

    def x(self, position: int) -> float:
        return LEFT + position / max(1, self.count - 1) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return min(max(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), -1e5), 1e5)

    def axes(self, labels: Sequence[str], unit: str) -> str:
        parts = []
        for value, text in ticks(self.low, self.high, 5):
            y = self.y(value)
            parts.append(
                rule(LEFT, y, WIDTH - RIGHT, y) + words(LEFT - 8, y + 4, text + unit, "end")
            )
        for position, text in _days(labels):
            x = self.x(position)
            parts.append(
                rule(x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 4)
                + words(x, HEIGHT - 8, text, "middle")
            )
        return "".join(parts)


def _days(labels: Sequence[str]) -> list[tuple[int, str]]:
    """Return where a year begins, or a month in short histories, or a few plain days."""
    for letters, most in ((4, 14), (7, 14)):
        starts = [n for n, (a, b) in enumerate(pairwise(labels), 1) if a[:letters] != b[:letters]]
        if 3 <= len(starts) <= most:
            return [(n, labels[n][:letters]) for n in starts]
    places = np.unique(np.linspace(0, len(labels) - 1, 5).astype(int)).tolist()
    return [(n, labels[n]) for n in places]


def _end_labels(scale: _Scale, lines: Sequence[Line], band: Band | None, unit: str) -> str:
    """Return the names of the curves beside their ends, none on top of another."""
    wanted: list[tuple[float, str, str]] = []
    for line in lines:
        finite = [float(v) for v in line.y if np.isfinite(v)]
        if finite and line.name:
            end = finite[-1]
            sign = " ↓" if end < scale.low else " ↑" if end > scale.high else ""
            text = f"{line.name} {number(end, 2)}{unit}{sign}"
            wanted.append((_inside(scale.y(end)), text, f"{line.style}-text"))
    if band and len(band.high):
        wanted.append((_inside(scale.y(float(band.high[-1]))), band.name, "band-text"))
    wanted.sort()
    placed: list[float] = []
    for y, _, _ in wanted:
        placed.append(max(y, placed[-1] + LEAST_APART) if placed else y)
    below = placed[-1] - (HEIGHT - BOTTOM) if placed else 0.0
    for n in range(len(placed) - 1, -1, -1):
        roof = HEIGHT - BOTTOM if n == len(placed) - 1 else placed[n + 1] - LEAST_APART
        placed[n] = min(placed[n], roof) if below > 0 else placed[n]
    return "".join(
        words(WIDTH - RIGHT + 8, y + 4, text, "start", f"name {style}")
        for y, (_, text, style) in zip(placed, wanted, strict=True)
    )


def _inside(y: float) -> float:
    return min(max(y, TOP), HEIGHT - BOTTOM)


def _curve(scale: _Scale, line: Line) -> str:
    path, pen = [], "M"
    for position, value in enumerate(line.y):
        if np.isfinite(value):
            path.append(f"{pen}{scale.x(position):.1f},{scale.y(float(value)):.1f}")
            pen = "L"
        else:
            pen = "M"
    finite = [float(v) for v in line.y if np.isfinite(v)]
    leaves = bool(finite) and (min(finite) < scale.low or max(finite) > scale.high)
    style = f"{line.style} left" if leaves else line.style
    return f'<path d="{"".join(path)}" class="curve {escape(style)}"/>'


def _area(scale: _Scale, low: Sequence[float], high: Sequence[float], style: str) -> str:
    known = [n for n in range(len(low)) if np.isfinite(low[n]) and np.isfinite(high[n])]
    up = [f"{scale.x(n):.1f},{scale.y(float(high[n])):.1f}" for n in known]
    back = [f"{scale.x(n):.1f},{scale.y(float(low[n])):.1f}" for n in reversed(known)]
    return f'<polygon points="{" ".join(up + back)}" class="{style}"/>'


def rule(x1: float, y1: float, x2: float, y2: float, style: str = "grid") -> str:
    """Return a straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{style}"/>'


def words(x: float, y: float, text: str, anchor: str, style: str = "tick") -> str:
    """Return a text whose `anchor` (start, middle, end) stands at x, y."""
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{style}"{place}>{escape(text)}</text>'


def figure(title: str, inner: str, height: int, width: int = WIDTH) -> str:
    """Return a whole SVG with its name for those who cannot see it; a wide one can be scrolled."""
    small = "" if width == WIDTH else f' style="max-width:{width}px"'
    drawn = (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}"{small}>'
        f"<title>{escape(title)}</title>{inner}</svg>"
    )
    return drawn if small else f'<div class="fig">{drawn}</div>'


def nothing(title: str) -> str:
    """Return the sentence that stands where there is too little to draw."""
    return f'<p class="thin">{escape(title)}: there is too little to draw.</p>'
