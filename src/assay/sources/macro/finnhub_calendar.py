"""Finnhub: its calendar of economic events, which its paid plans have."""

from datetime import timedelta
from functools import cached_property

from assay.sources.agenda import Agenda
from assay.sources.agenda_rows import Fields
from assay.sources.figures import MacroAbilities
from assay.sources.provider import Limit
from assay.sources.wire.customs import finnhub
from assay.sources.wire.http import Http

TITLE = "Finnhub calendar"
SPAN = timedelta(days=14)


class FinnhubCalendar(Agenda):
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

    path = "/api/v1/calendar/economic"
    field = "economicCalendar"
    fields = Fields("time", "actual", "estimate", "prev")

    @cached_property
    def http(self) -> Http:
        """See `Agenda.http`."""
        return self.holding(finnhub(self.access, self.abilities))
