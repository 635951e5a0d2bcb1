"""GeckoTerminal: what is traded in pools on chains, one pool at a time."""

import math
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any

from assay.core.errors import DataError, NotFoundError
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import Abilities, Limit, Page, Provider
from assay.sources.wire.backwards import page_back
from assay.sources.wire.http import Http
from assay.sources.wire.rows import SECOND, Asked, Rows, instants, picked

ADDRESS = "https://api.geckoterminal.com"
VERSION = "application/json;version=20230302"
MOST = 1_000
LATE = timedelta(seconds=60)
"""An answer may be so old, and its last candle with it."""
LENGTHS = MappingProxyType(
    {
        Timeframe.M1: ("minute", 1),
        Timeframe.M5: ("minute", 5),
        Timeframe.M15: ("minute", 15),
        Timeframe.H1: ("hour", 1),
        Timeframe.H4: ("hour", 4),
        Timeframe.D1: ("day", 1),
    }
)
EXAMPLE = "eth/0x11b815efb8f581194ae79006d24e0d814b7697f6"
"""A pool of wrapped ether and Tether."""
_POOL = re.compile(r"([a-z0-9_-]+)/([A-Za-z0-9]+)")


class Geckoterminal(Provider):
    """Candles of a pool, of the last half year; where nothing was swapped there is none.

    It has no symbols: a person says in which pool an instrument is traded. What the pool trades
    is compared with the instrument, wrapped coins counting as those in them, so that a price the
    other way round is not taken for it. Prices are in dollars for USD, else in the pool's own
    other token. Of what its volume is counted in it does not say anything.
    """

    abilities = Abilities(
        title="GeckoTerminal",
        bars=MappingProxyType({AssetClass.CRYPTO: frozenset(LENGTHS)}),
        bars_a_call=MOST,
        limits=(Limit(30, 60),),
        licence="Free use with a link to GeckoTerminal; it is a beta and may change.",
        document="https://docs.coingecko.com/reference/pool-ohlcv-contract-address",
        spans={timeframe: timeframe.length * MOST for timeframe in LENGTHS},
        reach=dict.fromkeys(LENGTHS, timedelta(days=180)),
    )

    @cached_property
    def _http(self) -> Http:
        return self.holding(Http(self.access, self.abilities, ADDRESS, headers={"Accept": VERSION}))

    def page(
        self, instrument: Instrument, timeframe: Timeframe, start: datetime, end: datetime
    ) -> Page:
        """See `Provider.page`; up to a thousand bars, those without a swap counted too."""
        self.refuse_unoffered(instrument, timeframe)
        path, aggregate = self._path(instrument, timeframe)

        def ask(close: datetime) -> tuple[Rows, datetime]:
            params: dict[str, str | int] = {
                "aggregate": aggregate,
                "before_timestamp": math.floor((close - timeframe.length).timestamp()) + 1,
                "limit": MOST,
                "currency": "usd" if instrument.quote == "USD" else "token",
                "token": "base",
            }
            try:
                answer = self._http.get(path, params)
            except NotFoundError:
                raise self.unknown(instrument) from None
            found = picked(_candles(answer.body), range(6), "GeckoTerminal")
            self._check(answer.body.get("meta"), instrument)
            times, opens, highs, lows, closes, volume = (column[::-1] for column in found)
            rows = Rows(instants(times, SECOND), opens, highs, lows, closes, volume)
            return rows, answer.at - LATE

        until, now = min(end, start + timeframe.length * MOST), self.access.clock.now()
        return page_back(ask, Asked("GeckoTerminal", instrument, timeframe, start, until, now))

    def _path(self, instrument: Instrument, timeframe: Timeframe) -> tuple[str, int]:
        """Return where bars of the pool that a person names are asked for, and of how many units.

        A `NotFoundError` says how to name one.
        """
        symbol = instrument.symbol
        named = _POOL.fullmatch(self.access.symbols.get(symbol, ""))
        if named is None:
            raise NotFoundError(
                f"GeckoTerminal has pools and no symbols: say in which one {symbol} is traded, in "
                f"assay.toml under [providers.{self.access.name}.symbols], with its network and "
                f'its address, for example {symbol} = "{EXAMPLE}"'
            )
        unit, aggregate = LENGTHS[timeframe]
        return f"/api/v2/networks/{named[1]}/pools/{named[2]}/ohlcv/{unit}", aggregate

    def _check(self, meta: object, instrument: Instrument) -> None:
        """Stop with a `NotFoundError` where the pool trades something else."""
        tokens = [_symbol(meta, end) for end in ("base", "quote")]
        asked = [instrument.base, instrument.quote]
        compared = 1 if instrument.quote == "USD" else 2
        for token, wanted in zip(tokens[:compared], asked[:compared], strict=True):
            if token.upper() not in (wanted, f"W{wanted}"):
                raise NotFoundError(
                    f"GeckoTerminal's pool {self.symbol(instrument)} prices {tokens[0]} in "
                    f"{tokens[1]}, and {instrument.symbol} is {asked[0]} in {asked[1]}; name "
                    f"another one in assay.toml under [providers.{self.access.name}.symbols]"
                )


def _candles(body: Any) -> object:  # noqa: ANN401 - any JSON
    """Return the list of candles of an answer."""
    data = body.get("data") if isinstance(body, Mapping) else None
    attributes = data.get("attributes") if isinstance(data, Mapping) else None
    return attributes.get("ohlcv_list") if isinstance(attributes, Mapping) else None


def _symbol(meta: object, end: str) -> str:
    token = meta.get(end) if isinstance(meta, Mapping) else None
    symbol = token.get("symbol") if isinstance(token, Mapping) else None
    if not isinstance(symbol, str):
        raise DataError("GeckoTerminal answered without the tokens of the pool")
    return symbol
