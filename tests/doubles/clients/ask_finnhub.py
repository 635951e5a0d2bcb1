"""Ask the double for five-minute bars with `finnhub-python`, the provider's own client.

It is run by another Python: `ask_finnhub.py ADDRESS KEY SYMBOL FIRST_MS LAST_MS`.
"""

import json
import sys

from finnhub import Client

address, key, symbol, first, last = sys.argv[1:]
Client.API_URL = f"{address}/api/v1"
with Client(api_key=key) as client:
    found = client.forex_candles(symbol, "5", -(-int(first) // 1000), int(last) // 1000)
times = [at * 1000 for at in found["t"]]
columns = [times, *(found[field] for field in ("o", "h", "l", "c", "v"))]
sys.stdout.write(json.dumps(list(zip(*columns, strict=True))))
