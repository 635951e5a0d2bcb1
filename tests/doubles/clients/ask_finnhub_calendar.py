"""Ask the double for a calendar with `finnhub-python`, the provider's own client.

It is run by another Python: `ask_finnhub_calendar.py ADDRESS KEY FIRST_DAY LAST_DAY`.
"""

import json
import sys

from finnhub import Client

address, key, first, last = sys.argv[1:]
Client.API_URL = f"{address}/api/v1"
with Client(api_key=key) as client:
    found = client.calendar_economic(first, last)["economicCalendar"]
sys.stdout.write(json.dumps([[row["time"], row["event"], row["actual"]] for row in found]))
