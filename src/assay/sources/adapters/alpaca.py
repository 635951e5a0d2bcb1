"""Alpaca: American shares as they trade on IEX, and coins; past and live."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from types import MappingProxyType
from typing import Any

from assay.core.calendars.table import micro, moment_of
from assay.core.errors import AssayError, DataError, NotFoundError, RefusedError
from assay.core.secret import Secret
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import Abilities, Limit, Page, Provider, Stream
from assay.sources.wire.http import Http
from assay.sources.wire.live import LiveStream, Told
from assay.sources.wire.rows import Asked, Rows, named_instants, page_of, picked
from assay.sources.wire.socket import Socket

ADDRESS = "https://data.alpaca.markets"
STREAM = "wss://stream.data.alpaca.markets"
MOST_ROWS = 10_000
MOST_STREAMED = 30
"""Symbols that a stream of the free plan carries."""
BEGINNING = datetime(2015, 1, 1, tzinfo=UTC)
"""Nothing there is older."""
HALF_DEAD = 90.0
"""Seconds after which Alpaca lets go of a stream that broke off; until then it counts as open."""
FIELDS = ("t", "o", "h", "l", "c", "v")
INTRADAY = frozenset({Timeframe.M1, Timeframe.M5, Timeframe.M10, Timeframe.M15, Timeframe.M30})
_PATHS = {
    AssetClass.EQUITY: ("/v2/stocks/bars", "/v2/iex"),
    AssetClass.CRYPTO: ("/v1beta3/crypto/us/bars", "/v1beta3/crypto/us"),
}


class Alpaca(Provider):
    """Bars of Alpaca, of prices as they were traded (`adjustment=raw`).

    Shares are those of the exchange IEX alone, the feed that its free plan streams: two to three
    per cent of all that is traded, so that volumes are small and prices of quiet minutes missing.
    Hours and days of shares include what is traded before and after the session, so that minutes
    to half hours alone are taken. Bars of coins also hold the middle between bid and ask, with a
    volume of 0 where nothing was traded; when their days end is said nowhere, and was another hour
    than 00:00 UTC until 2025, so that they are made of hours here. Past bars of coins need no key,
    all else does.
    """

    abilities = Abilities(
        title="Alpaca",
        bars=MappingProxyType(
            {AssetClass.EQUITY: INTRADAY, AssetClass.CRYPTO: INTRADAY | {Timeframe.H1}}
        ),
        bars_a_call=MOST_ROWS,
        limits=(Limit(200, 60),),
        volume_share=MappingProxyType({AssetClass.EQUITY: 0.025}),
        licence="Personal use; shares are trades of IEX alone, a few per cent of the market.",
        document="https://docs.alpaca.markets/reference/stockbars",
        keys=("key", "secret"),
        sign_up="https://app.alpaca.markets/signup",
        live=MappingProxyType(
            {
                AssetClass.EQUITY: frozenset({Timeframe.M1}),
                AssetClass.CRYPTO: frozenset({Timeframe.M1}),
            }
        ),
    )

    @cached_property
    def _keyed(self) -> Http:
        return self._reached(
            {
                "APCA-API-KEY-ID": self.access.secret(self.abilities, "key"),
                "APCA-API-SECRET-KEY": self.access.secret(self.abilities, "secret"),
            }
        )

    @cached_property
    def _open(self) -> Http:
        return self._reached({})

    @cached_property
    def _known(self) -> set[str]:
        """Return the symbols of which it was found to have bars."""
        return set()

    def named(self, instrument: Instrument) -> str:
        """See `Provider.named`: `AAPL`, `BTC/USD`."""
        if instrument.asset_class is AssetClass.CRYPTO:
            return f"{instrument.base}/{instrument.quote}"
        return instrument.symbol

    def page(
        self, instrument: Instrument, timeframe: Timeframe, start: datetime, end: datetime
    ) -> Page:
        """See `Provider.page`."""
        self.refuse_unoffered(instrument, timeframe)
        first, last = _begun(start, timeframe), _begun(end, timeframe) - timedelta(seconds=1)
        if last < first:
            nothing = Asked("Alpaca", instrument, timeframe, start, end, self.access.clock.now())
            return page_of(Rows([], [], [], [], [], []), nothing, more=False)
        size = "1Hour" if timeframe is Timeframe.H1 else f"{timeframe.minutes}Min"
        found, token, at = self._bars(instrument, size, first, last)
        if not found and token is None:
            self._refuse_unknown(instrument)
        asked = Asked("Alpaca", instrument, timeframe, start, end, at)
        return page_of(_rows(found), asked, more=token is not None)

    def stream(self, series: Sequence[tuple[Instrument, Timeframe]]) -> Stream:
        """See `Provider.stream`; Alpaca allows an account one stream of shares and one of coins."""
        self.refuse_unstreamed(series)
        key, secret = (self.access.secret(self.abilities, name) for name in self.abilities.keys)
        wanted = {self.symbol(one): (one, timeframe) for one, timeframe in series}
        path = _PATHS[series[0][0].asset_class][1]
        greeting = partial(_greet, key=key, secret=secret, symbols=list(wanted))
        socket = Socket(self.access, self.abilities, STREAM, path, greeting)
        return LiveStream(self.access, socket, series, partial(_told, socket, wanted))

    def _bars(
        self,
        instrument: Instrument,
        size: str,
        first: datetime,
        last: datetime,
        most: int = MOST_ROWS,
    ) -> tuple[object, str | None, datetime]:
        """Return the rows that opened from `first` to `last`, where it goes on, and the time."""
        is_share = instrument.asset_class is AssetClass.EQUITY
        symbol = self.symbol(instrument)
        asked: dict[str, str | int] = {
            "symbols": symbol,
            "timeframe": size,
            "start": f"{first:%Y-%m-%dT%H:%M:%SZ}",
            "end": f"{last:%Y-%m-%dT%H:%M:%SZ}",
            "limit": most,
            "sort": "asc",
        }
        if is_share:
            asked |= {"feed": "iex", "adjustment": "raw"}
        has_keys = all(self.access.secrets.get(name) for name in self.abilities.keys)
        http = self._keyed if is_share or has_keys else self._open
        try:
            answer = http.get(_PATHS[instrument.asset_class][0], asked)
        except NotFoundError:
            raise self.unknown(instrument) from None
        found = (answer.body["bars"] or {}).get(symbol) or []
        if found:
            self._known.add(symbol)
        return found, answer.body.get("next_page_token") or None, answer.at

    def _refuse_unknown(self, instrument: Instrument) -> None:
        """Stop with a `NotFoundError` if it has nothing of it at all; its answer is empty then too.

        What tells the two apart is said nowhere: the list of symbols is at another address, for
        trading, that a key of data need not reach. So the first month that it has is asked for.
        """
        if self.symbol(instrument) in self._known:
            return
        now = self.access.clock.now()
        found, _, _ = self._bars(instrument, "1Month", BEGINNING, now, most=1)
        if not found:
            raise self.unknown(instrument)

    def _reached(self, headers: Mapping[str, Secret]) -> Http:
        return self.holding(
            Http(self.access, self.abilities, ADDRESS, headers=headers, fault=_fault)
        )


def _begun(moment: datetime, timeframe: Timeframe) -> datetime:
    """Return when the bar that is open at `moment` began: what is asked for are whole bars."""
    length = timeframe.minutes * 60_000_000
    return moment_of(micro(moment) // length * length)


def _rows(found: object) -> Rows:
    times, opens, highs, lows, closes, volume = picked(found, FIELDS, "Alpaca")
    return Rows(named_instants(times), opens, highs, lows, closes, volume)


def _fault(status: int, body: Any) -> AssayError | None:  # noqa: ANN401 - any JSON
    """Return what Alpaca says is wrong; a plan without the data is no wrong key."""
    if not isinstance(body, Mapping):
        return DataError("Alpaca answered with something else than the object that was expected")
    if status < 300 and not isinstance(body.get("bars", ""), Mapping | None):
        return DataError("Alpaca answered without the bars by symbol that were expected")
    said = str(body.get("message") or "no reason")
    if status >= 400 and "subscription" in said:
        return RefusedError(f"Alpaca's plan does not include what was asked: {said}")
    if status in (400, 422) and said.lower().startswith("invalid symbol"):
        return NotFoundError(f"Alpaca says {said}")
    return None


def _greet(socket: Socket, key: Secret, secret: Secret, symbols: list[str]) -> None:
    """Hold Alpaca's opening conversation: both keys within ten seconds, then what is wanted."""
    _expect(socket, "success")
    socket.send({"action": "auth", "key": key.reveal(), "secret": secret.reveal()})
    _expect(socket, "success")
    socket.send({"action": "subscribe", "bars": symbols, "updatedBars": symbols})
    _expect(socket, "subscription")


