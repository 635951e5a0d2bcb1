"""Alpha Vantage: days of American shares, currencies and coins; paid plans have minutes too."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import cached_property, partial
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.errors import (
    AssayError,
    CredentialError,
    DataError,
    NotFoundError,
    QuotaError,
    RefusedError,
    TransientError,
)
from assay.core.symbols import PERPETUAL
from assay.core.values.bars import Bars
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Note
from assay.sources.file_stamp import evidence
from assay.sources.layouts import Stamp
from assay.sources.provider import (
    EARLIEST,
    Abilities,
    Access,
    Limit,
    Page,
    Provider,
    closes_due,
    no_rows,
)
from assay.sources.wire.http import Http
from assay.sources.wire.rows import Asked, Rows, named_instants, page_of, picked

ADDRESS = "https://www.alphavantage.co"
TITLE = "Alpha Vantage"
EASTERN = ZoneInfo("America/New_York")
COMPACT = 100
"""So many of the latest rows `outputsize=compact` gives; `full` gives all, and is paid for."""
FEW_DAYS = 80
"""So many days are among the latest hundred rows, even if Sundays are rows too."""
SETTLED = timedelta(days=1)
"""A month is kept when it has been over for so long."""
DAYS, SECONDS = len("2026-11-20"), len("2026-11-20 15:00:00")
REFUSALS = ("Error Message", "Information", "Note")
NAMES = frozenset({"symbol", "from_symbol", "to_symbol", "market", "interval"})
FIELDS = ("1. open", "2. high", "3. low", "4. close", "5. volume")
INTRADAY = MappingProxyType(
    {
        Timeframe.M1: "1min",
        Timeframe.M5: "5min",
        Timeframe.M15: "15min",
        Timeframe.M30: "30min",
    }
)
_SERIES = MappingProxyType(
    {
        "TIME_SERIES_DAILY": ("Time Series (Daily)", "US/Eastern"),
        "FX_DAILY": ("Time Series FX (Daily)", "UTC"),
        "DIGITAL_CURRENCY_DAILY": ("Time Series (Digital Currency Daily)", "UTC"),
    }
)
"""Where the rows of an answer are, and the zone that its times must be said to be in."""

Question = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: `series` oldest first, its times still texts; `content` as it came.

    `key` is what it is kept under, `at` until when a bar must have closed. What was kept before
    has no `content`.
    """

    key: str
    series: Sequence[tuple[str, object]]
    at: datetime
    content: bytes | None


