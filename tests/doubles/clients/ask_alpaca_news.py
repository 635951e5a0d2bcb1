"""Ask the double for news with `alpaca-py`, the provider's own client.

It is run by another Python: `ask_alpaca_news.py ADDRESS KEY SECRET SYMBOL FIRST_MS LAST_MS`.
"""

import json
import sys
from datetime import UTC, datetime

from alpaca.data.historical.news import NewsClient
from alpaca.data.requests import NewsRequest

address, key, secret, symbol, first, last = sys.argv[1:]
found = NewsClient(key, secret, url_override=address).get_news(
    NewsRequest(
        symbols=symbol,
        start=datetime.fromtimestamp(int(first) / 1000, UTC),
        end=datetime.fromtimestamp(int(last) / 1000, UTC),
        sort="asc",
    )
)
rows = [
    [str(one.id), one.created_at.timestamp(), one.updated_at.timestamp(), one.headline, one.symbols]
    for one in found.data["news"]
]
sys.stdout.write(json.dumps(rows))
