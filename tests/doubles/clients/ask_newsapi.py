"""Ask the double for news with `newsapi-python`, the provider's own client.

It is run by another Python: `ask_newsapi.py ADDRESS KEY QUERY FROM TO PAGE`. What the provider
refuses is written as its code.
"""

import json
import sys

from newsapi import NewsApiClient, const
from newsapi.newsapi_exception import NewsAPIException

address, key, query, first, last, page = sys.argv[1:]
const.EVERYTHING_URL = f"{address}/v2/everything"
try:
    found = NewsApiClient(key).get_everything(
        q=query,
        from_param=first,
        to=last,
        sort_by="publishedAt",
        page_size=100,
        page=int(page),
    )
except NewsAPIException as error:
    rows = [[error.get_code()]]
else:
    assert found["status"] == "ok"
    rows = [
        [one["url"], one["publishedAt"], one["title"], one["source"]["name"]]
        for one in found["articles"]
    ]
sys.stdout.write(json.dumps(rows))
