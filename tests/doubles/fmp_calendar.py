"""Financial Modeling Prep's economic calendar, as its document says and others have measured."""

from typing import Any

from tests.doubles.calendars import CalendarDouble
from tests.doubles.macrodesk import Happening, said
from tests.doubles.server import GOOD_KEY, Question, Reply

MONEY = {"US": "USD", "JP": "JPY", "EU": "EUR", "DE": "EUR", "UK": "GBP", "AU": "AUD", "BR": "BRL"}
EXAMPLE = [
    {
        "date": "2024-03-01 03:35:00",
        "country": "JP",
        "event": "3-Month Bill Auction",
        "currency": "JPY",
        "previous": -0.112,
        "estimate": None,
        "actual": -0.096,
        "change": 0.016,
        "impact": "Low",
        "changePercentage": 14.286,
    }
]
"""From https://site.financialmodelingprep.com/developer/docs/stable/economics-calendar."""


class FmpCalendar(CalendarDouble):
    """Newest events first, of the days from `from` to `to`, both whole, in UTC.

    A span of more than 92 days is answered short, without a word: with nothing, here. That was
    measured, as were the order and the ends, by the author of
    https://github.com/jerbersoft/fmpdotnet; a malformed date is refused here with 400.
    """

    adapter = "fmp_calendar"
    document = "https://site.financialmodelingprep.com/developer/docs/stable/economics-calendar"

    def reply(self, question: Question) -> Reply:
        """See `Answering.reply`."""
        if question.headers.get("apikey") != GOOD_KEY:
            said_so = "Invalid API KEY. Feel free to create a Free API Key or visit https://site."
            return said({"Error Message": f"{said_so}financialmodelingprep.com/faqs"}, 401)
        if question.path != "/stable/economic-calendar":
            return said([], 404)
        found = self.days(question.query)
        if found is None:
            return said({"Error Message": "Missing or malformed query parameter"}, 400)
        return said(self.told([_row(one) for one in reversed(found)]))


def _row(one: Happening) -> dict[str, Any]:
    change = None if None in (one.actual, one.previous) else 0.1
    return {
        "date": one.at.strftime("%Y-%m-%d %H:%M:%S"),
        "country": one.country,
        "event": one.title,
        "currency": MONEY[one.country],
        "previous": one.previous,
        "estimate": one.estimate,
        "actual": one.actual,
        "change": change,
        "impact": one.impact,
        "changePercentage": 0,
    }
