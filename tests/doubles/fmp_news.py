"""Financial Modeling Prep's news, as its documents say and as people have measured them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from assay.sources.newsroom import Dispatch
from tests.doubles.newsdesk import Item, NewsDouble, published, said
from tests.doubles.server import GOOD_KEY, Question, Reply

NEW_YORK = ZoneInfo("America/New_York")
THEIRS = {
    "AAPL": "AAPL",
    "GONE": "GONE",
    "EURUSD": "EURUSD",
    "USDJPY": "USDJPY",
    "XAUUSD": "XAUUSD",
    "BTCUSDT": "BTCUSD",
    "ETHUSDT": "ETHUSD",
}
FEEDS = {
    "stock": ("AAPL", "GONE"),
    "forex": ("EURUSD", "USDJPY", "XAUUSD"),
    "crypto": ("BTCUSDT", "ETHUSDT"),
}
DEFAULTS = {"stock": "AAPL", "forex": "EURUSD", "crypto": "BTCUSD"}
"""What is told of where a question names no symbol, without a word about it."""
FLOOR = timedelta(days=92)
LAST_PAGE = 100
EXAMPLE = [
    {
        "symbol": "AAPL",
        "publishedDate": "2025-02-03 21:05:14",
        "publisher": "Zacks Investment Research",
        "title": "Apple & China Tariffs: A Closer Look",
        "image": "https://images.financialmodelingprep.com/news/apple-china-tariffs-20250203.jpg",
        "site": "zacks.com",
        "text": "Tariffs have been the talk of the town over the weekend.",
        "url": "https://www.zacks.com/stock/news/2408814/apple-china-tariffs-a-closer-look",
    }
]
"""Of https://site.financialmodelingprep.com/developer/docs/stable/search-stock-news, shortened."""


class FmpNews(NewsDouble):
    """Newest stories first, in New York's time, `most` a page at most.

    The documents name the paths, the parameters and the fields. What they do not say was measured
    in August 2026 by the author of https://github.com/jerbersoft/fmpdotnet: the zone, that a page
    holds up to 250 stories and 20 where it is not said how many, that there are pages 0 to 100,
    that both days are whole, that without `from` three months are told, that malformed days are
    passed over, that `symbols` is passed over in `general-latest`, that without it one symbol is
    told of elsewhere, that an unknown symbol is an empty list, and that general news has none.
    """

    adapter = "fmp_news"
    document = "https://site.financialmodelingprep.com/developer/docs/stable/search-stock-news"
    subjects = (*THEIRS, "SPX")
    headline = "title"
    time = "publishedDate"
    most: int = 250

    def as_dispatch(self, item: Item) -> Dispatch:
        """See `NewsDouble.as_dispatch`; of two hours that are written alike it is the later."""
        hour = timedelta(hours=1)
        later = item.published_at + hour
        at = later if _local(later) == _local(item.published_at) else item.published_at
        symbol = THEIRS.get(item.about[0])
        return Dispatch(
            name=item.url,
            published_at=at,
            worded_at=at,
            outlet=item.outlet,
            headline=item.headline,
            summary=item.summary,
            url=item.url,
            tickers=(symbol,) if symbol else (),
        )

    def reply(self, question: Question) -> Reply:
        """See `Answering.reply`."""
        if question.headers.get("apikey") != GOOD_KEY:
            words = "Invalid API KEY. Feel free to create a Free API Key or visit https://site."
            return said({"Error Message": f"{words}financialmodelingprep.com/faqs"}, 401)
        if int(question.query.get("page", 0)) > LAST_PAGE:
            words = f"The maximum page number for this endpoint is '{LAST_PAGE}'."
            return Reply(f"Maxmium Query Parameter: {words}".encode(), 400)
        feed = question.path.removeprefix("/stable/news/")
        if feed == "general-latest":
            return self._feed([one for one in published() if "SPX" in one.about], question.query)
        if feed not in FEEDS:
            return said([], 404)
        wanted = (question.query.get("symbols") or DEFAULTS[feed]).split(",")
        ours = {ours for ours in FEEDS[feed] if THEIRS[ours] in wanted}
        return self._feed([one for one in published() if ours & set(one.about)], question.query)

    def _feed(self, items: Sequence[Item], query: Mapping[str, str]) -> Reply:
        first = _day(query.get("from")) or (self.clock - FLOOR).date().isoformat()
        last = _day(query.get("to")) or "9999"
        inside = [
            one
            for one in items
            if self.is_told(one) and first <= _local(one.published_at)[:10] <= last
        ]
        size = max(1, min(self.most, 250, int(query.get("limit", 20))))
        begin = size * max(0, int(query.get("page", 0)))
        newest_first = sorted(inside, key=lambda one: _local(one.published_at), reverse=True)
        page = self.told(newest_first[begin : begin + size])
        return said(self.written([_row(one) for one in page]))


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).astimezone(NEW_YORK):%Y-%m-%d %H:%M:%S}"


def _day(text: str | None) -> str:
    """Return a day as it was given, nothing for what is none."""
    try:
        return date.fromisoformat(text or "").isoformat()
    except ValueError:
        return ""


def _row(item: Item) -> dict[str, Any]:
    return {
        "symbol": THEIRS.get(item.about[0]),
        "publishedDate": _local(item.published_at),
        "publisher": item.outlet,
        "title": item.headline,
        "image": None,
        "site": "news.example",
        "text": item.summary,
        "url": item.url,
    }
