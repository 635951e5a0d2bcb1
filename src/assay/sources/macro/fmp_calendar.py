"""Financial Modeling Prep: its calendar of economic events, with what was expected and came out."""

from datetime import timedelta
from functools import cached_property

from assay.sources.agenda import Agenda
from assay.sources.agenda_rows import Fields
from assay.sources.figures import MacroAbilities
from assay.sources.provider import Limit
from assay.sources.wire.customs import fmp
from assay.sources.wire.http import Http

TITLE = "Financial Modeling Prep calendar"
SPAN = timedelta(days=14)
"""An answer on a month is whole, one on half a year is not, and does not say so."""


class FmpCalendar(Agenda):
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

    path = "/stable/economic-calendar"
    field = None
    fields = Fields("date", "actual", "estimate", "previous")

    @cached_property
    def http(self) -> Http:
        """See `Agenda.http`."""
        return self.holding(fmp(self.access, self.abilities))