class AlphaVantage(Provider):
    """The series of Alpha Vantage, of prices as they were traded.

    Its free plan answers 25 times a day and knows 100 days of a share; minutes are for those who
    pay, a month at a time. So nothing is asked that an answer kept before holds: months that are
    over, and days while no further one has closed. Hours are not offered, for where they begin in
    a session is not documented, nor are minutes of currencies and coins, which reach back no
    documented time. Its day of currencies is that of UTC, as a note says.
    """

    abilities = Abilities(
        title=TITLE,
        bars=MappingProxyType(
            {
                AssetClass.EQUITY: frozenset({*INTRADAY, Timeframe.D1}),
                AssetClass.FX: frozenset({Timeframe.D1}),
                AssetClass.CRYPTO: frozenset({Timeframe.D1}),
            }
        ),
        bars_a_call=COMPACT,
        # a day's 25 and the second's one are in its own refusals, five a minute in older ones
        limits=(Limit(25, 86_400), Limit(5, 60), Limit(1, 1)),
        licence="Personal use; a product for others needs a licence of Alpha Vantage.",
        document="https://www.alphavantage.co/documentation/",
        keys=("key",),
        sign_up="https://www.alphavantage.co/support/#api-key",
    )

    _plan_is_small = False
    """Whether a whole history was refused once; then it is not asked for again."""

    @cached_property
    def _http(self) -> Http:
        key = self.access.secret(self.abilities, "key")
        return self.holding(
            Http(
                self.access,
                self.abilities,
                ADDRESS,
                params={"apikey": key},
                fault=partial(_fault, self.access),
                parse=parsed,
            )
        )

    def named(self, instrument: Instrument) -> str:
        """See `Provider.named`: `AAPL`, `EUR/USD`, `BTC/USD`; a slash parts what are two names.

        A share that is traded elsewhere than in America has none, for its currency is never told.
        """
        kind, symbol = instrument.asset_class, instrument.symbol
        if kind is AssetClass.EQUITY and instrument.calendar != "XNYS":
            raise NotFoundError(
                f"{TITLE} does not say in which currency it quotes, and London's shares are in "
                f"pence there; to take {symbol} all the same, say what it is called in assay.toml "
                f"under [providers.{self.access.name}.symbols]"
            )
        if kind is AssetClass.EQUITY or symbol.endswith(PERPETUAL):
            return symbol
        return f"{instrument.base}/{instrument.quote}"

    def page(
        self, instrument: Instrument, timeframe: Timeframe, start: datetime, end: datetime
    ) -> Page:
        """See `Provider.page`; where nothing closed in between, nothing is asked."""
        self.refuse_unoffered(instrument, timeframe)
        now = self.access.clock.now()
        last = min(end, _month(start)[1]) if timeframe.is_intraday else end
        if closes_due(instrument, timeframe, start, min(last, now)).is_empty():
            none = Bars(instrument, timeframe, no_rows())
            return Page(none, (), max(start, min(last, now)), current=now < last)
        asked = Asked(TITLE, instrument, timeframe, start, last, now)
        return self._minutes(asked) if timeframe.is_intraday else self._days(asked)

    def calls(
        self, instrument: Instrument, timeframe: Timeframe, start: datetime, end: datetime
    ) -> int:
        """See `Provider.calls`: one a month, or one for all days."""
        if end <= start:
            return 0
        if not timeframe.is_intraday:
            return 1
        first, last = (at.astimezone(EASTERN) for at in (start, end))
        return (last.year - first.year) * 12 + last.month - first.month + 1

    def _minutes(self, asked: Asked) -> Page:
        """Return the page of the month that `asked` begins in; one that is over is kept."""
        begins, ends = _month(asked.start)
        question = {
            "function": "TIME_SERIES_INTRADAY",
            "symbol": self.symbol(asked.instrument),
            "interval": INTRADAY[asked.timeframe],
            "adjusted": "false",
            "extended_hours": "false",
            "month": f"{begins.astimezone(EASTERN):%Y-%m}",
            "outputsize": "full",
        }
        try:
            told = self._told(question, asked, "")
        except NotFoundError:
            self._refuse_unknown(asked.instrument)  # or it was not traded in that month
            told = Told("", (), asked.at, None)
        rows = _rows(told, asked)
        _check_stamps(rows, asked)
        if told.at > ends + SETTLED:
            due = closes_due(asked.instrument, asked.timeframe, begins, ends)
            self._keep(told, rows, replace(asked, start=begins, end=ends), due)
        return page_of(rows, replace(asked, at=told.at), more=False)

    def _days(self, asked: Asked) -> Page:
        """Return the page of all days; the last hundred where the plan of the key has no more."""
        due = closes_due(asked.instrument, Timeframe.D1, asked.start, asked.at)
        try:
            told, notes = self._sized(asked, due)
        except NotFoundError:
            raise self.unknown(asked.instrument) from None
        rows = _rows(told, asked)
        self._keep(told, rows, replace(asked, start=EARLIEST, end=asked.at), due)
        if asked.instrument.asset_class is AssetClass.FX:
            said = (
                f"A day of {TITLE} ends at midnight UTC; each bar is stamped with the next close "
                "of our day, 17:00 New York, so that nothing is known too early"
            )
            notes = (*notes, Note("other_day", said))
        return page_of(rows, replace(asked, at=told.at), more=False, notes=notes)

    def _sized(self, asked: Asked, due: pl.Series) -> tuple[Told, tuple[Note, ...]]:
        """Return the shortest answer that holds the days `due`, as far as the plan allows."""
        question = self._question(asked.instrument)
        as_of = f"{due[-1]}"
        if asked.instrument.asset_class is AssetClass.CRYPTO:
            return self._told(question, asked, as_of), ()
        few = len(due) <= FEW_DAYS
        if not few and not self._plan_is_small:
            try:
                return self._told({**question, "outputsize": "full"}, asked, as_of), ()
            except CredentialError:
                raise
            except RefusedError:
                self._plan_is_small = True
        told = self._told({**question, "outputsize": "compact"}, asked, as_of)
        said = f"{TITLE} gives the last {COMPACT} days alone to those who do not pay"
        return told, () if few else (Note("plan", said),)

    def _question(self, instrument: Instrument) -> Question:
        ticker = self.symbol(instrument)
        if instrument.asset_class is AssetClass.EQUITY:
            return {"function": "TIME_SERIES_DAILY", "symbol": ticker}
        base, _, money = ticker.partition("/")
        if instrument.asset_class is AssetClass.FX:
            return {"function": "FX_DAILY", "from_symbol": base, "to_symbol": money}
        return {"function": "DIGITAL_CURRENCY_DAILY", "symbol": base, "market": money}

    def _told(self, question: Question, asked: Asked, as_of: str) -> Told:
        """Return the answer to `question`: the one that was kept, or a new one."""
        whole = {**question, "source": self.access.name, "as_of": as_of}
        key = json.dumps({**whole, "address": self.access.address or ADDRESS}, sort_keys=True)
        kept = self.access.cache.get(key)
        if kept is not None:
            return Told(key, _series(parsed(kept), question), asked.at, None)
        answer = self._http.get("/query", {**question, "datatype": "json"})
        return Told(key, _series(answer.body, question), answer.at, answer.content)

    def _keep(self, told: Told, rows: Rows, whole: Asked, due: pl.Series) -> None:
        """Keep a new answer that is without fault and reaches the day of the last of `due`."""
        if told.content is None:
            return
        page = page_of(rows, replace(whole, at=told.at), more=False)
        if not page.notes and len(page.bars) and page.bars.last_time.date() >= due[-1].date():
            self.access.cache.put(told.key, told.content)

    def _refuse_unknown(self, instrument: Instrument) -> None:
        """Stop with a `NotFoundError` if it knows no such share at all."""
        ticker = self.symbol(instrument)
        body = self._http.get("/query", {"function": "SYMBOL_SEARCH", "keywords": ticker}).body
        (names,) = picked(body.get("bestMatches"), ["1. symbol"], TITLE)
        if ticker.upper() not in (str(name).upper() for name in names):
            raise self.unknown(instrument)


