"""Ask the double for five-minute bars with `massive`, the provider's own client.

It is run by another Python: `ask_massive.py ADDRESS KEY TICKER FIRST_MS LAST_MS`.
"""

import json
import sys

from massive import RESTClient

address, key, ticker, first, last = sys.argv[1:]
client = RESTClient(key, base=address, pagination=False, retries=0)
found = client.list_aggs(
    ticker, 5, "minute", int(first), int(last), adjusted=False, sort="asc", limit=50_000
)
rows = [[one.timestamp, one.open, one.high, one.low, one.close, one.volume] for one in found]
sys.stdout.write(json.dumps(rows))
