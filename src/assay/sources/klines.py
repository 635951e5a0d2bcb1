"""What Binance and the exchanges that speak its language have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar

from assay.core.errors import NotFoundError
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.exchanges import Exchange, is_perpetual
from assay.sources.provider import Limit, Stream
from assay.sources.wire.live import LiveStream, Series, Told
from assay.sources.wire.rows import MILLI, Rows, instants
from assay.sources.wire.socket import Socket
from assay.sources.wire.venue import Venue, Weights

COINS = MappingProxyType({AssetClass.CRYPTO: frozenset(Timeframe) - {Timeframe.M10}})
"""The bars it has; closes are those of UTC."""
USED = "x-mbx-used-weight-1m"
MOST_STREAMS = 1024
"""So many streams go over one line."""


class KlineExchange(Exchange):
    """An exchange with the interface of Binance: questions have weights, live bars a closing mark.

    Symbols that are traded no more (their status is BREAK) still give their history. `weight` is
    what one of ccxt's costs weighs, `spot_stream` the host and path that live bars come from.

    Live bars are read from the exchange's own stream and not through ccxt, which lets the mark go
    by which a bar is told to be closed.
    """

    is_ascending = True
    weight: ClassVar[float]
    spot_stream: ClassVar[tuple[str, str]]
    futures_stream: ClassVar[tuple[str, str]] = ("", "")
    futures_limits: ClassVar[tuple[Limit, ...]] = ()

    def market(self, *, perpetual: bool) -> Venue:
        """See `Exchange.market`; futures are another host, which counts for itself."""
        access, abilities, name = self.access, self.abilities, self.access.name
        if perpetual:
            access = replace(access, name=f"{name}-futures")
            abilities = replace(abilities, limits=self.futures_limits)
        return Venue(
            access,
            abilities,
            name,
            options={
                "fetchMarkets": {"types": ["linear" if perpetual else "spot"]},
                "defaultType": "swap" if perpetual else "spot",
            },
            weights=Weights(1 if perpetual else self.weight, USED),
        )

    def offers(self, instrument: Instrument, timeframe: Timeframe) -> bool:
        """See `Provider.offers`."""
        if is_perpetual(instrument) and not self.futures_limits:
            return False
        return super().offers(instrument, timeframe)

    def refuse_unoffered(self, instrument: Instrument, timeframe: Timeframe) -> None:
        """See `Provider.refuse_unoffered`."""
        if is_perpetual(instrument) and not self.futures_limits:
            title = self.abilities.title
            raise NotFoundError(f"{title} has no perpetual futures such as {instrument.symbol}")
        super().refuse_unoffered(instrument, timeframe)

    def stream(self, series: Sequence[Series]) -> Stream:
        """See `Provider.stream`; spot and perpetual futures are two lines, ask for them apart."""
        title = self.abilities.title
        is_future = self.refuse_mixed(series)
        if len(series) > MOST_STREAMS:
            raise NotFoundError(f"{title} gives {MOST_STREAMS:,} series over a stream, not more")
        # The exchange says nothing about a name it does not know: it is looked up.
        wanted = {
            f"{self.listing(one).name.lower()}@kline_{timeframe.value}": (one, timeframe)
            for one, timeframe in series
        }
        host, path = self.futures_stream if is_future else self.spot_stream
        socket = Socket(
            self.access, self.abilities, host, path, lambda line: _subscribe(line, list(wanted))
        )
        return LiveStream(self.access, socket, series, lambda body: _told(body, wanted, socket))


def _subscribe(line: Socket, streams: Sequence[str]) -> None:
    line.send({"method": "SUBSCRIBE", "params": list(streams), "id": 1})
    while True:
        body = line.answer().body
        if isinstance(body, Mapping) and body.get("id") == 1 and "result" in body:
            return
        wrong = body.get("error", body) if isinstance(body, Mapping) else None
        if isinstance(wrong, Mapping) and "code" in wrong:
            raise line.refused(str(wrong.get("msg") or wrong))


def _told(body: Any, wanted: Mapping[str, Series], line: Socket) -> Sequence[Told]:  # noqa: ANN401 - any JSON
    """Return the closed bar in a message `{"stream": "btcusdt@kline_1m", "data": …}`."""
    if not isinstance(body, Mapping):
        raise line.unreadable(str(body))
    event = body.get("data")
    if not isinstance(event, Mapping):
        return ()
    if event.get("e") == "serverShutdown":
        raise line.busy("is about to shut down; connect again", 1.0)
    bar, series = event.get("k"), wanted.get(str(body.get("stream")))
    if event.get("e") != "kline" or series is None:
        return ()
    if not isinstance(bar, Mapping) or not isinstance(bar.get("x"), bool):
        raise line.unreadable(str(event))
    if not bar["x"]:
        return ()
    return (Told(series, Rows(instants([bar.get("t")], MILLI), *([bar.get(n)] for n in "ohlcv"))),)
