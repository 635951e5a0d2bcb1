"""Finnhub: its calendar of economic events, which its paid plans have."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cached_property

from assay.sources.agenda_rows import MAJOR, Fields, Row, page_of_days, row_of
from assay.sources.contract import Note
from assay.sources.figure_rows import Odd, listed_rows
from assay.sources.figures import MacroAbilities, MacroPage, MacroProvider
from assay.sources.provider import Limit
from assay.sources.wire.customs import of_finnhub
from assay.sources.wire.http import Http

ADDRESS = "https://finnhub.io"
TITLE = "Finnhub calendar"
QUESTION = "calendar"
FIELDS = Fields("time", "actual", "estimate", "prev")
SPAN = timedelta(days=14)


class FinnhubCalendar(MacroProvider):
    """Events of Finnhub, a fortnight at a time; how much an answer holds at most is not said.

    Its times have no zone and are UTC: the document's example has Australia's current account at
    01:30, which is 11:30 in Canberra, when its office publishes. `prev` is the last figure as it
    is known when the new one comes, and may be a revision of what was first told.
    """

    abilities = MacroAbilities(
        title=TITLE,
        limits=(Limit(60, 60), Limit(30, 1)),
        licence="Personal use; passing the data on needs a licence of Finnhub.",
        document="https://finnhub.io/docs/api/economic-calendar",
        vintages=False,
        keys=("key",),
        sign_up="https://finnhub.io/register",
        reach=timedelta(days=5 * 365),
        span=SPAN,
    )

    @cached_property
    def _http(self) -> Http:
        key = self.access.secret(self.abilities, "key")
        return self.holding(
            Http(
                self.access,
                self.abilities,
                ADDRESS,
                headers={"X-Finnhub-Token": key},
                fault=of_finnhub(TITLE),
            )
        )

    def questions(self, currencies: Sequence[str]) -> tuple[str, ...]:
        """See `MacroProvider.questions`; one for all currencies."""
        return (QUESTION,) if MAJOR & set(currencies) else ()

    def page(self, question: str, start: datetime, end: datetime) -> MacroPage:
        """See `MacroProvider.page`."""

        def ask(first: date, last: date) -> tuple[list[Row], tuple[Note, ...], datetime]:
            answer = self._http.get(
                "/api/v1/calendar/economic", {"from": first.isoformat(), "to": last.isoformat()}
            )
            rows, odd = listed_rows(answer.body, "economicCalendar", TITLE), Odd(TITLE)
            found = [one for row in rows if (one := row_of(row, FIELDS, odd)) is not None]
            return found, odd.notes(len(rows)), answer.at

        return page_of_days(ask, start, end, SPAN, TITLE)
