"""Finnhub's company news and market news, as its documents and its maintainers describe them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from assay.sources.newsroom import Dispatch
from tests.doubles.newsdesk import Item, NewsDouble, published, said
from tests.doubles.server import GOOD_KEY, Question, Reply

MARKETS = {
    "forex": ("EURUSD", "USDJPY", "XAUUSD"),
    "crypto": ("BTCUSDT", "ETHUSDT"),
    "general": ("SPX",),
    "merger": (),
}
EXAMPLE = [
    {
        "category": "company news",
        "datetime": 1569550360,
        "headline": "More sops needed to boost electronic manufacturing: Top govt official",
        "id": 25286,
        "image": "https://img.etimg.com/thumb/msid-71321314,width-1070,height-580/photo.jpg",
        "related": "AAPL",
        "source": "The Economic Times India",
        "summary": "NEW DELHI | CHENNAI: India may have to offer electronic manufacturers more",
        "url": "https://economictimes.indiatimes.com/industry/cons-products/electronics/more",
    }
]
"""The answer in https://finnhub.io/docs/api/company-news, its texts shortened."""


class FinnhubNews(NewsDouble):
    """`most` stories of a company, the newest of the days asked for; `held` of a market.

    Both days are part of what is asked for (https://github.com/finnhubio/Finnhub-API issue 203
    shows how they are written), a year back on the free plan (issue 307). Not documented: how many
    stories an answer holds, that the newest come first, and the zone of the days, which is New
    York's here (`days`), so that it is no other than an adapter's by chance. A question without a
    symbol or with a malformed day is refused here with 422.
    """

    adapter = "finnhub_news"
    document = "https://finnhub.io/docs/api/company-news"
    subjects = ("AAPL", "GONE", "EURUSD", "USDJPY", "XAUUSD", "BTCUSDT", "ETHUSDT", "SPX")
    headline = "headline"
    time = "datetime"
    least: ClassVar = 25
    most = 100
    days = ZoneInfo("America/New_York")
    held = 100

    def on(self, symbol: str) -> Sequence[Item]:
        """See `NewsDouble.on`; news of a market are those on all that is traded there."""
        group = next((held for held in MARKETS.values() if symbol in held), (symbol,))
        return [item for item in published() if set(group) & set(item.about)]

    def as_dispatch(self, item: Item) -> Dispatch:
        """See `NewsDouble.as_dispatch`."""
        related = _related(item)
        return Dispatch(
            name=str(item.number),
            published_at=item.published_at,
            worded_at=item.published_at,
            outlet=item.outlet,
            headline=item.headline,
            summary=item.summary,
            url=item.url,
            tickers=(related,) if related else (),
        )

    def reply(self, question: Question) -> Reply:
        """See `Answering.reply`; its own client writes `/api/v1//news`."""
        query = question.query
        given = question.headers.get("x-finnhub-token") or query.get("token")
        if given != GOOD_KEY:
            return said({"error": "Invalid API key." if given else "Please use an API key."}, 401)
        match [part for part in question.path.split("/") if part]:
            case ["api", "v1", "company-news"]:
                return self._company(query)
            case ["api", "v1", "news"]:
                return self._market(query)
        return said({"error": "API endpoint not found."}, 404)

    def _company(self, query: Mapping[str, str]) -> Reply:
        try:
            first, last = (date.fromisoformat(query[name]) for name in ("from", "to"))
        except (KeyError, ValueError):
            return said({"error": "Wrong or missing parameters."}, 422)
        if (
            not query.get("symbol")
            or last < first
            or set(query) - {"symbol", "from", "to", "token"}
        ):
            return said({"error": "Wrong or missing parameters."}, 422)
        items = [
            one
            for one in published()
            if self.is_told(one)
            and query["symbol"] in one.about
            and first <= self._day(one.published_at) <= last
        ]
        return self._page(items[::-1][: self.most])

    def _market(self, query: Mapping[str, str]) -> Reply:
        if query.get("category") not in MARKETS:
            return said({"error": "Wrong or missing parameters."}, 422)
        group = set(MARKETS[query["category"]])
        after = int(query.get("minId", "0"))
        items = [
            one
            for one in published()
            if self.is_told(one) and group & set(one.about) and one.number > after
        ]
        return self._page(items[::-1][: self.held])

    def _page(self, items: Sequence[Item]) -> Reply:
        return said(self.written([_row(one) for one in self.told(items)]))

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.days).date()


def _related(item: Item) -> str:
    return item.about[0] if item.about[0] in ("AAPL", "GONE") else ""


def _row(item: Item) -> dict[str, Any]:
    return {
        "category": "company" if _related(item) else "top news",
        "datetime": int(item.published_at.timestamp()),
        "headline": item.headline,
        "id": item.number,
        "image": "",
        "related": _related(item),
        "source": item.outlet,
        "summary": item.summary,
        "url": item.url,
    }
