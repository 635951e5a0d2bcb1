"""Binance.US: coins against dollars and coins, a minute to a day, for the United States."""

from datetime import UTC, datetime

from assay.core.values.instrument import AssetClass
from assay.sources.klines import COINS, KlineExchange
from assay.sources.provider import Abilities, Limit


class BinanceUs(KlineExchange):
    """Spot of Binance.US, an exchange of its own.

    Little is traded there: its volumes are a few per cent of those of the large exchanges, and
    minutes without a trade are many.
    """

    abilities = Abilities(
        title="Binance.US",
        bars=COINS,
        bars_a_call=1000,
        # The request weight in the example of its rateLimits, which /api/v3/exchangeInfo gives.
        limits=(Limit(1200, 60),),
        licence="Market data for your own use by its terms; ask Binance.US before passing them on.",
        document="https://docs.binance.us/#get-candlestick-data",
        live=COINS,
        volume_share={AssetClass.CRYPTO: 0.03},  # of the same pair on the large exchanges
    )
    opened = datetime(2019, 9, 17, tzinfo=UTC)
    weight = 2.5  # ccxt counts as for Binance: 0.4 for bars, which weigh 1 here, 4 for 10
    spot_stream = ("wss://stream.binance.us:9443", "/stream")
