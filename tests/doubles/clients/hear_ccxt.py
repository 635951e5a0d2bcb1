"""Hear the five-minute bars of a double's stream with `ccxt.pro`.

It is run by another Python: `hear_ccxt.py ADDRESS STREAM EXCHANGE SYMBOL COUNT`.
"""

import asyncio
import json
import sys
from urllib.parse import urlsplit

import ccxt.pro

address, stream, name, symbol, count = sys.argv[1:]


def led(url: object) -> object:
    """Return `url` with its host replaced."""
    if isinstance(url, dict):
        return {kind: led(one) for kind, one in url.items()}
    parts = urlsplit(str(url))
    return (stream if parts.scheme == "wss" else address) + parts.path


async def watched() -> list[list[float]]:
    """Return the first bars that come."""
    exchange = getattr(ccxt.pro, name)({"options": {"fetchMarkets": {"types": ["spot"]}}})
    exchange.has["fetchCurrencies"] = False  # no double has currencies
    exchange.urls["api"] = led(exchange.urls["api"])
    found: dict[int, list[float]] = {}
    try:
        while len(found) < int(count):
            for row in await exchange.watch_ohlcv(symbol, "5m"):
                found[row[0]] = row
    finally:
        await exchange.close()
    return [found[at] for at in sorted(found)]


sys.stdout.write(json.dumps(asyncio.run(watched())))
