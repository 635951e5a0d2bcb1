"""Financial Modeling Prep: its calendar of economic events, with what was expected and came out."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cached_property

from assay.sources.agenda_rows import MAJOR, Fields, Row, page_of_days, row_of
from assay.sources.contract import Note
from assay.sources.figure_rows import Odd, listed_rows
from assay.sources.figures import MacroAbilities, MacroPage, MacroProvider
from assay.sources.provider import Limit
from assay.sources.wire.customs import of_fmp
from assay.sources.wire.http import Http

ADDRESS = "https://financialmodelingprep.com"
TITLE = "Financial Modeling Prep calendar"
QUESTION = "calendar"
FIELDS = Fields("date", "actual", "estimate", "previous")
SPAN = timedelta(days=14)
"""An answer on a month is whole, one on half a year is not, and does not say so."""


class FmpCalendar(MacroProvider):
    """Events of Financial Modeling Prep, a fortnight at a time.

    Its times have no zone and are UTC: the document's example has an auction of Japan at 03:35,
    which is 12:35 there, when its results come out; the author of
    https://github.com/jerbersoft/fmpdotnet, who also measured how much an answer holds and that
    both days of a span are whole, says so, too. `previous` is the last figure as it is known when
    the new one comes, and may be a revision of what was first told.
    """

    abilities = MacroAbilities(
        title=TITLE,
        limits=(Limit(250, 86_400),),
        licence="Personal use; showing or passing the data on needs a licence of the provider.",
        document="https://site.financialmodelingprep.com/developer/docs/stable/economics-calendar",
        vintages=False,
        keys=("key",),
        sign_up="https://site.financialmodelingprep.com/register",
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
                headers={"apikey": key},
                fault=of_fmp(TITLE, self.access.where("key")),
            )
        )

    def questions(self, currencies: Sequence[str]) -> tuple[str, ...]:
        """See `MacroProvider.questions`; one for all currencies."""
        return (QUESTION,) if MAJOR & set(currencies) else ()

    def page(self, question: str, start: datetime, end: datetime) -> MacroPage:
        """See `MacroProvider.page`."""

        def ask(first: date, last: date) -> tuple[list[Row], tuple[Note, ...], datetime]:
            answer = self._http.get(
                "/stable/economic-calendar", {"from": first.isoformat(), "to": last.isoformat()}
            )
            rows, odd = listed_rows(answer.body, None, TITLE), Odd(TITLE)
            found = [one for row in rows if (one := row_of(row, FIELDS, odd)) is not None]
            return found, odd.notes(len(rows)), answer.at

        return page_of_days(ask, start, end, SPAN, TITLE)
