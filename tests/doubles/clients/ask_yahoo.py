"""Ask the double for five-minute bars with yfinance, what most people reach Yahoo with.

It is run by another Python: `ask_yahoo.py ADDRESS KEY TICKER FIRST_S LAST_S`; the key is not used.
Cookie and crumb, which come from other servers of Yahoo and which charts do without, are left out.
"""

import json
import sys
import tempfile

import yfinance
import yfinance.base
import yfinance.data
import yfinance.scrapers.history

address, _, ticker, first, last = sys.argv[1:]
yfinance.base._BASE_URL_ = yfinance.scrapers.history._BASE_URL_ = address
yfinance.data.YfData._get_cookie_and_crumb = lambda *_: (None, "basic")
yfinance.set_tz_cache_location(tempfile.mkdtemp())
found = yfinance.Ticker(ticker).history(
    start=int(first), end=int(last), interval="5m", auto_adjust=False, actions=False
)
columns = ["Open", "High", "Low", "Close", "Volume"]
rows = [
    [int(at.timestamp() * 1000), *map(float, values)]
    for at, *values in found.dropna()[columns].itertuples()
]
sys.stdout.write(json.dumps(rows))
