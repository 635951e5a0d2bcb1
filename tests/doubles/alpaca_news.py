"""Alpaca's historical news, as its document describes it."""

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from assay.core.calendars.table import micro
from assay.sources.newsroom import Dispatch
from tests.doubles.newsdesk import Item, NewsDouble, published, said
from tests.doubles.server import GOOD_KEY, GOOD_SECRET, Question, Reply

SYMBOLS = {"AAPL": "AAPL", "GONE": "GONE", "BTCUSDT": "BTCUSD", "ETHUSDT": "ETHUSD"}
EXAMPLE = {
    "news": [
        {
            "author": "Charles Gross",
            "content": "<p>This headline-only article is meant to show you why...</p>",
            "created_at": "2021-12-31T11:08:42Z",
            "headline": "Apple Leader in Phone Sales in China for Second Straight Month",
            "id": 24843171,
            "images": [],
            "source": "benzinga",
            "summary": "This headline-only article is meant to show you why a stock is moving",
            "symbols": ["AAPL"],
            "updated_at": "2021-12-31T11:08:43Z",
            "url": "https://www.benzinga.com/news/21/12/24843171/apple-leader-in-phone-sales",
        }
    ],
    "next_page_token": "MTY0MDk0ODkyMzAwMDAwMDAwMHwyNDg0MzE3MQ==",
}
"""The answer in https://docs.alpaca.markets/reference/news-3, its texts shortened."""
_TAKEN = {
    "symbols",
    "start",
    "end",
    "sort",
    "limit",
    "page_token",
    "include_content",
    "exclude_contentless",
}
_STAMP = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?")


class AlpacaNews(NewsDouble):
    """Stories by `updated_at`, as "sort articles by updated date" says, 50 an answer at most.

    The token of the document's example is `1640948923000000000|24843171` in base 64: the
    nanoseconds of the last story's `updated_at` and its id. So the order and the span are taken to
    go by that time, and by the id within it. Both ends of a span are part of it. Not documented,
    and chosen: a parameter that does not exist is refused, so that a misspelt one is seen, and an
    unknown symbol has an answer without stories.
    """

    adapter = "alpaca_news"
    document = "https://docs.alpaca.markets/reference/news-3"
    subjects = ("AAPL", "GONE", "BTCUSDT", "ETHUSDT")
    headline = "headline"
    time = "created_at"
    tells_rewrites = True
    most = 50

    def reply(self, question: Question) -> Reply:
        """See `Answering.reply`."""
        if question.path != "/v1beta1/news":
            return said({"message": "Not Found"}, 404)
        sent = [question.headers.get(f"apca-api-{name}") for name in ("key-id", "secret-key")]
        if sent != [GOOD_KEY, GOOD_SECRET]:
            return said({"message": "forbidden."}, 401)
        wrong = _wrong(question.query)
        return said({"message": wrong}, 400) if wrong else self._news(question.query)

    def as_dispatch(self, item: Item) -> Dispatch:
        """See `NewsDouble.as_dispatch`."""
        return Dispatch(
            name=str(item.number),
            published_at=item.published_at,
            worded_at=item.worded_at,
            outlet="benzinga",
            headline=item.words,
            summary=item.summary,
            url=item.url,
            tickers=tuple(SYMBOLS[one] for one in item.about),
        )

    def _news(self, query: Mapping[str, str]) -> Reply:
        wanted = query["symbols"].split(",") if "symbols" in query else list(SYMBOLS.values())
        ours = {ours for ours, theirs in SYMBOLS.items() if theirs in wanted}
        now = self.told([one for one in published() if ours & set(one.about)])
        first = _micros(query.get("start", "2015-01-01"))
        last = _micros(query["end"]) if "end" in query else micro(self.clock)
        inside = [
            one
            for one in now
            if first <= micro(one.worded_at) <= last and one.published_at <= self.clock
        ]
        if self.spoil is None:
            inside.sort(key=_place, reverse=query.get("sort", "desc") == "desc")
        if "page_token" in query:
            nanos, number = base64.b64decode(query["page_token"]).decode().split("|")
            after = (int(nanos) // 1000, int(number))
            sign = -1 if query.get("sort", "desc") == "desc" else 1
            inside = [one for one in inside if _compare(_place(one), after) == sign]
        most = min(self.most, int(query.get("limit", 10)))
        page = inside[:most]
        token = None
        if len(inside) > most:
            last_place = _place(page[-1])
            token = base64.b64encode(f"{last_place[0] * 1000}|{last_place[1]}".encode()).decode()
        rows = [_row(one, content=query.get("include_content") == "true") for one in page]
        return said({"news": self.written(rows), "next_page_token": token})


def _place(item: Item) -> tuple[int, int]:
    return micro(item.worded_at), item.number


def _compare(one: tuple[int, int], other: tuple[int, int]) -> int:
    return (one > other) - (one < other)


def _wrong(query: Mapping[str, str]) -> str | None:
    """Return what is wrong with the parameters of a question, in Alpaca's manner."""
    stamps = [query.get("start", "2015-01-01"), query.get("end", "2100-01-01")]
    rules: dict[str, Any] = {
        "unexpected parameter": set(query) <= _TAKEN,
        "invalid limit": query.get("limit", "10").isdecimal()
        and 1 <= int(query.get("limit", "10")) <= 50,
        "invalid sort": query.get("sort", "desc") in ("asc", "desc"),
        "invalid start or end": all(_STAMP.fullmatch(one) for one in stamps),
        "end should not be before start": _micros(stamps[0]) <= _micros(stamps[1]),
        "invalid symbol": all(
            re.fullmatch(r"[A-Z]+([./][A-Z]+)?", one)
            for one in query.get("symbols", "AAPL").split(",")
        ),
        "invalid include_content": query.get("include_content", "false") in ("true", "false"),
    }
    return next((words for words, is_right in rules.items() if not is_right), None)


def _micros(text: str) -> int:
    found = datetime.fromisoformat(text)
    return micro(found if found.tzinfo else found.replace(tzinfo=UTC))


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _row(item: Item, *, content: bool) -> dict[str, Any]:
    return {
        "author": "Charles Gross",
        "content": f"<p>{item.summary}</p>" if content else "",
        "created_at": _stamp(item.published_at),
        "headline": item.words,
        "id": item.number,
        "images": [],
        "source": "benzinga",
        "summary": item.summary,
        "symbols": [SYMBOLS.get(one, one) for one in item.about],
        "updated_at": _stamp(item.worded_at),
        "url": item.url,
    }
