"""Yahoo Finance's charts: shares, indices, currencies and coins without a key, unofficially."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import isfinite
from types import MappingProxyType
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import numpy as np

from assay.core.calendars.calendar import Calendar, calendar
from assay.core.calendars.grid import overlaps
from assay.core.calendars.table import micro
from assay.core.errors import (
    AssayError,
    DataError,
    HistoryError,
    NotFoundError,
    RefusedError,
    TransientError,
)
from assay.core.symbols import PERPETUAL
from assay.core.values.bars import PRICES, Bars
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Note
from assay.sources.provider import Abilities, Limit, Page, Provider, no_rows
from assay.sources.wire.http import Answer, Http
from assay.sources.wire.rows import SECOND, Asked, Rows, instants, page_of

ADDRESS = "https://query2.finance.yahoo.com"
AGENT = "Mozilla/5.0 (compatible; assay)"
"""Without a browser's name the answer is 429 to the first question."""
SLACK = timedelta(hours=2)
"""So much earlier than its own limit of reach nothing is asked for: time passes under way."""
DELAY = timedelta(minutes=30)
"""A market's last trades show at Yahoo so much later at most."""
LARGEST = 1e30
"""A greater price has no single precision."""
SHORT = frozenset({Timeframe.M1, Timeframe.M5, Timeframe.M15})
_INTERVALS = MappingProxyType({Timeframe.H1: ("1h", "60m")})
_INDICES = MappingProxyType(
    {
        "SPX": "^GSPC",
        "DJIA": "^DJI",
        "COMP": "^IXIC",
        "DAX": "^GDAXI",
        "CAC40": "^FCHI",
        "FTSE100": "^FTSE",
        "NIKKEI225": "^N225",
    }
)
"""Indices that go by another code elsewhere; a CFD on one (US500) is not among them."""
_SUFFIX = MappingProxyType({"XLON": ".L", "XTKS": ".T"})