def _fault(access: Access, status: int, body: Any) -> AssayError | None:  # noqa: ANN401 - any JSON
    """Return what it says is wrong, which it does with a sentence and the status 200."""
    if status >= 300:
        return None
    if not isinstance(body, Mapping):
        return DataError(f"{TITLE} answered with something else than an object")
    said = next((str(body[name]) for name in REFUSALS if body.get(name)), "")
    words = said.lower()
    if not said:
        return None
    if "apikey is invalid or missing" in words or "demo purposes" in words:
        return CredentialError(f"{TITLE} refused the key: {said}; check {access.where('key')}")
    if "invalid api call" in words:
        return NotFoundError(f"{TITLE}: {said}")
    if "per second" in words or "per minute" in words:
        return TransientError(f"{TITLE} was asked too often: {said}", 60.0)
    if "per day" in words:
        wait = _until_midnight(access.clock.now())
        return QuotaError(f"{TITLE}'s allowance is used up: {said}", wait)
    ours = "plan does not include what was asked" if "premium" in words else "answer is no"
    return RefusedError(f"{TITLE}'s {ours}: {said}")


def _until_midnight(now: datetime) -> float:
    """Return the seconds to the next midnight in New York.

    When its day begins is not documented; this midnight is after that of UTC.
    """
    local = now.astimezone(EASTERN)
    coming = datetime.combine(local.date() + timedelta(days=1), time(), EASTERN)
    return (coming.astimezone(UTC) - now).total_seconds()


def parsed(content: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Return the value of a JSON text; an object in which a name comes twice is a list of pairs."""

    def unlike(pairs: list[tuple[str, object]]) -> object:
        found = dict(pairs)
        return found if len(found) == len(pairs) else pairs

    return json.loads(content, object_pairs_hook=unlike)


def _series(body: Any, question: Question) -> Sequence[tuple[str, object]]:  # noqa: ANN401
    """Return the rows of an answer with their times, the oldest first.

    An answer to another question, or whose times are in another zone than is documented, is a
    `DataError`.
    """
    interval = question.get("interval", "")
    name, zone = _SERIES.get(question["function"], (f"Time Series ({interval})", "US/Eastern"))
    about, found = body.get("Meta Data"), body.get(name)
    pairs = list(found.items()) if isinstance(found, Mapping) else found
    if not isinstance(about, Mapping) or not isinstance(pairs, list):
        raise DataError(f"{TITLE} answered without 'Meta Data' or {name!r}; nothing was taken")
    said = {str(value).upper() for value in about.values()}
    asked = [value for name, value in question.items() if name in NAMES]
    if not {one.upper() for one in asked} <= said:
        raise DataError(f"{TITLE} was asked for {' '.join(asked)} and answered for something else")
    zones = [value for name, value in about.items() if name.endswith("Time Zone")]
    if zones != [zone]:
        raise DataError(f"{TITLE} says its times are of {zones}, not of {zone}; nothing was taken")
    if not all(isinstance(pair, tuple) for pair in pairs):
        raise DataError(f"{TITLE} answered with a list where rows by time were expected")
    return pairs[::-1]


def _rows(told: Told, asked: Asked) -> Rows:
    """Return the rows of an answer; currencies have no volume."""
    zone, length = (EASTERN, SECONDS) if asked.timeframe.is_intraday else (UTC, DAYS)
    opened = named_instants([text[:length] for text, _ in told.series], zone)
    rows = [row for _, row in told.series]
    opens, highs, lows, closes, volume = picked(rows, FIELDS, TITLE)
    has_volume = asked.instrument.asset_class is not AssetClass.FX
    return Rows(opened, opens, highs, lows, closes, volume if has_volume else None)


def _check_stamps(rows: Rows, asked: Asked) -> None:
    """Stop where times name the end of the bars: that they name the start is not documented."""
    opened = np.array([at for at in rows.opened if at is not None], dtype=np.int64)
    market = calendar(asked.instrument.calendar)
    stamp, said = evidence(opened, asked.timeframe, market)
    if stamp is Stamp.CLOSE:
        raise DataError(f"{TITLE} stamps bars of {asked.instrument.symbol} at their end: {said}")


def _month(moment: datetime) -> tuple[datetime, datetime]:
    """Return the begin and the end, in UTC, of the month of New York that `moment` is in."""
    local = moment.astimezone(EASTERN)
    first = datetime(local.year, local.month, 1)  # noqa: DTZ001 - the zone comes with the hours
    following = (first + timedelta(days=32)).replace(day=1)
    begins, ends = (at.replace(tzinfo=EASTERN).astimezone(UTC) for at in (first, following))
    return begins, ends
