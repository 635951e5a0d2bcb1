"""Ask a double for five-minute bars with `ccxt`, which many people's programs speak through.

It is run by another Python: `ask_ccxt.py ADDRESS KEY EXCHANGE SYMBOL FIRST_MS LAST_MS`; no exchange
here wants a key.
"""

import json
import sys
from urllib.parse import urlsplit

import ccxt

address, _, name, symbol, first, last = sys.argv[1:]
exchange = getattr(ccxt, name)({"options": {"fetchMarkets": {"types": ["spot"]}}})
exchange.has["fetchCurrencies"] = False
exchange.urls["api"] = {
    kind: address + urlsplit(url).path if isinstance(url, str) else url
    for kind, url in exchange.urls["api"].items()
}
rows = exchange.fetch_ohlcv(symbol, "5m", int(first) - 1, 1000)
sys.stdout.write(json.dumps([row for row in rows if int(first) <= row[0] <= int(last)]))
