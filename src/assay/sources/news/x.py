"""X: posts of the last seven days that carry the cashtag of an instrument."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from assay.core.errors import AssayError, CredentialError, DataError, QuotaError, RefusedError
from assay.core.secret import Secret
from assay.core.values.instrument import AssetClass, Instrument
from assay.sources.newsroom import Dispatch, NewsAbilities, NewsPage, NewsProvider
from assay.sources.provider import Limit
from assay.sources.wire.http import Http
from assay.sources.wire.stories import Asked, listed, moment, page_back, told

TITLE = "X"
ADDRESS = "https://api.x.com"
A_CALL = 100
WEEK = timedelta(days=7)
MARGIN = timedelta(minutes=1)
"""So much less than a week is asked for, because the question takes its time."""
FRESH = timedelta(seconds=30)
"""Posts that are younger are not told where no end is said; one that is said lies 10 s back."""
ANSWERS = 10
"""So many full answers are read for one page, where its span can still be made shorter."""
SHORTEST = timedelta(minutes=1)
A_DAY = timedelta(days=1)
WITHOUT = "; without one, posts that you have in a file come in with assay news import FILE"


class X(NewsProvider):
    """Recent search of X's API v2, for applications (OAuth 2.0 App-Only).

    Answers come newest first, from the beginning of what is asked to half a minute ago, and a token
    leads to older posts. Retweets are left out, and other languages than English. An edited post is
    a new one, with its own time; that of the first is its name. Every post that is told costs money
    on most plans, and the cashtag operator is not on all of them.
    """

    abilities = NewsAbilities(
        title=TITLE,
        # "60 requests per 15 min with OAuth 2.0 App-Only" for recent search, self-serve.
        limits=(Limit(60, 900),),
        licence="As X's Developer Agreement says; posts are paid for and may not be passed on.",
        document="https://docs.x.com/x-api/posts/search-recent-posts",
        a_call=A_CALL,
        keys=("key",),
        sign_up="https://developer.x.com",
        late=FRESH,
        reach=WEEK,
        posts=True,
    )

    @cached_property
    def _http(self) -> Http:
        try:
            key = self.access.secret(self.abilities, "key")
        except CredentialError as error:
            raise CredentialError(f"{error}{WITHOUT}") from None
        return self.holding(
            Http(
                self.access,
                self.abilities,
                ADDRESS,
                headers={"Authorization": Secret(f"Bearer {key.reveal()}")},
                fault=_fault,
            )
        )

    def questions(self, subjects: Sequence[Instrument]) -> tuple[str, ...]:
        """See `NewsProvider.questions`: `$AAPL lang:en -is:retweet`, `$BTC …`, `$EURUSD …`."""
        named = (self.access.symbols.get(one.symbol) or _tag(one) for one in subjects)
        tags = (name if name.startswith("$") else f"${name}" for name in named)
        return tuple(dict.fromkeys(f"{tag} lang:en -is:retweet" for tag in tags))

    def page(self, question: str, start: datetime, end: datetime) -> NewsPage:
        """See `NewsProvider.page`; a thousand posts at most, over a span that is found by trying.

        Answers begin with the newest, so that a span that was not read to its end is worth nothing.
        """
        start = max(start, min(self.access.clock.now() - WEEK + MARGIN, end))
        while True:
            span = self._spans.get(question, WEEK)
            try:
                return self._page(question, start, min(end, start + span), most=span > SHORTEST)
            except _FullError:
                self._spans[question] = span / 8

    @cached_property
    def _spans(self) -> dict[str, timedelta]:
        """Return how long a span of each question fits into a page, where a week does not."""
        return {}

    def _page(self, question: str, start: datetime, end: datetime, *, most: bool) -> NewsPage:
        """Return the page of a span; with `most` it is a `_FullError` where it is too long."""
        now = self.access.clock.now()
        query: dict[str, str | int] = {
            "query": question,
            "start_time": _written(start),
            "max_results": A_CALL,
            "tweet.fields": "created_at,edit_history_tweet_ids",
        }
        is_past = end < now - FRESH
        if is_past:
            query["end_time"] = _written(end + timedelta(seconds=1))
        token = ""

        def ask(number: int, oldest: datetime | None) -> tuple[list[Dispatch | None], datetime]:
            nonlocal token
            if number and not token:
                return [], now
            if most and number == ANSWERS:
                raise _FullError
            more = {"next_token": token} if token else {}
            answer = self._http.get("/2/tweets/search/recent", query | more)
            found = answer.body.get("meta")
            said = found.get("next_token") if isinstance(found, Mapping) else None
            token = said if isinstance(said, str) else ""
            at = answer.at if is_past else answer.at - FRESH
            return [_dispatch(row) for row in listed(answer.body.get("data"), TITLE)], at

        page = page_back(ask, Asked(TITLE, question, start, end, now))
        return page if is_past else replace(page, current=True)


class _FullError(Exception):
    """There are more posts in a span than are read at once."""


def _tag(instrument: Instrument) -> str:
    """Return the cashtag of an instrument: a share by its ticker, a coin by its name."""
    return instrument.base if instrument.asset_class is AssetClass.CRYPTO else instrument.symbol


def _written(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _dispatch(row: Mapping[str, object]) -> Dispatch | None:
    edits, name = row.get("edit_history_tweet_ids"), row.get("id")
    first = edits[0] if isinstance(edits, list) and edits and isinstance(edits[0], str) else name
    return told(
        first,
        moment(row.get("created_at")),
        row.get("text"),
        outlet=TITLE,
        url=f"https://x.com/i/status/{name}" if isinstance(name, str) else "",
    )


def _fault(status: int, body: Any) -> AssayError | None:  # noqa: ANN401 - any JSON
    """Return what X says is wrong; a plan that does not include it is no wrong key."""
    if not isinstance(body, Mapping):
        return DataError(f"{TITLE} answered with something else than the object that was expected")
    if status < 300 and not ("data" in body or "meta" in body):
        return DataError(f"{TITLE} answered without the posts that were expected")
    said = str(body.get("detail") or body.get("title") or "no reason")
    if status == 429 and body.get("title") == "UsageCapExceeded":
        return QuotaError(
            f"{TITLE} has told as many posts as the plan pays for: {said}", A_DAY.total_seconds()
        )
    if status in (402, 403):
        return RefusedError(f"{TITLE}'s plan of this key does not include what was asked: {said}")
    return None