class Yahoo(Provider):
    """What the charts of finance.yahoo.com are drawn from: no public interface, no promise.

    Neither cookie nor crumb is sent: charts are had without, as far as is known. Asked too often,
    it answers 429, or for another symbol or length than asked; the latter is noticed and refused.
    Prices of shares come divided by later splits, which are notes of the page. Half hours are made
    here of quarters, for Yahoo gives whole hours where it is asked for half ones. Hours of shares
    and indices begin at half past, and a day of currencies is London's, so neither is offered.
    """

    abilities = Abilities(
        title="Yahoo Finance",
        bars=MappingProxyType(
            {
                AssetClass.EQUITY: SHORT | {Timeframe.D1},
                AssetClass.INDEX: SHORT | {Timeframe.D1},
                AssetClass.FX: SHORT | {Timeframe.H1},
                AssetClass.METAL: SHORT | {Timeframe.H1},
                AssetClass.CRYPTO: SHORT | {Timeframe.H1, Timeframe.D1},
            }
        ),
        bars_a_call=20_000,  # an answer has no limit but its span; this is two years of hours
        limits=(Limit(60, 60),),  # nowhere written down; yfinance's users report so many
        licence=(
            "Unofficial, for personal use and without any promise of Yahoo: to look at and to test "
            "ideas on, not for live trading."
        ),
        document="https://github.com/ranaroussi/yfinance",
        spans={Timeframe.M1: timedelta(days=7)},
        reach={
            Timeframe.M1: timedelta(days=30) - SLACK,
            Timeframe.M5: timedelta(days=60) - SLACK,
            Timeframe.M15: timedelta(days=60) - SLACK,
            Timeframe.H1: timedelta(days=730) - SLACK,
        },
        adjusted=True,
    )

    @cached_property
    def _http(self) -> Http:
        headers = {"User-Agent": AGENT, "Accept": "application/json"}
        http = Http(self.access, self.abilities, ADDRESS, headers=headers, fault=_fault)
        return self.holding(http)

    def named(self, instrument: Instrument) -> str:
        """See `Provider.named`: `EURUSD=X`, `JPY=X`, `BTC-USD`, `^GSPC`, `BRK-B`, `VOD.L`.

        A metal has no name, for of metals there are futures alone: a person has to say so.
        """
        kind, symbol = instrument.asset_class, instrument.symbol
        base, money = instrument.base, instrument.quote
        if kind is AssetClass.METAL:
            raise NotFoundError(
                f"{self.abilities.title} has no spot price of {symbol}, only futures such as GC=F "
                f'on gold, whose prices differ; to use one all the same, say {symbol} = "GC=F" in '
                f"assay.toml under [providers.{self.access.name}.symbols]"
            )
        if kind is AssetClass.FX:
            return f"{money}=X" if base == "USD" else f"{base}{money}=X"
        if kind is AssetClass.CRYPTO:
            return symbol if symbol.endswith(PERPETUAL) else f"{base}-{money}"
        if kind is AssetClass.INDEX:
            return _INDICES.get(symbol, f"^{symbol}")
        suffix = _SUFFIX.get(instrument.calendar, "")
        return f"{symbol.removesuffix(suffix)}{suffix}" if suffix else symbol.replace(".", "-")

    def offers(self, instrument: Instrument, timeframe: Timeframe) -> bool:
        """See `Provider.offers`; a metal only where a person has named a future for it."""
        metal = instrument.asset_class is AssetClass.METAL
        if metal and instrument.symbol not in self.access.symbols:
            return False
        return super().offers(instrument, timeframe)

    def page(
        self, instrument: Instrument, timeframe: Timeframe, start: datetime, end: datetime
    ) -> Page:
        """See `Provider.page`."""
        ticker = self.symbol(instrument)
        self.refuse_unoffered(instrument, timeframe)
        first = max(start, self.earliest(timeframe))
        last = min(end, first + self.abilities.spans.get(timeframe, end - start))
        try:
            answer = self._asked(ticker, timeframe, first, last) if first < last else None
        except HistoryError:
            answer = None
        except NotFoundError:
            raise self.unknown(instrument) from None
        if answer is None:
            now, none = self.access.clock.now(), Bars(instrument, timeframe, no_rows())
            return Page(none, (), max(start, min(last, now)), current=now < last)
        chart = _part(answer.body, "chart", "result", 0)
        meta = _part(chart, "meta")
        if not isinstance(meta, Mapping):
            raise DataError(f"{self.abilities.title} answered with no chart of {ticker}")
        self._check(meta, instrument, timeframe)
        traded = meta.get("regularMarketTime")
        at = max(answer.at - DELAY, min(answer.at, _moment(traded)))
        asked = Asked(self.abilities.title, instrument, timeframe, start, last, at)
        market = calendar(instrument.calendar)
        rows = _rows(chart, traded, asked, market)
        return page_of(rows, asked, more=False, notes=_splits(chart, asked, market))

    def _asked(self, ticker: str, timeframe: Timeframe, first: datetime, last: datetime) -> Answer:
        lead = timeframe.length if timeframe.is_intraday else timedelta(0)
        return self._http.get(
            f"/v8/finance/chart/{quote(ticker, safe='=')}",
            {
                "period1": _seconds(first - timeframe.length) + 1,
                "period2": _seconds(last - lead) + 1,
                "interval": timeframe.value,
                "includePrePost": "false",
                "events": "div,splits",
            },
        )

    def _check(self, meta: Mapping[str, Any], instrument: Instrument, timeframe: Timeframe) -> None:
        """Stop where the answer is to another question, or in another currency than ours."""
        title, ticker = self.abilities.title, self.symbol(instrument)
        symbol, length = meta.get("symbol"), meta.get("dataGranularity")
        lengths = _INTERVALS.get(timeframe, (timeframe.value,))
        if _plain(symbol) != _plain(ticker) or length not in lengths:
            raise TransientError(
                f"{title} was asked for {ticker} {timeframe} and answered for {symbol} {length}, "
                "as it does when it is asked too often; try again later",
                60.0,
            )
        money = meta.get("currency")
        unsaid = money is None and instrument.asset_class is AssetClass.INDEX
        if money != instrument.quote and not unsaid:
            raise DataError(
                f"{title} quotes {ticker} in {money}, while {instrument.symbol} is in "
                f"{instrument.quote} here (GBp are pence, a hundredth of GBP); nothing was taken"
            )


