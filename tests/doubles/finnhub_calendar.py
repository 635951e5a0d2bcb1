"""Finnhub's economic calendar, as its document describes it."""

from typing import Any

from tests.doubles.calendars import CalendarDouble
from tests.doubles.macrodesk import Happening, said
from tests.doubles.server import GOOD_KEY, Question, Reply

EXAMPLE = {
    "economicCalendar": [
        {
            "actual": 8.4,
            "country": "AU",
            "estimate": 6.9,
            "event": "Australia - Current Account Balance",
            "impact": "low",
            "prev": 1,
            "time": "2020-06-02 01:30:00",
            "unit": "AUD",
        }
    ]
}
"""The answer in https://finnhub.io/docs/api/economic-calendar, shortened."""


class FinnhubCalendar(CalendarDouble):
    """The events of the days from `from` to `to`, oldest first.

    Neither the order nor how a malformed date is answered is documented; it is refused here with
    400. `is_premium` says whether the plan of the key includes the calendar, as the free one does
    not.
    """

    adapter = "finnhub_calendar"
    document = "https://finnhub.io/docs/api/economic-calendar"
    is_premium = True

    def reply(self, question: Question) -> Reply:
        """See `Answering.reply`; its own client writes `/api/v1//calendar/economic`."""
        given = question.headers.get("x-finnhub-token") or question.query.get("token")
        if given != GOOD_KEY:
            return said({"error": "Invalid API key." if given else "Please use an API key."}, 401)
        if [part for part in question.path.split("/") if part] != [
            "api", "v1", "calendar", "economic",
        ]:  # fmt: skip
            return said({"error": "API endpoint not found."}, 404)
        if not self.is_premium:
            return said({"error": "You don't have access to this resource."}, 403)
        found = self.days(question.query)
        if found is None:
            return said({"error": "Wrong or missing parameters."}, 400)
        return said({"economicCalendar": self.told([_row(one) for one in found])})


def _row(one: Happening) -> dict[str, Any]:
    return {
        "actual": one.actual,
        "country": one.country,
        "estimate": one.estimate,
        "event": one.title,
        "impact": one.impact.lower(),
        "prev": one.previous,
        "time": one.at.strftime("%Y-%m-%d %H:%M:%S"),
        "unit": "%",
    }
