"""Ask the double for five-minute bars with `alpaca-py`, the provider's own client.

It is run by another Python: `ask_alpaca.py ADDRESS KEY SECRET SYMBOL FIRST_MS LAST_MS`. Coins are
asked for without keys.
"""

import json
import sys
from datetime import UTC, datetime

from alpaca.data.enums import Adjustment, DataFeed
from alpaca.data.historical import CryptoHistoricalDataClient, StockHistoricalDataClient
from alpaca.data.requests import CryptoBarsRequest, StockBarsRequest
from alpaca.data.timeframe import TimeFrame, TimeFrameUnit

address, key, secret, symbol, first, last = sys.argv[1:]
asked = {
    "symbol_or_symbols": symbol,
    "timeframe": TimeFrame(5, TimeFrameUnit.Minute),
    "start": datetime.fromtimestamp(int(first) / 1000, UTC),
    "end": datetime.fromtimestamp(int(last) / 1000, UTC),
}
if "/" in symbol:
    found = CryptoHistoricalDataClient(url_override=address).get_crypto_bars(
        CryptoBarsRequest(**asked)
    )
else:
    client = StockHistoricalDataClient(key, secret, url_override=address)
    found = client.get_stock_bars(
        StockBarsRequest(**asked, adjustment=Adjustment.RAW, feed=DataFeed.IEX)
    )
rows = [
    [round(one.timestamp.timestamp() * 1000), one.open, one.high, one.low, one.close, one.volume]
    for one in found[symbol]
]
sys.stdout.write(json.dumps(rows))
