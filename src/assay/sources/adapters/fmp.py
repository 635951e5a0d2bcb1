"""Financial Modeling Prep: shares as they were traded, and currencies."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from types import MappingProxyType
from zoneinfo import ZoneInfo

from assay.core.calendars.calendar import calendar
from assay.core.calendars.table import STEP
from assay.core.errors import (
    NotFoundError,
)
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import Abilities, Limit, Page, Provider
from assay.sources.wire.backwards import page_back
from assay.sources.wire.customs import fmp
from assay.sources.wire.http import Http
from assay.sources.wire.rows import Asked, Rows, named_instants, picked

TITLE = "Financial Modeling Prep"
NEW_YORK = ZoneInfo("America/New_York")
FIELDS = ("date", "open", "high", "low", "close", "volume")
UNADJUSTED = ("date", "adjOpen", "adjHigh", "adjLow", "adjClose", "volume")
"""What prices are called that are not divided by splits."""
CURRENCIES = frozenset({Timeframe.M1, Timeframe.M5, Timeframe.H1})
SHARES = frozenset({Timeframe.M1, Timeframe.M5, Timeframe.M15, Timeframe.M30, Timeframe.D1})
DAYS = MappingProxyType(
    {
        Timeframe.M1: 3,
        Timeframe.M5: 7,
        Timeframe.M15: 28,
        Timeframe.M30: 28,
        Timeframe.H1: 84,
        Timeframe.D1: 5_000,
    }
)
"""So many days are asked for at once; how many are given is not said, and was no fewer in 2026."""
DAY = timedelta(days=1)
_INTERVAL = {
    Timeframe.M1: "1min",
    Timeframe.M5: "5min",
    Timeframe.M15: "15min",
    Timeframe.M30: "30min",
    Timeframe.H1: "1hour",
}


class Fmp(Provider):
    """Charts of Financial Modeling Prep, of prices as they were traded.

    Its times are New York's, without a zone. They are no times of coins, for which the hour in
    which the clocks go back comes twice, and those of exchanges elsewhere are not explained: of
    their shares there are days alone. An hour of shares begins half past and is made of half
    hours here, a day of currencies ends where nobody says and is made of hours.

    Answers are cut at their old end without a word: what is missing there is asked for again.
    """

    abilities = Abilities(
        title=TITLE,
        bars=MappingProxyType(
            {
                AssetClass.EQUITY: SHARES,
                AssetClass.FX: CURRENCIES,
                AssetClass.METAL: CURRENCIES,
            }
        ),
        bars_a_call=5_000,
        limits=(Limit(250, 86_400),),
        licence="Personal use; showing or passing the data on needs a licence of the provider.",
        document="https://site.financialmodelingprep.com/developer/docs/stable/intraday-1-min",
        keys=("key",),
        sign_up="https://site.financialmodelingprep.com/register",
        spans={timeframe: timedelta(days=days) for timeframe, days in DAYS.items()},
        reach=dict.fromkeys(DAYS, timedelta(days=5 * 365)),
    )

    @cached_property
    def _http(self) -> Http:
        return self.holding(fmp(self.access, self.abilities))

    @cached_property
    def _found(self) -> set[str]:
        """Return the symbols that it was seen to have."""
        return set()

    def offers(self, instrument: Instrument, timeframe: Timeframe) -> bool:
        """See `Provider.offers`."""
        return super().offers(instrument, timeframe) and not _is_elsewhere(instrument, timeframe)

    def refuse_unoffered(self, instrument: Instrument, timeframe: Timeframe) -> None:
        """See `Provider.refuse_unoffered`."""
        if _is_elsewhere(instrument, timeframe):
            raise NotFoundError(
                f"{TITLE} was asked for {timeframe} bars of {instrument.symbol}, which is traded "
                "elsewhere than in New York; of such shares it has 1d, for the clock of the others "
                "is not known"
            )
        super().refuse_unoffered(instrument, timeframe)

    def page(
        self, instrument: Instrument, timeframe: Timeframe, start: datetime, end: datetime
    ) -> Page:
        """See `Provider.page`; up to the end of a day in New York."""
        self.refuse_unoffered(instrument, timeframe)
        first = start.astimezone(NEW_YORK).date()
        midnight = datetime.combine(first + DAYS[timeframe] * DAY, time(), NEW_YORK)
        until, now = min(end, midnight.astimezone(UTC)), self.access.clock.now()
        path, more, fields = _kind(timeframe)
        lead = timeframe.length if timeframe.is_intraday else STEP

        def ask(close: datetime) -> tuple[Rows, datetime]:
            last = (close - lead).astimezone(NEW_YORK).date()
            answer = self._http.get(
                f"/stable/{path}",
                {
                    "symbol": self.symbol(instrument),
                    "from": first.isoformat(),
                    "to": max(first, last).isoformat(),
                    **more,
                },
            )
            found = [column[::-1] for column in picked(answer.body, fields, TITLE)]
            times, opens, highs, lows, closes, volume = found
            stamps = named_instants(times, NEW_YORK if timeframe.is_intraday else UTC)
            return Rows(stamps, opens, highs, lows, closes, volume), answer.at

        page = page_back(ask, Asked(TITLE, instrument, timeframe, start, until, now))
        if not len(page.bars):
            self._refuse_unknown(instrument)
        return page

    def _refuse_unknown(self, instrument: Instrument) -> None:
        """Stop with a `NotFoundError` if it has no day of it either: it only has no bars then.

        An unknown symbol is no error to it but an empty list.
        """
        symbol = self.symbol(instrument)
        if symbol in self._found:
            return
        days = self._http.get("/stable/historical-price-eod/light", {"symbol": symbol}).body
        if not picked(days, ["date"], TITLE)[0]:
            raise self.unknown(instrument)
        self._found.add(symbol)


def _kind(timeframe: Timeframe) -> tuple[str, Mapping[str, str], tuple[str, ...]]:
    """Return where bars are asked for, with what besides, and what their fields are called."""
    if timeframe is Timeframe.D1:
        return "historical-price-eod/non-split-adjusted", {}, UNADJUSTED
    return f"historical-chart/{_INTERVAL[timeframe]}", {"nonadjusted": "true"}, FIELDS


def _is_elsewhere(instrument: Instrument, timeframe: Timeframe) -> bool:
    """Say whether bars are stamped by the clock of another exchange than New York's."""
    if instrument.asset_class is not AssetClass.EQUITY or not timeframe.is_intraday:
        return False
    return calendar(instrument.calendar).zone != NEW_YORK.key
