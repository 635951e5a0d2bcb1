"""X's recent search, as its documents describe it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from assay.sources.newsroom import Dispatch
from tests.doubles.market import NOW
from tests.doubles.newsdesk import Item, NewsDouble, published, said
from tests.doubles.server import GOOD_KEY, Question, Reply

EXAMPLE = {
    "data": [
        {
            "id": "1234567890123456789",
            "text": "Just started learning Python and loving it!",
            "created_at": "2024-01-15T10:30:00.000Z",
            "author_id": "9876543210",
            "edit_history_tweet_ids": ["1234567890123456789"],
        }
    ],
    "meta": {
        "newest_id": "1234567890123456789",
        "oldest_id": "1234567890123456788",
        "result_count": 1,
        "next_token": "b26v89c19zqg8o3fo7gesq314yb9l2l4ptqy",
    },
}
"""After https://docs.x.com/x-api/posts/search/quickstart/recent-search, one post of it."""
_TAKEN = {
    *("query", "start_time", "end_time", "since_id", "until_id", "max_results", "next_token"),
    *("pagination_token", "sort_order", "tweet.fields", "expansions", "user.fields"),
}
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
WEEK, ENDS, FRESH = timedelta(days=7), timedelta(seconds=10), timedelta(seconds=30)


class X(NewsDouble):
    """Posts of seven days, the newest first, a hundred an answer at most and ten at least.

    `start_time` is part of the span and `end_time` is not, which lies ten seconds back at least,
    and is half a minute ago where it is not said; `next_token` leads to older ones and does not
    expire (https://docs.x.com/x-api/posts/search/integrate/paginate). A field without a value is
    not written, and `data` is not where there is no post. Every post here carries the cashtags of
    all instruments, so that a week holds enough.
    """

    adapter = "x"
    document = "https://docs.x.com/x-api/posts/search-recent-posts"
    subjects = ("AAPL", "BTCUSDT", "EURUSD")
    headline = "text"
    time = "created_at"

    def on(self, symbol: str) -> tuple[Item, ...]:
        """See `NewsDouble.on`."""
        return published()

    def as_dispatch(self, item: Item) -> Dispatch:
        """See `NewsDouble.as_dispatch`."""
        return Dispatch(
            name=str(item.number),
            published_at=item.published_at,
            worded_at=item.published_at,
            outlet="X",
            headline=item.headline,
            url=f"https://x.com/i/status/{item.number}",
        )

    def is_told(self, item: Item) -> bool:
        """See `NewsDouble.is_told`; within a week."""
        return super().is_told(item) and item.published_at > self.clock - WEEK

    def reply(self, question: Question) -> Reply:
        """See `Answering.reply`."""
        if question.headers.get("authorization") != f"Bearer {GOOD_KEY}":
            return _problem(401, "Unauthorized", "Unauthorized")
        if question.method != "GET" or question.path != "/2/tweets/search/recent":
            return _problem(404, "Not Found Error", "No such endpoint")
        query = question.query
        limit = query.get("max_results", "10")
        wrong = sorted(set(query) - _TAKEN)
        if wrong or not query.get("query", "").startswith("$") or len(query["query"]) > 512:
            return _problem(400, "Invalid Request", f"One or more parameters is invalid: {wrong}")
        if not limit.isdecimal() or not 10 <= int(limit) <= 100:
            return _problem(400, "Invalid Request", "max_results is not between 10 and 100")
        try:
            first, last = self._span(query)
        except ValueError as error:
            return _problem(400, "Invalid Request", str(error))
        return self._found(query, int(limit), first, last)

    def _span(self, query: Mapping[str, str]) -> tuple[datetime, datetime]:
        first, last = self.clock - WEEK, self.clock - FRESH
        if "start_time" in query:
            first = _read(query["start_time"])
            if first < self.clock - WEEK:
                raise ValueError("'start_time' must be on or after a week ago")
        if "end_time" in query:
            last = _read(query["end_time"])
            if last > self.clock - ENDS:
                raise ValueError("'end_time' must be a minimum of 10 seconds prior to the request")
        if last <= first:
            raise ValueError("'end_time' must be after 'start_time'")
        return first, last

    def _found(
        self, query: Mapping[str, str], limit: int, first: datetime, last: datetime
    ) -> Reply:
        known = [item for item in published() if self.is_told(item)]
        newest = sorted(self.told(known), key=lambda one: one.published_at, reverse=True)
        inside = [one for one in newest if first <= one.published_at < last]
        begin = int(query.get("next_token", "t0").removeprefix("t"))
        end = begin + min(limit, self.most)
        fields = query.get("tweet.fields", "").split(",")
        rows = self.written([_post(one, fields) for one in inside[begin:end]])
        meta: dict[str, Any] = {"result_count": len(rows)}
        if end < len(inside):
            meta["next_token"] = f"t{end}"
        body = {"data": rows, "meta": meta} if rows else {"meta": meta}
        reset = (int(self.clock.timestamp()) // 900 + 1) * 900
        headers = {"x-rate-limit-limit": "60", "x-rate-limit-remaining": "59"}
        return said(body, headers=headers | {"x-rate-limit-reset": str(reset)})

    def truth(self, symbol: str, start: datetime, end: datetime) -> list[Dispatch]:
        """See `NewsDouble.truth`; what is younger than half a minute is told later."""
        return super().truth(symbol, start, min(end, max(self.clock, NOW) - FRESH))


def _read(text: str) -> datetime:
    if not _STAMP.fullmatch(text):
        raise ValueError(f"{text!r} is no time of the form YYYY-MM-DDTHH:mm:ssZ")
    return datetime.fromisoformat(text).astimezone(UTC)


def _post(item: Item, fields: list[str]) -> dict[str, Any]:
    post: dict[str, Any] = {
        "id": str(item.number),
        "text": item.headline,
        "edit_history_tweet_ids": [str(item.number)],
    }
    if "created_at" in fields:
        post["created_at"] = f"{item.published_at:%Y-%m-%dT%H:%M:%S}.000Z"
    return post


def _problem(status: int, title: str, detail: str) -> Reply:
    kind = "about:blank" if status == 401 else "https://api.twitter.com/2/problems/invalid-request"
    return said({"title": title, "type": kind, "status": status, "detail": detail}, status)
