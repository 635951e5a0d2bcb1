"""News API: what 150,000 outlets write that names an instrument, a day late on its free plan."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from assay.core.errors import AssayError, CredentialError, DataError, QuotaError, RefusedError
from assay.core.values.instrument import AssetClass, Instrument
from assay.sources.contract import Note
from assay.sources.newsroom import Dispatch, NewsAbilities, NewsPage, NewsProvider
from assay.sources.provider import Limit
from assay.sources.wire.http import Answer, Http
from assay.sources.wire.stories import Asked, listed, moment, page_of, told

ADDRESS = "https://newsapi.org"
TITLE = "News API"
MOST_STORIES = 100
MOST_ANSWERS = 100
WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)
HALF_A_DAY = 43_200.0
"""Seconds; the free plan gives half of its hundred questions in each."""
REMOVED = "[Removed]"
"""The title of a story that was taken back; nothing else is left of it."""
CURRENCIES = {
    "AUD": "Australian dollar",
    "CAD": "Canadian dollar",
    "CHF": "Swiss franc",
    "EUR": "euro",
    "GBP": "pound",
    "JPY": "yen",
    "NZD": "New Zealand dollar",
    "USD": "dollar",
}
THINGS = {"BTC": "bitcoin", "ETH": "ethereum", "XAG": "silver price", "XAU": "gold price"}


class Newsapi(NewsProvider):
    """Stories of News API whose title or description names an instrument.

    A question is the words themselves; what a person calls an instrument under `symbols`, several
    names parted by commas, replaces ours, and for a share that should be the company's name. The
    free plan is a day late, reaches back a month, may not be used in business, and shows the newest
    hundred stories of a question alone. So what is older is asked for up to the oldest second told,
    and nothing is lost unless a hundred stories have one second, which is said. Stories younger
    than a day are taken where a plan tells them. When words were changed is told nowhere.
    """

    abilities = NewsAbilities(
        title=TITLE,
        limits=(Limit(100, 86_400), Limit(50, 43_200)),
        licence="Development only on the free plan: no use in business or in production.",
        document="https://newsapi.org/docs/endpoints/everything",
        a_call=MOST_STORIES,
        keys=("key",),
        sign_up="https://newsapi.org/register",
        late=timedelta(hours=24),
        reach=timedelta(days=30),
    )

    @cached_property
    def _http(self) -> Http:
        key = self.access.secret(self.abilities, "key")
        return self.holding(
            Http(
                self.access, self.abilities, ADDRESS, headers={"X-Api-Key": key}, fault=self._fault
            )
        )

    def questions(self, subjects: Sequence[Instrument]) -> tuple[str, ...]:
        """See `NewsProvider.questions`: `"bitcoin" OR "BTC"`."""
        return tuple(dict.fromkeys(map(self._question, subjects)))

    def page(self, question: str, start: datetime, end: datetime) -> NewsPage:
        """See `NewsProvider.page`; up to a week."""
        until = min(end, start + WEEK)
        now = self.access.clock.now()
        rows: list[Dispatch | None] = []
        notes: list[Note] = []
        to = until
        for _ in range(MOST_ANSWERS):
            answer = self._asked(question, start, to)
            now = min(now, answer.at)
            articles = listed(answer.body["articles"], TITLE)
            told_now = [_dispatch(row) for row in articles if row.get("title") != REMOVED]
            rows += told_now
            oldest = min((row.published_at for row in told_now if row), default=start)
            if answer.body["totalResults"] <= len(articles) or oldest <= start:
                break
            if oldest == to.replace(microsecond=0):
                notes.append(_cut(question, oldest, len(articles)))
                oldest -= SECOND
            to = oldest
        else:
            raise DataError(
                f"{TITLE} has more than {MOST_ANSWERS * MOST_STORIES:,} stories a week on "
                f"{question!r}; call the instrument by narrower names under symbols"
            )
        asked = Asked(TITLE, question, start, until, _told_by(now, rows))
        return page_of(rows, asked, notes=notes)

    def _asked(self, question: str, start: datetime, to: datetime) -> Answer:
        return self._http.get(
            "/v2/everything",
            {
                "q": question,
                "searchIn": "title,description",
                "from": _written(start),
                "to": _written(to),
                "sortBy": "publishedAt",
                "pageSize": MOST_STORIES,
                "page": 1,
            },
        )

    def _question(self, instrument: Instrument) -> str:
        names = self.access.symbols.get(instrument.symbol, "").split(",")
        phrases = [_phrase(name) for name in names if _phrase(name)]
        return " OR ".join(phrases) if phrases else _words(instrument)

    def _fault(self, status: int, body: Any) -> AssayError | None:  # noqa: ANN401 - any JSON
        """Return what News API says is wrong, by its code."""
        if not isinstance(body, Mapping):
            return DataError(f"{TITLE} answered with something else than the object expected")
        code, said = str(body.get("code") or ""), str(body.get("message") or "no reason")
        if code in ("apiKeyInvalid", "apiKeyDisabled", "apiKeyMissing"):
            where = self.access.where("key")
            return CredentialError(f"{TITLE} refused the key ({code}: {said}); check {where}")
        if code in ("rateLimited", "apiKeyExhausted"):
            return QuotaError(f"{TITLE}: the allowance of this key is used up ({said})", HALF_A_DAY)
        if status == 426:
            return RefusedError(f"{TITLE} does not give what was asked on this plan: {said}")
        if status < 300 and not _is_whole(body):
            return DataError(f"{TITLE} answered without the stories and their number expected")
        return None


def _is_whole(body: Mapping[str, object]) -> bool:
    total = body.get("totalResults")
    return "articles" in body and isinstance(total, int) and not isinstance(total, bool)


def _told_by(now: datetime, rows: Sequence[Dispatch | None]) -> datetime:
    """Return until when all is told: a day ago, or the newest story where a plan is not late."""
    newest = max((row.published_at for row in rows if row), default=now - Newsapi.abilities.late)
    return min(now, max(newest, now - Newsapi.abilities.late))


def _words(instrument: Instrument) -> str:
    """Return what names an instrument in a story."""
    base, quote = instrument.base, instrument.quote
    pair = f'"{base}/{quote}" OR "{base}{quote}"'
    if instrument.asset_class is AssetClass.FX:
        both = " AND ".join(_phrase(CURRENCIES.get(code, code)) for code in (base, quote))
        return f"{pair} OR ({both})"
    if instrument.asset_class in (AssetClass.METAL, AssetClass.CRYPTO):
        thing = THINGS.get(base)
        return f"{_phrase(thing)} OR {_phrase(base)}" if thing else _phrase(base)
    return _phrase(instrument.symbol)


def _phrase(words: str) -> str:
    """Return words that must stand together, without what could end them."""
    plain = " ".join(
        "".join(c if c.isprintable() and c not in '"\\' else " " for c in words).split()
    )
    return f'"{plain}"' if plain else ""


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"


def _cut(question: str, at: datetime, count: int) -> Note:
    return Note(
        "cut",
        f"{TITLE} shows {count:,} stories of one second on {question!r} and has more of "
        f"{at:%Y-%m-%d %H:%M:%S} UTC; those are lost",
    )


def _dispatch(row: Mapping[str, object]) -> Dispatch | None:
    source = row.get("source")
    return told(
        row.get("url"),
        moment(row.get("publishedAt")),
        row.get("title"),
        outlet=source.get("name") if isinstance(source, Mapping) else "",
        summary=row.get("description"),
        url=row.get("url"),
    )
