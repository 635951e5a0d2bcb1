"""Ask the double for news with `finnhub-python`, the provider's own client.

It is run by another Python: `ask_finnhub_news.py ADDRESS KEY company SYMBOL FROM TO`, with days,
or `ask_finnhub_news.py ADDRESS KEY market CATEGORY`.
"""

import json
import sys

from finnhub import Client

address, key, kind, *asked = sys.argv[1:]
Client.API_URL = f"{address}/api/v1"
with Client(api_key=key) as client:
    if kind == "company":
        symbol, first, last = asked
        found = client.company_news(symbol, _from=first, to=last)
    else:
        found = client.general_news(asked[0], min_id=0)
rows = [[str(one["id"]), one["datetime"], one["headline"], one["source"]] for one in found]
sys.stdout.write(json.dumps(rows))
