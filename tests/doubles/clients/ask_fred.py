"""Ask the double for every version of a series with `fredapi`, the client most people use.

It is run by another Python: `ask_fred.py ADDRESS KEY SERIES`. A missing value is null.
"""

import json
import sys

from fredapi import Fred

address, key, series = sys.argv[1:]
Fred.root_url = f"{address}/fred"
client = Fred(api_key=key)


def plain(value: float) -> float | None:
    return None if value != value else float(value)


rows: list[list[object]] = [
    ["version", str(row.date.date()), str(row.realtime_start.date()), plain(row.value)]
    for row in client.get_series_all_releases(series).itertuples()
]
first = client.get_series_first_release(series)
rows += [["first", str(of.date()), plain(value)] for of, value in first.items()]
rows += [["vintage", str(day.date())] for day in client.get_series_vintage_dates(series)]
sys.stdout.write(json.dumps(rows))