def _fault(status: int, body: Any) -> AssayError | None:  # noqa: ANN401 - any JSON
    """Return what Yahoo says is wrong with the question; 429 and 5xx say enough themselves."""
    if status == 429 or status >= 500:
        return None
    error = _part(body, "chart", "error") or _part(body, "finance", "error")
    if not isinstance(error, Mapping):
        return None
    said = str(error.get("description") or error.get("code") or "no reason")
    if status in (401, 403):
        return RefusedError(f"Yahoo Finance answers no strangers at the moment: {said}")
    if said.startswith("Data doesn't exist for startDate"):
        return HistoryError(f"Yahoo Finance: {said}")
    if error.get("code") == "Not Found":
        return NotFoundError(f"Yahoo Finance: {said}")
    return RefusedError(f"Yahoo Finance refused the question: {said}")


def _rows(chart: Mapping[str, Any], traded: object, asked: Asked, market: Calendar) -> Rows:
    """Return the rows of a chart; those without any price are no bars, nor is the last price."""
    times = chart.get("timestamp") or []
    found = _part(chart, "indicators", "quote", 0) or {}
    columns = [_part(found, name) or [] for name in (*PRICES, "volume")]
    if not all(isinstance(one, list) and len(one) == len(times) for one in (times, *columns)):
        raise DataError(
            f"{asked.who} answered with columns of different lengths; nothing was taken"
        )
    opened = instants(times, SECOND)
    if not asked.timeframe.is_intraday:
        opened = [_date(at, market) for at in opened]
    kept = [i for i in range(len(times)) if any(one[i] is not None for one in columns[:4])]
    if kept and _is_last_price(opened[kept[-1]], traded, asked, market):
        kept.pop()
    if len(kept) > 1 and not asked.timeframe.is_intraday and opened[kept[-1]] == opened[kept[-2]]:
        del kept[-2]  # the day so far comes twice, and the later has the whole volume
    opens, highs, lows, closes = ([_decimal(one[i]) for i in kept] for one in columns[:4])
    volume = [columns[4][i] for i in kept]
    return Rows([opened[i] for i in kept], opens, highs, lows, closes, volume)


def _is_last_price(opened: int | None, traded: object, asked: Asked, market: Calendar) -> bool:
    """Say whether the last row is no bar but the price last traded, as Yahoo adds it."""
    if opened is None or not asked.timeframe.is_intraday or [opened] != instants([traded], SECOND):
        return False
    if opened % (asked.timeframe.minutes * 60 * SECOND):
        return True
    value = np.array([opened], dtype=np.int64)
    return not overlaps(market.table, value, value + 1).any()


def _splits(chart: Mapping[str, Any], asked: Asked, market: Calendar) -> Sequence[Note]:
    """Return a note for each split that the chart names."""
    found = _part(chart, "events", "splits")
    notes = []
    for split in found.values() if isinstance(found, Mapping) else ():
        at = _moment(_part(split, "date")).astimezone(ZoneInfo(market.zone))
        new, old = _part(split, "numerator"), _part(split, "denominator")
        said = (
            f"{asked.who} names a split of {asked.instrument.symbol} on {at:%Y-%m-%d}, "
            f"{new} for {old}; its earlier prices are divided by that"
        )
        notes.append(Note("split", said))
    return notes


def _date(opened: int | None, market: Calendar) -> int | None:
    """Return the midnight, as if it were UTC, of the market's date at `opened`."""
    if opened is None:
        return None
    local = _moment(opened // SECOND).astimezone(ZoneInfo(market.zone))
    return micro(datetime(local.year, local.month, local.day, tzinfo=UTC))


def _decimal(price: object) -> object:
    """Return a price without the tail of single precision: 190.1199951171875 is meant as 190.12."""
    if not isinstance(price, float) or not isfinite(price) or abs(price) > LARGEST:
        return price
    single = np.float32(price)
    return float(str(single)) if float(single) == price else price


def _part(value: object, *path: str | int) -> Any:  # noqa: ANN401 - any JSON
    """Return what lies at `path` in a JSON value, None if there is no such place."""
    for step in path:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, Mapping) else None
        else:
            value = value[step] if isinstance(value, list) and len(value) > step else None
    return value


def _plain(ticker: object) -> str:
    """Return a ticker as Yahoo has it: `USDJPY=X` is `JPY=X`."""
    name = str(ticker).upper()
    return name.removeprefix("USD") if name.endswith("=X") and len(name) == 8 else name


def _moment(seconds: object) -> datetime:
    """Return the time that is `seconds` since 1970, which itself stands for what is none."""
    try:
        return datetime.fromtimestamp(float(str(seconds)), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime(1970, 1, 1, tzinfo=UTC)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