def _expect(socket: Socket, kind: str) -> None:
    """Return when the next message is of a kind; it must be the only one."""
    body = socket.answer().body
    for message in _messages(socket, body):
        if message.get("T") == kind:
            return
    raise socket.unreadable(f"{kind!r} was expected, {body!r} was found")


def _told(
    socket: Socket, wanted: Mapping[str, tuple[Instrument, Timeframe]], body: object
) -> Sequence[Told]:
    """Return the bars in a message: those of a minute, and what a late trade made of one."""
    return [
        Told(wanted[str(message["S"])], _rows([message]), corrected=message["T"] == "u")
        for message in _messages(socket, body)
        if message.get("T") in ("b", "u") and message.get("S") in wanted
    ]


def _messages(socket: Socket, body: object) -> list[Mapping[str, Any]]:
    """Return the parts of a message; one that says what is wrong is raised."""
    if not isinstance(body, list) or not all(isinstance(one, Mapping) for one in body):
        raise socket.unreadable(repr(body))
    for one in body:
        if one.get("T") == "error":
            raise _wrong(socket, one.get("code"), f"{one.get('code')} {one.get('msg')}")
    return body


def _wrong(socket: Socket, code: object, said: str) -> AssayError:
    """Return the error that Alpaca means by a code of its stream."""
    if code == 402:
        return socket.refused_key(said)
    if code == 405:
        return socket.refused(f"{said}; its free plan streams {MOST_STREAMED} symbols")
    if code == 406:
        return socket.busy(
            f"is open elsewhere, and an account may have one ({said}); close the other, or wait "
            f"{HALF_DEAD:.0f} seconds if it has just broken off",
            HALF_DEAD,
        )
    if code in (404, 407, 500):
        return socket.busy(f"says {said}; connect again and ask for the bars since the last")
    return socket.refused(said)
