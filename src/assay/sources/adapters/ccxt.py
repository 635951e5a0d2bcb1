"""Any other exchange that ccxt knows: the source `ccxt:kraken` is Kraken."""

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from assay.core.errors import NotFoundError
from assay.core.names import nearest
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.exchanges import Exchange
from assay.sources.provider import Abilities, Access, Limit, Stream
from assay.sources.wire.growing import GrowingStream
from assay.sources.wire.live import Series
from assay.sources.wire.proving import ProvingStream
from assay.sources.wire.socket import Socket
from assay.sources.wire.venue import Venue, library, streams

PREFIX = "ccxt:"
NEWEST = MappingProxyType({"kraken": 720})
"""Exchanges that give the newest bars alone, whatever is asked for, and how many of them."""
READ = frozenset(
    {"bitfinex", "bitget", "bitvavo", "bybit", "cryptocom", "htx", "kraken", "kucoin", "okx"}
)
"""Exchanges whose live bars of spot markets ccxt was found to read as their documents say.

The others' are compared with their history first: Gate's tell their volume in dollars, and its
history in coins.
"""


class Ccxt(Exchange):
    """An exchange through ccxt, which says how often it is asked and which bars it has.

    Nobody has tried them all: what is not known of an exchange is taken to its disadvantage. Most
    begin with the bar that is asked for; one that does not is noticed, and noted. Live bars come
    over its WebSocket where ccxt knows how to ask for them; where nobody has read whether they are
    those of the history (see `READ`), the bars themselves must show it (see `ProvingStream`).
    """

    abilities = Abilities(
        title="Ccxt",
        bars=MappingProxyType({AssetClass.CRYPTO: frozenset(Timeframe)}),
        bars_a_call=100,
        limits=(Limit(60, 60),),
        licence="Public market data by the terms of the exchange; most are for your own use.",
        document="https://docs.ccxt.com",
        live=MappingProxyType({AssetClass.CRYPTO: frozenset(Timeframe)}),
    )

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self._exchange = access.name.removeprefix(PREFIX)
        newest = NEWEST.get(self._exchange)
        self.abilities = replace(
            self.abilities,
            title=self._exchange.capitalize(),
            bars_a_call=newest or self.abilities.bars_a_call,
            # The open bar is one of them.
            reach={t: t.length * (newest - 1) for t in Timeframe} if newest else {},
            live=self.abilities.live if streams(self.access.name, self._exchange) else {},
        )

    def offers(self, instrument: Instrument, timeframe: Timeframe) -> bool:
        """See `Provider.offers`."""
        if not super().offers(instrument, timeframe):
            return False
        return timeframe in self.venue(instrument).timeframes

    def market(self, *, perpetual: bool) -> Venue:
        """See `Exchange.market`."""
        known = library(self.access.name).exchanges
        if self._exchange not in known:
            raise NotFoundError(
                f"{self.abilities.title} is no exchange that ccxt knows: write one like "
                f"ccxt:kraken{nearest(self._exchange, known)}"
            )
        options = {"defaultType": "swap" if perpetual else "spot"}
        made = Venue(self.access, self.abilities, self._exchange, options=options)
        if not made.has_candles:
            raise NotFoundError(f"{self.abilities.title} gives no bars to ccxt; take another")
        return made

    def stream(self, series: Sequence[Series]) -> Stream:
        """See `Provider.stream`."""
        self.refuse_unstreamed(series)
        perpetual = self.refuse_mixed(series)
        named = {(self.listing(one).symbol, length): (one, length) for one, length in series}
        talk = self.venue(series[0][0]).talk(list(named))
        socket = Socket(
            self.access,
            self.abilities,
            talk.address,
            talk.path,
            talk.greet,
            decode=talk.decoded,
            pinged=not talk.has_own_pings,
        )
        grown = GrowingStream(self.access, socket, talk, named)
        if self._exchange in READ and not perpetual:
            return grown
        return ProvingStream(self.abilities.title, grown, series, self.page)
