"""News API's search, as its document describes it and as its errors read."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from assay.sources.newsroom import Dispatch
from tests.doubles.newsdesk import Item, NewsDouble, published, said
from tests.doubles.server import GOOD_KEY, Question, Reply

LATE = timedelta(hours=24)
MONTH = timedelta(days=31)
EXAMPLE = {
    "status": "ok",
    "totalResults": 4612,
    "articles": [
        {
            "source": {"id": "the-verge", "name": "The Verge"},
            "author": "Emma Roth",
            "title": "Microsoft’s new AI agents",
            "description": "Agents that can do things.",
            "url": "https://www.theverge.com/2024/11/19/24299587/microsoft",
            "urlToImage": "https://cdn.vox-cdn.com/thumbor/photo.jpg",
            "publishedAt": "2024-11-19T13:30:00Z",
            "content": "Microsoft is adding agents to… [+1234 chars]",
        }
    ],
}
"""An answer in the shape of https://newsapi.org/docs/endpoints/everything."""
_TAKEN = {
    "q",
    "searchIn",
    "sources",
    "domains",
    "excludeDomains",
    "from",
    "to",
    "language",
    "sortBy",
    "pageSize",
    "page",
}
_STAMP = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?")
_TOKEN = re.compile(r'"[^"]*"|[()]|[^\s()"]+')


class Newsapi(NewsDouble):
    """Newest stories first; the free plan is a day late and shows the first `most` results alone.

    The document names the parameters, the fields and the codes of errors, and that both ends of a
    span are part of it in UTC. The words of what the free plan refuses are in public reports: too
    many results in https://github.com/airbytehq/airbyte/pull/18301, too far back in
    https://github.com/bzarras/newsapi/issues/19, too often in
    https://github.com/omgimanerd/getnews.tech/issues/36. `paid` is another plan. Both "AND" and
    "OR" with parentheses are understood, other words must all occur. A parameter that does not
    exist is refused, so that a misspelt one is seen.
    """

    adapter = "newsapi"
    document = "https://newsapi.org/docs/endpoints/everything"
    subjects = ("AAPL", "GONE", "EURUSD", "USDJPY", "XAUUSD", "BTCUSDT", "ETHUSDT", "SPX")
    headline = "title"
    time = "publishedAt"
    least: ClassVar = 13
    most = 100
    paid = False

    def is_told(self, item: Item) -> bool:
        """See `NewsDouble.is_told`."""
        return item.published_at <= self.clock - (timedelta() if self.paid else LATE)

    def as_dispatch(self, item: Item) -> Dispatch:
        """See `NewsDouble.as_dispatch`."""
        return Dispatch(
            name=item.url,
            published_at=item.published_at,
            worded_at=item.published_at,
            outlet=item.outlet,
            headline=item.headline,
            summary=item.summary,
            url=item.url,
        )

    def reply(self, question: Question) -> Reply:
        """See `Answering.reply`; its own client sends the key as `Authorization`."""
        headers, query = question.headers, question.query
        given = headers.get("x-api-key") or headers.get("authorization", "").split(" ")[-1]
        if given != GOOD_KEY:
            code = "apiKeyInvalid" if given else "apiKeyMissing"
            return _error(401, code, "Your API key is invalid or incorrect.")
        if question.path != "/v2/everything":
            return _error(404, "unexpectedError", "Not found")
        return self._refusal(query) or self._found(query)

    def _refusal(self, query: Mapping[str, str]) -> Reply | None:
        size, page = int(query.get("pageSize", 100)), int(query.get("page", 1))
        stamps = [query[name] for name in ("from", "to") if name in query]
        right = (
            set(query) <= _TAKEN
            and all(_STAMP.fullmatch(one) for one in stamps)
            and 1 <= size <= 100
            and page >= 1
            and query.get("sortBy", "publishedAt") == "publishedAt"
            and set(query.get("searchIn", "title").split(",")) <= {"title", "description"}
            and len(query.get("q", "")) <= 500
        )
        if not right:
            return _error(400, "parameterInvalid", "A parameter is not as it should be.")
        if not query.get("q"):
            return _error(400, "parametersMissing", "Required parameters are missing: q")
        oldest = (self.clock - MONTH).date()
        if stamps and not self.paid and _moment(query.get("from", "2000-01-01")).date() < oldest:
            return _error(
                426,
                "parameterInvalid",
                "You are trying to request results too far in the past. Your plan permits you to "
                f"request articles as far back as {oldest}, but you have requested "
                f"{query['from'][:10]}. You may need to upgrade to a paid plan.",
            )
        if page > 1 and not self.paid:
            return _error(
                426,
                "maximumResultsReached",
                "You have requested too many results. Developer accounts are limited to a max of "
                f"{self.most} results. You are trying to request results {size * (page - 1)} to "
                f"{size * page}. Please upgrade to a paid plan if you need more results.",
            )
        return None

    def _found(self, query: Mapping[str, str]) -> Reply:
        first = _moment(query.get("from", "2000-01-01"))
        last = _moment(query["to"]) if "to" in query else self.clock
        if "T" not in query.get("to", "T"):
            last += timedelta(days=1)
        items = [
            one
            for one in published()
            if self.is_told(one)
            and first <= one.published_at <= last
            and matches(query["q"], f"{one.headline} {one.summary}")
        ]
        size = min(self.most, int(query.get("pageSize", 100)))
        begin = size * (int(query.get("page", 1)) - 1)
        page = self.told(items[::-1][begin : begin + size])
        total = len(items) if page else 0
        return said(
            {
                "status": "ok",
                "totalResults": total,
                "articles": self.written([_row(one) for one in page]),
            }
        )


def matches(query: str, text: str) -> bool:
    """Say whether a text has what is searched for: phrases in quotes, AND, OR and parentheses."""
    tokens = _TOKEN.findall(query)
    words = text.casefold()

    def either() -> bool:
        found = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            found = both() or found
        return found

    def both() -> bool:
        found = single()
        while tokens and tokens[0] not in ("OR", ")"):
            if tokens[0] == "AND":
                tokens.pop(0)
            found = single() and found
        return found

    def single() -> bool:
        token = tokens.pop(0)
        if token == "(":
            found = either()
            assert tokens.pop(0) == ")"
            return found
        phrase = re.escape(token.strip('"').casefold())
        return re.search(rf"(?<![a-z0-9]){phrase}(?![a-z0-9])", words) is not None

    found = either()
    assert not tokens, f"{query!r} is not well formed"
    return found


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _error(status: int, code: str, message: str) -> Reply:
    return said({"status": "error", "code": code, "message": message}, status)


def _row(item: Item) -> dict[str, Any]:
    return {
        "source": {"id": None, "name": item.outlet},
        "author": None,
        "title": item.headline,
        "description": item.summary,
        "url": item.url,
        "urlToImage": None,
        "publishedAt": f"{item.published_at:%Y-%m-%dT%H:%M:%SZ}",
        "content": f"{item.summary[:200]}… [+1234 chars]",
    }
