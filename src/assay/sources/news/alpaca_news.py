"""Alpaca: Benzinga's news on American shares and coins, since 2015."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from assay.core.errors import AssayError, DataError, NotFoundError, RefusedError
from assay.core.values.instrument import AssetClass, Instrument
from assay.sources.newsroom import Dispatch, NewsAbilities, NewsPage, NewsProvider
from assay.sources.provider import Limit
from assay.sources.wire.http import Http
from assay.sources.wire.stories import Asked, listed, moment, page_of, told

ADDRESS = "https://data.alpaca.markets"
MOST_STORIES = 50
MOST_ANSWERS = 100
"""So many full answers of one second would be no news any more."""


class AlpacaNews(NewsProvider):
    """News of Alpaca, written by Benzinga.

    Stories are ordered by when they were last changed, and a token leads to those after the last
    of an answer, also within a second. A story that was changed is told with its newest words
    alone, at the time of the change. Of currencies, metals and indices there is nothing of their
    own.
    """

    abilities = NewsAbilities(
        title="Alpaca news",
        limits=(Limit(200, 60),),
        licence="Personal use; the stories are Benzinga's and may not be passed on.",
        document="https://docs.alpaca.markets/reference/news-3",
        a_call=MOST_STORIES,
        keys=("key", "secret"),
        sign_up="https://app.alpaca.markets/signup",
    )

    @cached_property
    def _http(self) -> Http:
        headers = {
            "APCA-API-KEY-ID": self.access.secret(self.abilities, "key"),
            "APCA-API-SECRET-KEY": self.access.secret(self.abilities, "secret"),
        }
        return self.holding(
            Http(self.access, self.abilities, ADDRESS, headers=headers, fault=_fault)
        )

    def questions(self, subjects: Sequence[Instrument]) -> tuple[str, ...]:
        """See `NewsProvider.questions`: a symbol each, `AAPL`, `BTCUSD`."""
        named = (self.access.symbols.get(one.symbol) or _symbol(one) for one in subjects)
        return tuple(dict.fromkeys(one for one in named if one))

    def page(self, question: str, start: datetime, end: datetime) -> NewsPage:
        """See `NewsProvider.page`; a full answer holds up to before its last moment."""
        query: dict[str, str | int] = {
            "symbols": question,
            "start": _written(start),
            "end": _written(end),
            "sort": "asc",
            "limit": MOST_STORIES,
            "include_content": "false",
        }
        at = self.access.clock.now()
        rows: list[Dispatch | None] = []
        for _ in range(MOST_ANSWERS):
            answer = self._http.get("/v1beta1/news", query)
            at = min(at, answer.at)
            rows += [_dispatch(row) for row in listed(answer.body["news"], self.abilities.title)]
            token = answer.body.get("next_page_token")
            if not isinstance(token, str) or not token:
                break
            if len({row.worded_at for row in rows if row and row.worded_at > start}) > 1:
                break
            query["page_token"] = token
        asked = Asked(self.abilities.title, question, start, end, at)
        return page_of(rows, asked, more=bool(token))


def _symbol(instrument: Instrument) -> str:
    if instrument.asset_class is AssetClass.EQUITY:
        return instrument.symbol
    return f"{instrument.base}USD" if instrument.asset_class is AssetClass.CRYPTO else ""


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _dispatch(row: Mapping[str, object]) -> Dispatch | None:
    return told(
        row.get("id"),
        moment(row.get("created_at")),
        row.get("headline"),
        worded_at=moment(row.get("updated_at")),
        outlet=row.get("source"),
        summary=row.get("summary"),
        url=row.get("url"),
        tickers=row.get("symbols"),
    )


def _fault(status: int, body: Any) -> AssayError | None:  # noqa: ANN401 - any JSON
    """Return what Alpaca says is wrong; a plan without the data is no wrong key."""
    if status < 300 and not (isinstance(body, Mapping) and "news" in body):
        return DataError("Alpaca news answered without the list of stories that was expected")
    said = str(body.get("message") or "no reason") if isinstance(body, Mapping) else ""
    if status >= 400 and "subscription" in said:
        return RefusedError(f"Alpaca news is not part of the plan of this key: {said}")
    if status in (400, 422) and "symbol" in said.lower():
        return NotFoundError(f"Alpaca news says {said}")
    return None
