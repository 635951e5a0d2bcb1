"""CoinGecko: prices of coins over all exchanges together, of the last days."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any

from assay.core.calendars.grid import MINUTE
from assay.core.calendars.table import micro
from assay.core.errors import AssayError, CredentialError, NotFoundError, RefusedError
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import Abilities, Limit, Page, Provider
from assay.sources.wire.http import Http
from assay.sources.wire.rows import MILLI, Asked, Rows, instants, page_of, picked

ADDRESS = "https://api.coingecko.com"
DAYS = MappingProxyType({Timeframe.M30: (1,), Timeframe.H4: (7, 14, 30)})
"""The spans, in days until now, that are answered in bars of a length; a month is the longest."""
LATE = timedelta(minutes=35)
"""Answers are up to a quarter of an hour old, and the day is complete 35 minutes after midnight."""
KEYLESS = (Limit(5, 60),)
"""Without a key five to fifteen calls a minute are answered, as many as the others leave."""
NO_PLAN, WRONG_KEY = (10_005, 10_012), (10_002, 10_010, 10_011)
"""Codes of errors."""
COIN_IDS = MappingProxyType({
    "BTC": "bitcoin", "ETH": "ethereum", "BNB": "binancecoin", "XRP": "ripple", "SOL": "solana",
    "ADA": "cardano", "DOGE": "dogecoin", "TRX": "tron", "DOT": "polkadot",
    "MATIC": "matic-network", "POL": "polygon-ecosystem-token", "LTC": "litecoin",
    "BCH": "bitcoin-cash", "LINK": "chainlink", "AVAX": "avalanche-2", "ATOM": "cosmos",
    "UNI": "uniswap", "XLM": "stellar", "ETC": "ethereum-classic", "XMR": "monero",
    "FIL": "filecoin", "APT": "aptos", "ARB": "arbitrum", "OP": "optimism", "NEAR": "near",
    "ICP": "internet-computer", "HBAR": "hedera-hashgraph", "VET": "vechain", "ALGO": "algorand",
    "EOS": "eos", "XTZ": "tezos", "AAVE": "aave", "MKR": "maker", "SNX": "havven",
    "COMP": "compound-governance-token", "CRV": "curve-dao-token", "SUSHI": "sushi",
    "YFI": "yearn-finance", "GRT": "the-graph", "SAND": "the-sandbox", "MANA": "decentraland",
    "AXS": "axie-infinity", "FTM": "fantom", "EGLD": "elrond-erd-2", "THETA": "theta-token",
    "ZEC": "zcash", "DASH": "dash", "NEO": "neo", "IOTA": "iota", "QTUM": "qtum",
    "INJ": "injective-protocol", "SUI": "sui", "SEI": "sei-network", "TIA": "celestia",
    "PEPE": "pepe", "SHIB": "shiba-inu", "BONK": "bonk", "LDO": "lido-dao",
    "TON": "the-open-network", "IMX": "immutable-x", "STX": "blockstack",
})  # fmt: skip
"""Which of the many coins with a ticker is meant; of all others a person has to say so."""


class Coingecko(Provider):
    """Candles of the free plan: half hours of a day, four hours of a month, without volume.

    It knows no ranges but only spans until now, and chooses the length of the bars by them. The
    first candle of a span may begin before it and is left out, the latest come late.
    """

    abilities = Abilities(
        title="CoinGecko",
        bars=MappingProxyType({AssetClass.CRYPTO: frozenset(DAYS)}),
        bars_a_call=6 * 30,
        limits=(Limit(30, 60), Limit(10_000, 30 * 86_400)),
        licence="Personal use of the free plan, which asks that CoinGecko is named.",
        document="https://docs.coingecko.com/v3.0.1/reference/coins-id-ohlc",
        keys=("key",),
        key_optional=True,
        sign_up="https://www.coingecko.com/en/developers/dashboard",
        reach={timeframe: timedelta(days=days[-1]) for timeframe, days in DAYS.items()},
    )

    @cached_property
    def _http(self) -> Http:
        key = self.access.secrets.get("key")
        return self.holding(
            Http(
                self.access,
                self.abilities if key else replace(self.abilities, limits=KEYLESS),
                ADDRESS,
                headers={"x-cg-demo-api-key": key} if key else None,
                fault=self._fault,
            )
        )

    def named(self, instrument: Instrument) -> str:
        """See `Provider.named`: the id of a well-known coin."""
        plain = instrument.symbol == instrument.base + instrument.quote
        return COIN_IDS.get(instrument.base, "") if plain else ""

    def page(
        self, instrument: Instrument, timeframe: Timeframe, start: datetime, end: datetime
    ) -> Page:
        """See `Provider.page`."""
        self.refuse_unoffered(instrument, timeframe)
        coin = self._coin(instrument)
        needed = self.access.clock.now() - (start - timeframe.length)
        spans = DAYS[timeframe]
        days = next((one for one in spans if timedelta(days=one) >= needed), spans[-1])
        params: dict[str, str | int] = {"vs_currency": instrument.quote.lower(), "days": days}
        params["precision"] = "full"
        try:
            answer = self._http.get(f"/api/v3/coins/{coin}/ohlc", params)
        except NotFoundError:
            raise self.unknown(instrument) from None
        stamps, opens, highs, lows, closes = picked(answer.body, range(5), "CoinGecko")
        length = timeframe.minutes * MINUTE
        opened = [at if at is None else at - length for at in instants(stamps, MILLI)]
        rows = Rows(opened, opens, highs, lows, closes, None)
        theirs = answer.at + abs(timedelta(seconds=answer.skew))
        began = micro(theirs - timedelta(days=days))
        whole = [place for place, at in enumerate(opened) if at is None or at >= began]
        asked = Asked("CoinGecko", instrument, timeframe, start, end, answer.at - LATE)
        return page_of(rows.at(whole), asked, more=False)

    def _coin(self, instrument: Instrument) -> str:
        """Return the id of a coin; `NotFoundError` where only a person can know which is meant."""
        coin = self.symbol(instrument)
        if not coin:
            symbol = instrument.symbol
            raise NotFoundError(
                f"CoinGecko has an id for every coin, and which one {symbol} means is not known; "
                f"say so in assay.toml under [providers.{self.access.name}.symbols], for example "
                f'{symbol} = "bitcoin"'
            )
        return coin

    def _fault(self, status: int, body: Any) -> AssayError | None:  # noqa: ANN401 - any JSON
        """Return what CoinGecko says is wrong; a plan without the data is no wrong key."""
        code, said = _complaint(body)
        if code in NO_PLAN:
            return RefusedError(f"CoinGecko's plan does not include what was asked: {said}")
        if code in WRONG_KEY:
            where = self.access.where("key")
            return CredentialError(f"CoinGecko refused the key ({status}: {said}); check {where}")
        if said == "invalid vs_currency":
            return RefusedError(
                "CoinGecko has no prices in the currency that was asked for; a coin that stands "
                "for a dollar, as USDT does, is another currency than the dollar"
            )
        return None


def _complaint(body: object) -> tuple[object, str]:
    """Return the code and the words of an error, which are written in three ways."""
    found = body.get("error", body) if isinstance(body, Mapping) else None
    if not isinstance(found, Mapping):
        return None, str(found or "")
    status = found.get("status")
    told = status if isinstance(status, Mapping) else found
    return told.get("error_code"), str(told.get("error_message") or "")
