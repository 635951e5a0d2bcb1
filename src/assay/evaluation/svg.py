"""Small plots as SVG text; the page gives the colours, so dark and light both work."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

WIDTH, HEIGHT = 860, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 14, 30


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: `y` may hold NaN, which breaks the line; `style` is a class of the style sheet."""

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
    labels: Sequence[str], lines: Sequence[Line], band: Band | None, *, unit: str, title: str
) -> str:
    """Return curves over time; `labels` name the x positions, `unit` the y axis."""
    values = [float(v) for line in lines for v in line.y]
    if band:
        values += [float(v) for v in (*band.low, *band.high)]
    finite = [v for v in values if np.isfinite(v)]
    if not finite or len(labels) < 2:
        return _nothing(title)
    low, high = min(finite), max(finite)
    pad = (high - low) * 0.05 or abs(high) * 0.05 or 1.0
    scale = _Scale(len(labels), low - pad, high + pad)
    parts = [scale.axes(labels, unit)]
    if band:
        parts.append(_area(scale, band))
    parts += [_curve(scale, line) for line in lines]
    legend = " ".join(
        f'<tspan class="{escape(line.style)}-text">■ {escape(line.name)}</tspan>' for line in lines
    )
    parts.append(f'<text x="{LEFT + 8}" y="{TOP + 10}" class="legend">{legend}</text>')
    return _frame(title, "".join(parts))


def dots_plot(
    x: Sequence[float],
    y: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    *,
    title: str,
    x_name: str,
    y_name: str,
) -> str:
    """Return points with vertical intervals and the diagonal: a reliability diagram."""
    rows = [r for r in zip(x, y, low, high, strict=True) if all(np.isfinite(v) for v in r)]
    if not rows:
        return _nothing(title)
    everything = [v for row in rows for v in row]
    start, end = min(everything), max(everything)
    pad = (end - start) * 0.08 or 0.01
    start, end = start - pad, end + pad

    def across(value: float) -> float:
        return LEFT + (value - start) / (end - start) * (WIDTH - LEFT - RIGHT)

    def down(value: float) -> float:
        return HEIGHT - BOTTOM - (value - start) / (end - start) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<line x1="{across(start):.1f}" y1="{down(start):.1f}" x2="{across(end):.1f}" '
        f'y2="{down(end):.1f}" class="grid"/>'
    ]
    for px, py, lo, hi in rows:
        parts.append(
            f'<line x1="{across(px):.1f}" x2="{across(px):.1f}" y1="{down(lo):.1f}" '
            f'y2="{down(hi):.1f}" class="bar"/><circle cx="{across(px):.1f}" '
            f'cy="{down(py):.1f}" r="4" class="dot"/>'
        )
    for value in np.linspace(start, end, 5):
        parts.append(_tick_x(across(value), f"{value:.3f}") + _tick_y(down(value), f"{value:.3f}"))
    parts.append(
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 2}" class="tick" text-anchor="middle">'
        f"{escape(x_name)}</text>"
        f'<text x="{LEFT + 8}" y="{TOP + 10}" class="legend">{escape(y_name)}</text>'
    )
    return _frame(title, "".join(parts))


def interval_plot(rows: Sequence[tuple[str, float, float, float]], *, title: str, unit: str) -> str:
    """Return one horizontal interval a row (name, value, low, high), with the line at zero."""
    known = [r for r in rows if all(np.isfinite(v) for v in r[1:])]
    if not known:
        return _nothing(title)
    start = min(0.0, *(r[2] for r in known))
    end = max(0.0, *(r[3] for r in known))
    span = (end - start) or 1.0
    left, step = 250, 22
    height = TOP + step * len(known) + BOTTOM

    def across(value: float) -> float:
        return left + (value - start) / span * (WIDTH - left - RIGHT - 30)

    parts = [
        f'<line x1="{across(0):.1f}" x2="{across(0):.1f}" y1="{TOP}" '
        f'y2="{height - BOTTOM}" class="grid"/>'
    ]
    for number, (name, value, low, high) in enumerate(known):
        y = TOP + step * (number + 0.5)
        parts.append(
            f'<text x="{left - 10}" y="{y + 4:.1f}" class="tick" text-anchor="end">{escape(name)}'
            f'</text><line x1="{across(low):.1f}" x2="{across(high):.1f}" y1="{y:.1f}" '
            f'y2="{y:.1f}" class="bar"/><circle cx="{across(value):.1f}" cy="{y:.1f}" r="4" '
            f'class="dot"/>'
        )
    for value in np.linspace(start, end, 5):
        parts.append(
            f'<text x="{across(value):.1f}" y="{height - 12}" class="tick" text-anchor="middle">'
            f"{value:.3g}{escape(unit)}</text>"
        )
    return _frame(title, "".join(parts), height=height)


@dataclass(frozen=True, slots=True)
class _Scale:
    count: int
    low: float
    high: float

    def x(self, position: int) -> float:
        return LEFT + position / max(1, self.count - 1) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    def axes(self, labels: Sequence[str], unit: str) -> str:
        parts = []
        for value in np.linspace(self.low, self.high, 5):
            y = self.y(float(value))
            parts.append(
                f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>'
                + _tick_y(y, f"{value:.3g}{unit}")
            )
        for position in np.linspace(0, self.count - 1, 6).astype(int).tolist():
            parts.append(_tick_x(self.x(position), labels[position]))
        return "".join(parts)


def _tick_x(x: float, text: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{HEIGHT - 12}" class="tick" text-anchor="middle">'
        f"{escape(text)}</text>"
    )


def _tick_y(y: float, text: str) -> str:
    return (
        f'<text x="{LEFT - 6}" y="{y + 4:.1f}" class="tick" text-anchor="end">{escape(text)}</text>'
    )


def _curve(scale: _Scale, line: Line) -> str:
    path, pen = [], "M"
    for position, value in enumerate(line.y):
        if np.isfinite(value):
            path.append(f"{pen}{scale.x(position):.1f},{scale.y(float(value)):.1f}")
            pen = "L"
        else:
            pen = "M"
    return f'<path d="{"".join(path)}" class="curve {escape(line.style)}"/>'


def _area(scale: _Scale, band: Band) -> str:
    up = [f"{scale.x(n):.1f},{scale.y(float(v)):.1f}" for n, v in enumerate(band.high)]
    back = [f"{scale.x(n):.1f},{scale.y(float(v)):.1f}" for n, v in enumerate(band.low)]
    return f'<polygon points="{" ".join(up + back[::-1])}" class="band"/>'


def _frame(title: str, inner: str, height: int = HEIGHT) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{inner}</svg>"
    )


def _nothing(title: str) -> str:
    return f'<p class="thin">{escape(title)}: there is too little to draw.</p>'
