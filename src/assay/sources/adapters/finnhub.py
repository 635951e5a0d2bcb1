"""Finnhub: currencies, metals, coins and American shares, a minute to an hour."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType

from assay.core.calendars.calendar import calendar
from assay.core.errors import DataError
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import Abilities, Limit, Page, Provider
from assay.sources.wire.backwards import page_back
from assay.sources.wire.customs import finnhub
from assay.sources.wire.http import Http
from assay.sources.wire.rows import SECOND, Asked, Rows, instants, picked

FIELDS = ("t", "o", "h", "l", "c", "v")
MONTH = timedelta(days=28)
"""Within the day of an answer at most a month is given; the shortest one is always one."""
SHARES = MappingProxyType(
    {Timeframe.M1: "1", Timeframe.M5: "5", Timeframe.M15: "15", Timeframe.M30: "30"}
)
RESOLUTIONS = MappingProxyType({**SHARES, Timeframe.H1: "60"})
_MARKET = {AssetClass.EQUITY: "stock", AssetClass.CRYPTO: "crypto"}
_DOLLARS = ("USD", "EUR", "GBP")
"""Coins against these are those of Coinbase; all others are those of Binance."""


class Finnhub(Provider):
    """Candles of Finnhub; its free plan has none today, and says so.

    Currencies and metals are those of Oanda. Hours of shares include what is traded before the
    session, and their days are divided by later splits while the rest is not: half hours and
    shorter ones alone are taken. From which zone a day of currencies is counted is not said.

    An answer leaves out older candles without a word where it would be too long, so that what is
    missing at its old end is asked for again until nothing is.
    """

    abilities = Abilities(
        title="Finnhub",
        bars=MappingProxyType(
            {
                AssetClass.EQUITY: frozenset(SHARES),
                AssetClass.FX: frozenset(RESOLUTIONS),
                AssetClass.METAL: frozenset(RESOLUTIONS),
                AssetClass.CRYPTO: frozenset(RESOLUTIONS),
            }
        ),
        # How many candles an answer holds is not said; people have counted 2,953 minutes.
        bars_a_call=2_500,
        # Sixty a minute on the free plan, and thirty a second on every plan.
        limits=(Limit(60, 60), Limit(30, 1)),
        licence="Personal use; passing the data on needs a licence of Finnhub.",
        document="https://finnhub.io/docs/api/stock-candles",
        keys=("key",),
        sign_up="https://finnhub.io/register",
        spans=dict.fromkeys(RESOLUTIONS, MONTH),
        reach=dict.fromkeys(RESOLUTIONS, timedelta(days=365)),
    )

    @cached_property
    def _http(self) -> Http:
        return self.holding(finnhub(self.access, self.abilities))

    @cached_property
    def _found(self) -> set[str]:
        """Return the symbols that it was seen to have."""
        return set()

    def named(self, instrument: Instrument) -> str:
        """See `Provider.named`: `AAPL`, `OANDA:EUR_USD`, `BINANCE:BTCUSDT`, `COINBASE:BTC-USD`."""
        base, symbol = instrument.base, instrument.symbol
        if instrument.asset_class is AssetClass.EQUITY:
            return symbol
        if instrument.asset_class is not AssetClass.CRYPTO:
            return f"OANDA:{base}_{instrument.quote}"
        if instrument.quote not in _DOLLARS:
            return f"BINANCE:{symbol}"
        return f"COINBASE:{base}-{symbol.removeprefix(base)}"

    def page(
        self, instrument: Instrument, timeframe: Timeframe, start: datetime, end: datetime
    ) -> Page:
        """See `Provider.page`; up to four weeks."""
        self.refuse_unoffered(instrument, timeframe)
        kind = _MARKET.get(instrument.asset_class, "forex")
        first = math.floor((start - timeframe.length).timestamp()) + 1

        def ask(close: datetime) -> tuple[Rows, datetime]:
            last = math.floor((close - timeframe.length).timestamp())
            answer = self._http.get(
                f"/api/v1/{kind}/candle",
                {
                    "symbol": self.symbol(instrument),
                    "resolution": RESOLUTIONS[timeframe],
                    "from": min(first, last),
                    "to": last,
                },
            )
            times, opens, highs, lows, closes, volume = _columns(answer.body)
            rows = Rows(instants(times, SECOND), opens, highs, lows, closes, volume)
            return rows, answer.at

        until, now = min(end, start + MONTH), self.access.clock.now()
        page = page_back(ask, Asked("Finnhub", instrument, timeframe, start, until, now))
        if not len(page.bars):
            self._refuse_unknown(instrument)
        return page

    def calls(
        self, instrument: Instrument, timeframe: Timeframe, start: datetime, end: datetime
    ) -> int:
        """See `Provider.calls`; an answer ends with the month, and after so many candles."""
        candles = calendar(instrument.calendar).expected_closes(timeframe, start, end).len()
        months = super().calls(instrument, timeframe, start, end)
        return max(months, -(-candles // self.abilities.bars_a_call))

    def _refuse_unknown(self, instrument: Instrument) -> None:
        """Stop with a `NotFoundError` if it lists no such symbol: it only has no candles then."""
        symbol = self.symbol(instrument)
        if symbol in self._found:
            return
        if instrument.asset_class is AssetClass.EQUITY:
            body = self._http.get("/api/v1/search", {"q": symbol}).body
            listed = body.get("result") if isinstance(body, Mapping) else body
        else:
            kind = _MARKET.get(instrument.asset_class, "forex")
            exchange = symbol.partition(":")[0].lower()
            listed = self._http.get(f"/api/v1/{kind}/symbol", {"exchange": exchange}).body
        if symbol not in picked(listed, ["symbol"], "Finnhub")[0]:
            raise self.unknown(instrument)
        self._found.add(symbol)


def _columns(body: object) -> list[list[object]]:
    """Return the columns of an answer; those of one without candles are empty."""
    if not isinstance(body, Mapping) or body.get("s") not in ("ok", "no_data"):
        raise DataError("Finnhub answered with something else than candles")
    if body["s"] == "no_data":
        return [[] for _ in FIELDS]
    columns = [body.get(field) for field in FIELDS]
    made = [column for column in columns if isinstance(column, list)]
    if len(made) != len(columns) or len({len(column) for column in made}) != 1:
        raise DataError("Finnhub answered with candles whose columns are not equally long")
    return made
