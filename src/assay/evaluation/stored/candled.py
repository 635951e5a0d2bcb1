"""A stretch of stored bars as an HTML file: candles, what is missing and what is flagged."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

import numpy as np

from assay.evaluation.candle_scripts import candle_scripts, notice
from assay.evaluation.candles import decode
from assay.evaluation.page import sheet
from assay.evaluation.stored.page import style
from assay.evaluation.svg_candles import gap_plot

DRAWN = 240
"""Candles of the drawing that stands where scripts do not run."""
FRAME = """<div class="stage" id="stage" hidden><div class="bar-of">
<button type="button" id="whole">Whole stretch</button>
<span>Scroll and drag to move; a line of the tables below leads to its place.</span></div>
<div class="canvas" id="candles" role="img" aria-label="Candles; the tables below hold what is
missing and flagged"></div></div>"""


def candled_page(found: Mapping[str, Any]) -> str:
    """Return the HTML of a stretch, the plain data that `assay data plot --json` prints."""
    name = f"{found['symbol']} {found['timeframe']}"
    data = {
        **{key: found[key] for key in ("candles", "missing", "tick", "digits")},
        "intraday": found["timeframe"] != "1d",
        "marks": _marks(found),
    }
    text = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    missing = sum(gap["bars"] for gap in found["gaps"])
    body = (
        f"<style>{style()}</style><section><h2>Candles</h2>"
        '<p class="note">Candles stand at their close. A missing bar keeps its place, a long gap '
        "some of it; an orange square stands at the first bar after a gap, a dot at a flagged "
        f'bar.</p>{FRAME}<div class="still">{_still(found, name)}</div>'
        f'<script type="application/json" id="candle-data">{text}</script>'
        f'<p class="note">{notice()}</p></section>'
        f"<section><h2>Missing</h2>{_gaps(found['gaps'])}</section>"
        f"<section><h2>Flagged</h2>{_flaws(found['flaws'])}</section>"
    )
    return sheet(
        f"{name}: stored bars",
        f'<p class="soft">{found["bars"]:,} bars that closed from {_moment(found["first"])} to '
        f"{_moment(found['last'])} UTC; {missing:,} missing in {_many(found['gaps'], 'gap')}, "
        f"{_many(found['flaws'], 'flag')}. Source: {escape(str(found['source']))}.</p>",
        body,
        simulated=bool(found["simulated"]),
        scripts=candle_scripts("stored/candled.js"),
    )


def _marks(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is marked in the chart, in order of time."""
    gaps = [
        {"time": _seconds(gap["last"]) + 1, "kind": "gap", "text": f"{gap['bars']:,} missing"}
        for gap in found["gaps"]
    ]
    flaws = [
        {"time": _seconds(flaw["first"]), "kind": "flaw", "text": str(flaw["code"])}
        for flaw in found["flaws"]
    ]
    return sorted((*gaps, *flaws), key=lambda one: int(str(one["time"])))


def _still(found: Mapping[str, Any], name: str) -> str:
    """Return the stretch as a drawing, for print and where scripts do not run."""
    minutes, prices = decode(found["candles"])
    slots = np.sort(np.concatenate([minutes, np.array(found["missing"], dtype=np.int64)]))
    group = np.arange(len(slots)) // max(1, -(-len(slots) // DRAWN))
    own = group[np.searchsorted(slots, minutes)]
    count = int(group[-1]) + 1
    drawn = np.zeros((count, 4), dtype=np.int64)
    for place in np.unique(own).tolist():
        some = prices[own == place]
        drawn[place] = [some[0, 0], some[:, 1].max(), some[:, 2].min(), some[-1, 3]]
    held = np.zeros(len(minutes), dtype=np.bool_)
    for flaw in found["flaws"]:
        first, last = _seconds(flaw["first"]) // 60, _seconds(flaw["last"]) // 60
        held |= (minutes >= first) & (minutes <= last)
    lacking = np.bincount(group, minlength=count) > np.bincount(own, minlength=count)
    flagged = np.bincount(own[held], minlength=count) > 0
    starts = slots[np.searchsorted(group, np.arange(count))]
    labels = [f"{datetime.fromtimestamp(int(m) * 60, UTC):%Y-%m-%d %H:%M}" for m in starts]
    return gap_plot(
        drawn, labels, lacking.tolist(), flagged.tolist(), tick=found["tick"], title=name
    )


def _gaps(gaps: Sequence[Mapping[str, Any]]) -> str:
    if not gaps:
        return "<p>No bar of the stretch is missing.</p>"
    rows = [
        (_seconds(gap["last"]), _moment(gap["first"]), (_moment(gap["last"]), f"{gap['bars']:,}"))
        for gap in gaps
    ]
    return _led(("first missing close", "last missing close", "bars"), rows)


def _flaws(flaws: Sequence[Mapping[str, Any]]) -> str:
    if not flaws:
        return "<p>No rule flags a bar of the stretch.</p>"
    rows = [
        (
            _seconds(flaw["first"]),
            _moment(flaw["first"]),
            (str(flaw["code"]), f"{flaw['rows']:,}", str(flaw["sentence"])),
        )
        for flaw in flaws
    ]
    return _led(("first close", "code", "bars", "why"), rows)


def _led(columns: Sequence[str], rows: Sequence[tuple[int, str, Sequence[str]]]) -> str:
    """Return a table whose first cells lead the chart to a time, where scripts run."""
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join(
        f'<tr><td class="w"><button type="button" class="go" data-time="{time}" '
        f'aria-pressed="false">{escape(first)}</button></td>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for time, first, cells in rows
    )
    return (
        '<div class="scroll low" tabindex="0" role="group"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _many(some: Sequence[object], name: str) -> str:
    return f"{len(some):,} {name}{'s' * (len(some) != 1)}"


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
