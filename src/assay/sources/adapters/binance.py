"""Binance: coins against coins, a minute to a day, and their perpetual futures."""

from datetime import UTC, datetime

from assay.sources.klines import COINS, KlineExchange
from assay.sources.provider import Abilities, Limit


class Binance(KlineExchange):
    """Spot and perpetual futures of Binance.

    It does not answer in some countries, the United States among them. Of perpetual futures only
    those that are settled in what they are quoted in are taken: BTCUSDT.P is BTC/USDT:USDT.
    """

    abilities = Abilities(
        title="Binance",
        bars=COINS,
        bars_a_call=1000,
        # "6,000 every minute", in its changelog of 2023-08-25; /api/v3/exchangeInfo says it too.
        limits=(Limit(6000, 60),),
        licence="Market data for your own use by Binance's terms; ask it before passing them on.",
        document=(
            "https://developers.binance.com/docs/binance-spot-api-docs/rest-api/"
            "market-data-endpoints"
        ),
        live=COINS,
    )
    opened = datetime(2017, 7, 14, tzinfo=UTC)
    weight = 5  # ccxt counts a weight of 1 as 0.2
    spot_stream = ("wss://stream.binance.com:9443", "/stream")
    futures_stream = ("wss://fstream.binance.com", "/market/stream")
    # The example of /fapi/v1/exchangeInfo in its documents of futures.
    futures_limits = (Limit(2400, 60),)
