"""Hear live minutes from the double with the stream of `alpaca-py`, the provider's own client.

It is run by another Python: `hear_alpaca.py ADDRESS KEY SECRET SYMBOL COUNT`.
"""

import json
import sys

from alpaca.data.live import StockDataStream

address, key, secret, symbol, count = sys.argv[1:]
stream = StockDataStream(key, secret, url_override=f"{address}/v2/iex")
rows = []


async def heard(bar) -> None:  # noqa: ANN001 - a class of another Python's library
    """Keep a bar; after the last one stop."""
    opened = round(bar.timestamp.timestamp() * 1000)
    rows.append([opened, bar.open, bar.high, bar.low, bar.close, bar.volume])
    if len(rows) == int(count):
        await stream.stop_ws()


stream.subscribe_bars(heard, symbol)
stream.subscribe_updated_bars(heard, symbol)
stream.run()
sys.stdout.write(json.dumps(rows))
