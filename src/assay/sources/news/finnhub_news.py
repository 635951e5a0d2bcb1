"""Finnhub: news on American companies for a year, and the newest of currencies and coins."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property

from assay.core.values.instrument import AssetClass, Instrument
from assay.sources.contract import Note
from assay.sources.newsroom import Dispatch, NewsAbilities, NewsPage, NewsProvider
from assay.sources.provider import Limit
from assay.sources.wire.customs import finnhub
from assay.sources.wire.http import Http
from assay.sources.wire.stories import Asked, listed, page_back, page_of, second, told

TITLE = "Finnhub news"
MONTH = timedelta(days=28)
DAY = timedelta(days=1)
COMPANY, MARKET = "company ", "market "
_MARKET = {
    AssetClass.FX: "forex",
    AssetClass.METAL: "forex",
    AssetClass.CRYPTO: "crypto",
    AssetClass.INDEX: "general",
}


class FinnhubNews(NewsProvider):
    """News of Finnhub: of a company by day, and of a market the newest alone.

    In which zone its days are counted is not said, nor how many stories an answer holds, so that a
    day more is asked for on either side, and what is older again until nothing is; there, days are
    taken to begin no earlier than those of UTC. News of a market cannot be asked for by time: what
    is older than its oldest story may be lost, and that is said. A story has one time, and whether
    its words were changed later is told nowhere.
    """

    abilities = NewsAbilities(
        title=TITLE,
        # Sixty a minute on the free plan, and thirty a second on every plan.
        limits=(Limit(60, 60), Limit(30, 1)),
        licence="Personal use; passing the data on needs a licence of Finnhub.",
        document="https://finnhub.io/docs/api/company-news",
        a_call=100,  # of a market; of a company it is not said
        keys=("key",),
        sign_up="https://finnhub.io/register",
        reach=timedelta(days=365),
    )

    @cached_property
    def _http(self) -> Http:
        return self.holding(finnhub(self.access, self.abilities))

    def questions(self, subjects: Sequence[Instrument]) -> tuple[str, ...]:
        """See `NewsProvider.questions`: `company AAPL`, `market forex`."""
        return tuple(dict.fromkeys(map(self._question, subjects)))

    def page(self, question: str, start: datetime, end: datetime) -> NewsPage:
        """See `NewsProvider.page`; of a company up to four weeks."""
        if question.startswith(MARKET):
            return self._newest(question, start, end)
        until = min(end, start + MONTH)
        notes: list[Note] = []

        def ask(number: int, oldest: datetime | None) -> tuple[list[Dispatch | None], datetime]:
            rows, at = self._of_company(question, start, oldest or until + DAY)
            if oldest is None or _is_older(rows, oldest):
                return rows, at
            rows, at = self._of_company(question, start, oldest - DAY)
            if _is_older(rows, oldest):  # up to a day later they were not told: that day fills all
                notes.append(_cut(question, oldest))
            return rows, at

        now = self.access.clock.now()
        return page_back(ask, Asked(TITLE, question, start, until, now), notes)

    def _question(self, instrument: Instrument) -> str:
        if instrument.asset_class is AssetClass.EQUITY:
            symbol = self.access.symbols.get(instrument.symbol) or instrument.symbol
            return f"{COMPANY}{symbol}"
        return f"{MARKET}{_MARKET[instrument.asset_class]}"

    def _of_company(
        self, question: str, start: datetime, last: datetime
    ) -> tuple[list[Dispatch | None], datetime]:
        """Return the newest stories up to the day of `last`, and the time on the clock."""
        first = min(start - DAY, last)
        query = {
            "symbol": question.removeprefix(COMPANY),
            "from": first.date().isoformat(),
            "to": last.date().isoformat(),
        }
        return self._asked("/api/v1/company-news", query)

    def _newest(self, question: str, start: datetime, end: datetime) -> NewsPage:
        """Return what there is on a market, with a note if it does not reach back to `start`."""
        category = question.removeprefix(MARKET)
        rows, at = self._asked("/api/v1/news", {"category": category})
        oldest = min((row.worded_at for row in rows if row), default=start)
        notes = []
        if oldest > start:
            notes.append(
                Note(
                    "begins_late",
                    f"{TITLE} tells the newest stories of {category} alone, which begin at "
                    f"{oldest:%Y-%m-%d %H:%M} UTC; older ones since {start:%Y-%m-%d %H:%M} may be "
                    "lost",
                )
            )
        return page_of(rows, Asked(TITLE, question, start, end, at), notes=notes)

    def _asked(
        self, path: str, query: Mapping[str, str | int]
    ) -> tuple[list[Dispatch | None], datetime]:
        answer = self._http.get(path, query)
        return [_dispatch(row) for row in listed(answer.body, TITLE)], answer.at


def _is_older(rows: Sequence[Dispatch | None], oldest: datetime) -> bool:
    return any(row is not None and row.published_at < oldest for row in rows)


def _cut(question: str, day: datetime) -> Note:
    return Note(
        "cut",
        f"{TITLE} has more stories on {question!r} of {day:%Y-%m-%d} than it tells at once; the "
        "first of that day may be lost",
    )


def _dispatch(row: Mapping[str, object]) -> Dispatch | None:
    return told(
        row.get("id"),
        second(row.get("datetime")),
        row.get("headline"),
        outlet=row.get("source"),
        summary=row.get("summary"),
        url=row.get("url"),
        tickers=row.get("related"),
    )
