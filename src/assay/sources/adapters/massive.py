"""Massive, formerly Polygon: shares, indices, currencies and coins, minute by minute."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any

from assay.core.errors import AssayError, DataError, NotFoundError, RefusedError
from assay.core.secret import Secret
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import Abilities, Limit, Page, Provider
from assay.sources.wire.http import Http
from assay.sources.wire.rows import MILLI, Asked, Rows, instants, page_of, picked

ADDRESS = "https://api.massive.com"
MOST_MINUTES = 50_000
"""An answer is made of at most so many minute bars, whatever the length of its own."""
FIELDS = ("t", "o", "h", "l", "c", "v")
INTRADAY = frozenset({Timeframe.M1, Timeframe.M5, Timeframe.M10, Timeframe.M15, Timeframe.M30})
_PREFIX = {
    AssetClass.FX: "C:",
    AssetClass.METAL: "C:",
    AssetClass.CRYPTO: "X:",
    AssetClass.INDEX: "I:",
}


class Massive(Provider):
    """Aggregates of Massive, of prices as they were traded (not divided by later splits).

    Its free plan reaches back two years and answers five times a minute. Hours and days of shares
    include what is traded before and after the session, so that minutes to half hours alone are
    taken; a day of currencies ends at another hour than ours and is made of hours here.
    """

    abilities = Abilities(
        title="Massive",
        bars=MappingProxyType(
            {
                AssetClass.EQUITY: INTRADAY,
                AssetClass.INDEX: INTRADAY,
                AssetClass.FX: INTRADAY | {Timeframe.H1},
                AssetClass.METAL: INTRADAY | {Timeframe.H1},
                AssetClass.CRYPTO: INTRADAY | {Timeframe.H1},
            }
        ),
        bars_a_call=MOST_MINUTES,
        limits=(Limit(5, 60),),
        licence="Individual use of the free plan; passing the data on needs a licence of Massive.",
        document="https://massive.com/docs/rest/stocks/aggregates/custom-bars",
        keys=("key",),
        sign_up="https://massive.com/dashboard/signup",
        reach={timeframe: timedelta(days=730) for timeframe in (*INTRADAY, Timeframe.H1)},
    )

    @cached_property
    def _http(self) -> Http:
        key = self.access.secret(self.abilities, "key")
        return self.holding(
            Http(
                self.access,
                self.abilities,
                ADDRESS,
                headers={"Authorization": Secret(f"Bearer {key.reveal()}")},
                fault=_fault,
            )
        )

    def named(self, instrument: Instrument) -> str:
        """See `Provider.named`: `C:EURUSD`, `X:BTCUSD`, `I:SPX`, `AAPL`."""
        return _PREFIX.get(instrument.asset_class, "") + instrument.symbol

    def page(
        self, instrument: Instrument, timeframe: Timeframe, start: datetime, end: datetime
    ) -> Page:
        """See `Provider.page`."""
        self.refuse_unoffered(instrument, timeframe)
        size = "1/hour" if timeframe is Timeframe.H1 else f"{timeframe.minutes}/minute"
        first, last = (_millis(at - timeframe.length) for at in (start, end))
        answer = self._http.get(
            f"/v2/aggs/ticker/{self.symbol(instrument)}/range/{size}/{first + 1}/{last}",
            {"adjusted": "false", "sort": "asc", "limit": MOST_MINUTES},
        )
        found = answer.body.get("results", [])
        if not found and not answer.body.get("resultsCount"):
            self._refuse_unknown(instrument)
        times, opens, highs, lows, closes, volume = picked(found, FIELDS, "Massive")
        rows = Rows(instants(times, MILLI), opens, highs, lows, closes, volume)
        asked = Asked("Massive", instrument, timeframe, start, end, answer.at)
        return page_of(rows, asked, more=bool(answer.body.get("next_url")))

    def calls(
        self, instrument: Instrument, timeframe: Timeframe, start: datetime, end: datetime
    ) -> int:
        """See `Provider.calls`; an answer is counted in minutes."""
        return super().calls(instrument, Timeframe.M1, start, end)

    def _refuse_unknown(self, instrument: Instrument) -> None:
        """Stop with a `NotFoundError` if it knows no such ticker: of bars it only has none then."""
        try:
            self._http.get(f"/v3/reference/tickers/{self.symbol(instrument)}")
        except NotFoundError:
            raise self.unknown(instrument) from None


def _fault(status: int, body: Any) -> AssayError | None:  # noqa: ANN401 - any JSON
    """Return what Massive says is wrong; a plan without the data is no wrong key."""
    if not isinstance(body, Mapping):
        return DataError("Massive answered with a list where an object was expected")
    said = str(body.get("message") or body.get("error") or "no reason")
    if body.get("status") == "NOT_AUTHORIZED" and "plan" in said:
        return RefusedError(f"Massive's plan does not include what was asked: {said}")
    return None


def _millis(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
