"""The section that shows trades on candles: scripted where scripts run, drawn where they do not."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from typing import Any

from assay.evaluation.candle_scripts import candle_scripts, notice
from assay.evaluation.candles import decode
from assay.evaluation.page import OWN
from assay.evaluation.svg_candles import span_plot

EXACT = 1_000_000
"""Equity is written as whole numbers of so many a unit; the script divides by it."""
DRAWN = 6
"""So many instruments are drawn where scripts do not run; the others are left to the chart."""
FIELDS = (
    "symbol", "side", "decided", "entered", "left", "bars", "entry", "exit", "stop", "target",
    "reason", "ambiguous", "gapped", "pnl", "r", "score", "tier", "probability",
)  # fmt: skip
FRAME = """<div class="stage" id="stage" hidden><div class="bar-of"><label>Instrument
<select id="chart-symbol"></select></label><label>Trades <select id="chart-kind">
<option value="all">all shown</option><option value="worst">the worst</option>
<option value="best">the best</option></select></label>
<button type="button" id="chart-whole">Whole span</button>
<button type="button" id="chart-before">Previous</button>
<button type="button" id="chart-next">Next</button></div>
<div class="two"><div class="canvas" id="chart" role="img" aria-label="Candles with trades; the
list beside holds the same trades"></div><div class="list"><table><thead><tr><th>entered</th>
<th>side</th><th class="n">R</th><th class="n">%</th><th>ended by</th></tr></thead>
<tbody id="chart-list"></tbody></table></div></div>
<p class="note" id="chart-about" aria-live="polite"></p></div>"""


def chart(report: Mapping[str, Any]) -> str:
    """Return the chart with its data, what stands in its place without scripts, and the notice."""
    count, shown = len(report["round_trips"]["symbol"]), sum(map(len, report["shown"].values()))
    if not count:
        return f'<p class="thin">There are no trades to show.</p>{_still(report)}'
    which = "All of them" if shown == count else (
        f"Of {count:,} round trips {shown:,}: the {len(report['shown']['worst'])} worst, the "
        f"{len(report['shown']['best'])} best, and every so many of the others, evenly over time"
    )  # fmt: skip
    data = json.dumps(_data(report), separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<p class="note">{which}. Choose a trade in the list, or click its mark, to see it bar by '
        "bar; times are UTC, candles stand at the time they open.</p>"
        f'{FRAME}<div class="still">{_still(report)}</div>'
        f'<script type="application/json" id="chart-data">{data}</script>'
        f'<p class="note">{notice()}</p>'
    )


def scripts(report: Mapping[str, Any]) -> list[str]:
    """Return the scripts of the page, none where there is no trade."""
    return candle_scripts("report/chart.js") if report["round_trips"]["symbol"] else []


def _data(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the script draws: the shown trades as columns, candles, equity by day."""
    charts, columns, shown = report["charts"], report["round_trips"], report["shown"]
    kinds = {n: kind for kind in ("sample", "best", "worst") for n in shown[kind]}
    numbers = sorted(kinds, key=lambda n: (columns["entered"][n], n))
    days = [(date.fromisoformat(day) - date(1970, 1, 1)).days for day in report["equity"]["days"]]
    return {
        "simulated": report["simulated"],
        "minutes": charts["bar_minutes"],
        "overview": charts["overview"],
        "instruments": [
            {key: one[key] for key in ("symbol", "digits", "tick", "candles")}
            for one in charts["instruments"]
        ],
        "trades": {
            "number": numbers,
            "kind": [kinds[n] for n in numbers],
            **{name: [columns[name][n] for n in numbers] for name in FIELDS},
            "share": [round(columns["pnl"][n] / report["start_equity"] * 100, 3) for n in numbers],
            "window": [charts["windows"][str(n)] for n in numbers],
        },
        "days": days,
        "exact": EXACT,
        "equity": [round(value * EXACT) for value in report["equity"]["curves"][OWN]],
    }


def _still(report: Mapping[str, Any]) -> str:
    """Return the overviews as plain drawings, for print and where scripts do not run."""
    charts, columns = report["charts"], report["round_trips"]
    numbers = sorted({n for some in report["shown"].values() for n in some})
    drawn = []
    for place, instrument in enumerate(charts["instruments"][:DRAWN]):
        own = [_trade(columns, n) for n in numbers if columns["symbol"][n] == place]
        days, prices = decode(instrument["candles"])
        title = f"{instrument['symbol']}, with {len(own)} trades shown"
        plot = span_plot(days, prices[:, 3], own, tick=instrument["tick"], title=title)
        drawn.append(f"<h3>{escape(title)}</h3>{plot}")
    left = len(charts["instruments"]) - len(drawn)
    more = f'<p class="note">{left} more instruments are not drawn here.</p>' if left else ""
    key = (
        '<p class="note">Green dots are entries of trades that won, red of those that lost.</p>'
        if numbers
        else ""
    )
    return "".join(drawn) + more + key


def _trade(columns: Mapping[str, Sequence[Any]], number: int) -> dict[str, Any]:
    return {name: columns[name][number] for name in ("entered", "entry", "pnl")}
