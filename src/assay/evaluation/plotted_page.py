"""Columns beneath the price as an HTML file: curve, histogram, figures, formula and source."""

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from assay.evaluation.page import sheet
from assay.evaluation.svg import number
from assay.evaluation.svg_beside import beside_plot

FIGURES = (
    ("mean", "mean"),
    ("deviation", "standard deviation"),
    ("least", "least"),
    ("most", "most"),
    ("autocorrelation", "autocorrelation, first lag"),
)
STYLE = """<style>
section.column{break-inside:avoid}.column h2{margin-bottom:2px}.column h2 small{font-weight:400;
color:var(--soft);font-size:13px;margin-left:10px}.column svg{margin:8px 0}
dl.row{display:flex;flex-wrap:wrap;gap:2px 26px;margin:6px 0;font-variant-numeric:tabular-nums}
dl.row div{display:flex;flex-direction:column-reverse}dl.row dt{color:var(--soft);font-size:12px}
dl.row dd{margin:0;font-weight:600}
</style>"""


def plotted_page(found: Mapping[str, Any]) -> str:
    """Return the HTML of plotted columns, the plain data of `assay features plot --json`."""
    times = [str(time) for time in found["times"]]
    price = beside_plot(
        times, found["close"], title=f"{found['symbol']} close", style="b", figures=6
    )
    links = "".join(
        f'<a href="#{escape(one["column"])}">{escape(one["column"])}</a>'
        for one in found["columns"]
    )
    head = (
        f'<p class="soft">The last {found["shown"]:,} of {found["rows"]:,} stored bars, '
        f"{_moment(found['times'][0])} to {_moment(found['last'])} UTC, one step a bar: hours in "
        "which the market is closed take no room. Histograms and figures are of the whole history "
        f"since {_moment(found['first'])[:10]}.</p><nav>{links}</nav>"
    )
    body = f"{STYLE}<section><h2>Close</h2>{price}</section>"
    body += "".join(_column(times, one) for one in found["columns"])
    return sheet(
        f"{found['symbol']} {found['timeframe']}: features over time",
        head,
        body,
        simulated=bool(found["simulated"]),
    )


def _column(times: list[str], one: Mapping[str, Any]) -> str:
    spread = one["distribution"]
    plot = beside_plot(times, one["values"], title=one["column"], spread=spread)
    own = f"{escape(one['feature'])}, {escape(one['group'])}, {_set(one['set'])}"
    said = [("not known", f"{spread['null_share'] * 100:.1f} %")]
    said += [(name, _figure(spread[key])) for key, name in FIGURES]
    figures = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in said)
    outside = (
        f' <span class="note">{spread["outside"]:,} values lie beyond the ends of the histogram '
        "and are counted in them.</span>"
        if spread["outside"]
        else ""
    )
    return (
        f'<section class="column"><h2 id="{escape(one["column"])}">{escape(one["column"])}'
        f"<small>{own}</small></h2>{plot}<p><b>{escape(one['words'])}.</b>{outside}</p>"
        f'<dl class="row">{figures}</dl>{_text(one)}</section>'
    )


def _set(name: str | None) -> str:
    return {"standard": "standard set", "full": "full set only", None: "in no set"}[name]


def _text(one: Mapping[str, Any]) -> str:
    parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n", one["text"])]
    settings = ", ".join(f"{name} {value}" for name, value in one["settings"].items())
    bars = "bars" if one["lookback"] > 1 else "bar"
    parts.append(
        f"First value after {one['lookback']:,} {bars}; settings: {settings or 'none'}; what is "
        "not known includes those first bars."
    )
    return "".join(f'<p class="note">{_code(escape(part))}</p>' for part in parts)


def _code(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text)


def _figure(value: float | None) -> str:
    if value is None:
        return "–"
    size = abs(value)
    if size and (size < 1e-3 or size >= 1e6):
        return f"{value:.3g}".replace("-", "−")
    return number(value, 4 if size < 10 else 2)


def _moment(value: object) -> str:
    return str(value)[:16].replace("T", " ")
