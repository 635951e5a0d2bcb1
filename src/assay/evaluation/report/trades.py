"""Sections on trades: their figures, the worst of them explained, what costs did."""

from collections.abc import Mapping
from html import escape
from typing import Any

from assay.evaluation.candles import decode
from assay.evaluation.page import minus
from assay.evaluation.report.blocks import block, drawn_block
from assay.evaluation.svg_candles import trade_plot

PARTS = (("why", "Why in"), ("after", "What came"))


def figures(report: Mapping[str, Any]) -> str:
    """Return the table of the trades' figures."""
    return block(report["trades"])


def frictions(report: Mapping[str, Any]) -> str:
    """Return the run under other costs, and under other beliefs about ambiguous bars."""
    touched = report["resolutions"]["touched"]
    said = f"{touched:,} trade{'s' if touched != 1 else ''} ended in a bar that reached both."
    return (
        drawn_block(report["stress"], "Sharpe, if trading cost less or more", digits=2)
        + drawn_block(
            report["resolutions"], "Sharpe, if one bar reached both stop and target", digits=2
        )
        + f"<p>{said}</p>"
    )


def worst(report: Mapping[str, Any]) -> str:
    """Return the trades that cost most, each drawn and told."""
    if not report["worst"]:
        return '<p class="thin">No trade lost money.</p>'
    told = "".join(_one(report, place, one) for place, one in enumerate(report["worst"], 1))
    note = (
        '<p class="note">Lines, drawn while the trade was open: red the stop, green the target, '
        "grey the entry. The arrow is the entry, the ring the exit. Times are UTC; candles stand "
        "at the time they open.</p>"
    )
    return f'{note}<div class="worst">{told}</div>'


def _one(report: Mapping[str, Any], place: int, one: Mapping[str, Any]) -> str:
    charts, columns, number = report["charts"], report["round_trips"], one["number"]
    trade = {name: values[number] for name, values in columns.items()}
    instrument = charts["instruments"][trade["symbol"]]
    drawn = trade_plot(
        *decode(charts["windows"][str(number)]),
        trade,
        tick=instrument["tick"],
        title=f"{one['symbol']}, trade {number + 1}",
    )
    tags = "".join(f'<span class="tag">{escape(tag)}</span>' for tag in one["tags"])
    parts = "".join(
        f"<p><b>{name}.</b> {minus(escape(' '.join(one[key])))}</p>" for key, name in PARTS
    )
    return (
        f'<article class="card"><h3>{place}. {escape(one["symbol"])}{tags}</h3>{drawn}'
        f"<p>{minus(escape(one['what']))}</p>{parts}"
        f"<p><b>What it cost.</b> {minus(escape(one['cost']))}</p></article>"
    )
