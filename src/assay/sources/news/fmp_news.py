"""Financial Modeling Prep: news on shares, currencies and coins, since 2011."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from assay.core.values.instrument import AssetClass, Instrument
from assay.sources.newsroom import Dispatch, NewsAbilities, NewsPage, NewsProvider
from assay.sources.provider import Limit
from assay.sources.wire.customs import fmp
from assay.sources.wire.http import Http
from assay.sources.wire.stories import Asked, listed, moment, page_back, told

TITLE = "Financial Modeling Prep news"
NEW_YORK = ZoneInfo("America/New_York")
MOST_STORIES = 250
MONTH = timedelta(days=28)
GENERAL = "general-latest"


class FmpNews(NewsProvider):
    """News of Financial Modeling Prep, by day, the newest first; its free plan has none.

    Its times have no zone. They are New York's: the hours of press releases do not move with the
    clocks there, as measured over 1,803 of them in January and August 2026 by the author of
    https://github.com/jerbersoft/fmpdotnet, where also is measured that an answer holds 250
    stories, a day named is whole at both ends, and one story is a row for each of its symbols. An
    hour that comes twice is read as the later. Whether words were changed is told nowhere.
    """

    abilities = NewsAbilities(
        title=TITLE,
        limits=(Limit(300, 60),),
        licence="Personal use; showing or passing the data on needs a licence of the provider.",
        document="https://site.financialmodelingprep.com/developer/docs/stable/search-stock-news",
        a_call=MOST_STORIES,
        keys=("key",),
        sign_up="https://site.financialmodelingprep.com/register",
    )

    @cached_property
    def _http(self) -> Http:
        return self.holding(fmp(self.access, self.abilities))

    def questions(self, subjects: Sequence[Instrument]) -> tuple[str, ...]:
        """See `NewsProvider.questions`: `stock AAPL`, `forex EURUSD`, `crypto BTCUSD`."""
        return tuple(dict.fromkeys(map(self._question, subjects)))

    def page(self, question: str, start: datetime, end: datetime) -> NewsPage:
        """See `NewsProvider.page`; up to four weeks."""
        path, _, symbol = question.partition(" ")
        until = min(end, start + MONTH)
        query: dict[str, str | int] = {"symbols": symbol} if symbol else {}
        query |= {"from": _day(start), "to": _day(until), "limit": MOST_STORIES}

        def ask(number: int, oldest: datetime | None) -> tuple[list[Dispatch | None], datetime]:
            answer = self._http.get(f"/stable/news/{path}", {**query, "page": number})
            return [_dispatch(row) for row in listed(answer.body, TITLE)], answer.at

        return page_back(ask, Asked(TITLE, question, start, until, self.access.clock.now()))

    def _question(self, instrument: Instrument) -> str:
        """Return what to ask; there a coin is its pair with the dollar."""
        symbol = self.access.symbols.get(instrument.symbol)
        if instrument.asset_class is AssetClass.INDEX:
            return GENERAL
        if instrument.asset_class is AssetClass.EQUITY:
            return f"stock {symbol or instrument.symbol}"
        if instrument.asset_class is AssetClass.CRYPTO:
            return f"crypto {symbol or instrument.base + 'USD'}"
        return f"forex {symbol or instrument.symbol}"


def _day(moment: datetime) -> str:
    return moment.astimezone(NEW_YORK).date().isoformat()


def _dispatch(row: Mapping[str, object]) -> Dispatch | None:
    return told(
        row.get("url"),
        moment(row.get("publishedDate"), NEW_YORK),
        row.get("title"),
        outlet=row.get("publisher") or row.get("site"),
        summary=row.get("text"),
        url=row.get("url"),
        tickers=row.get("symbol"),
    )
