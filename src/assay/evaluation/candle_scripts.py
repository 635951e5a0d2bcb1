"""The scripts of pages with candles, and the notice that the library behind them asks for."""

from functools import cache
from html import escape
from importlib.resources import files

LIBRARY = "vendor/lightweight-charts.standalone.production.js"
SHARED = "candles.js"
"""What all pages with candles do alike."""


def candle_scripts(own: str) -> list[str]:
    """Return the scripts of a page whose own one is the file `own` of this room."""
    return [_text(LIBRARY), _text(SHARED), _text(own)]


def notice() -> str:
    """Return the sentence on the library, in HTML."""
    lines = _text("vendor/NOTICE").splitlines()
    said = " ".join(line.strip() for line in lines if line.strip())
    address = "https://www.tradingview.com/"
    linked = f'<a href="{address}" rel="noopener noreferrer">{address}</a>'
    return f"Chart: {escape(said).replace(address, linked)} Licensed under Apache License 2.0."


@cache
def _text(name: str) -> str:
    return files("assay.evaluation").joinpath(name).read_text(encoding="utf-8")
