"""MetaTrader 5: bars of a broker's terminal, through its maker's package or AssayBridge.mq5."""

import importlib
import importlib.util
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from assay.core.calendars.calendar import calendar
from assay.core.calendars.table import moment_of
from assay.core.errors import DataError, NotFoundError, SettingsError
from assay.core.instruments import instrument as called
from assay.core.values.bars import Bars
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.clocks import Clocks, parse_clock
from assay.sources.contract import Note
from assay.sources.provider import EARLIEST, Abilities, Access, Limit, Page, Provider, no_rows
from assay.sources.terminal.answers import (
    MOST_BARS,
    PERIODS,
    Bridge,
    Terminal,
    Told,
    Wanted,
    seconds,
)
from assay.sources.terminal.folder_channel import FolderChannel
from assay.sources.terminal.frames import TITLE
from assay.sources.terminal.history import History, hourly
from assay.sources.terminal.library import Library
from assay.sources.terminal.server_clock import (
    SLACK,
    ahead,
    chosen,
    covered_until,
    fits,
    opened,
    seen,
    server_seconds,
)
from assay.sources.terminal.socket_channel import LOOPBACK, SocketChannel
from assay.sources.wire.rows import Asked, Rows, page_of, picked

PACKAGE = "MetaTrader5"
WITNESS = called("EURUSD")
"""Its week shows the server's clock where the instrument that is asked for is no currency pair."""
EVIDENCE = timedelta(days=400)
"""So much history at least, for in it Europe and America change their clocks apart."""
BEFORE = timedelta(days=21)
GRACE = 120
"""Seconds by which a terminal's computer may be fast before a bar is taken too early."""
ALL = frozenset(PERIODS)


_PORT = re.compile(rf"tcp://(?:{re.escape(LOOPBACK)}|localhost):(\d{{1,5}})/?")


@dataclass(frozen=True, slots=True)
class _Known:
    """The server's clock, shown by bars asked for from `since` and found from `first` on.

    It holds up to `until`, None where for ever.
    """

    clocks: Clocks
    since: datetime = EARLIEST
    first: datetime = EARLIEST
    until: datetime | None = None
    notes: tuple[Note, ...] = ()


class MetaTrader5(Provider):
    """Bars of a terminal, read alone: nothing here, nor in the bridge, can send an order.

    Without an address the package `MetaTrader5` is used, which there is for Windows alone; with
    `tcp://127.0.0.1:PORT` or `file:FOLDER` an expert on a chart, AssayBridge.mq5, answers. Volume
    counts quotes. Hours of an index hold what is traded before and after its exchange's session, so
    that minutes to half hours alone are taken; days and four hours are cut by the server's clock
    and made of hours here. Shares are not offered: whether a broker divides its history by splits
    nobody says.
    """

    abilities = Abilities(
        title=TITLE,
        bars=MappingProxyType(
            {
                AssetClass.FX: ALL,
                AssetClass.METAL: ALL,
                AssetClass.CRYPTO: ALL,
                AssetClass.INDEX: ALL - {Timeframe.H1},
            }
        ),
        bars_a_call=MOST_BARS,
        limits=(Limit(10, 1),),  # no document: the expert looks for a question ten times a second
        licence="For the holder of the account, on the terms of the broker whose quotes they are.",
        document="https://www.mql5.com/en/docs/series/copyrates",
        keys=("token",),
        key_optional=True,
        sign_up="https://www.metatrader5.com/en/download",
    )

    def __init__(self, access: Access, library: Any = None) -> None:  # noqa: ANN401 - an untyped module
        super().__init__(access)
        self._library = library
        self._history: History | None = None
        self._clock: _Known | None = None

    def page(
        self, instrument: Instrument, timeframe: Timeframe, start: datetime, end: datetime
    ) -> Page:
        """See `Provider.page`."""
        self.refuse_unoffered(instrument, timeframe)
        history = self._opened(f"{instrument.symbol} {timeframe}")
        known = self._known(history, instrument, start)
        if known is None:
            return self._nothing(instrument, timeframe, start, end)
        clocks, notes = known.clocks, list(known.notes)
        first, last = (server_seconds(clocks, at - timeframe.length) for at in (start, end))
        wanted = Wanted(self.symbol(instrument), timeframe, first + 1, max(first + 1, last))
        try:
            told = history.told(wanted)
        except NotFoundError:
            raise self.unknown(instrument) from None
        notes += [*self._doubts(told, clocks), *_short(told, wanted, clocks)]
        rows, doubtful = _rows(told, clocks)
        if doubtful:
            said = (
                f"{doubtful:,} bars of {wanted.symbol} {timeframe} lie in an hour that the clock "
                f"of the server, {clocks.name}, shows twice or never and were left out"
            )
            notes.append(Note("doubtful_hour", said))
        self._refuse_older(rows, known, wanted.symbol)
        through = moment_of(covered_until(clocks, told.until)) + timeframe.length
        if through <= start:
            raise DataError(f"{TITLE} answered about a time before what was asked for")
        at = min(self.access.clock.now(), _theirs(told, clocks))
        asked = Asked(TITLE, instrument, timeframe, start, min(end, through), at)
        return page_of(rows, asked, more=False, notes=notes)

    def _refuse_older(self, rows: Rows, known: _Known, symbol: str) -> None:
        """Stop where bars are older than those that showed the clock."""
        stamps = [at for at in rows.opened if at is not None]
        if stamps and moment_of(min(stamps)) < known.first - SLACK:
            raise SettingsError(
                f"{TITLE} has bars of {symbol} before {known.first:%Y-%m-%d}, where those begin "
                f"that show the clock of its server; scroll the hourly chart of {WITNESS.symbol} "
                f"back, or say the clock in {self._settings} as its zone"
            )

    def _nothing(
        self, instrument: Instrument, timeframe: Timeframe, start: datetime, end: datetime
    ) -> Page:
        """Return the page of a terminal that holds no bar that would show the server's clock."""
        said = f"The terminal holds no bars of {self.symbol(instrument)}"
        through = max(start, min(end, self.access.clock.now()))
        none = Bars(instrument, timeframe, no_rows())
        return Page(none, (Note("history_short", said),), through, current=through < end)

    def _opened(self, what: str) -> History:
        if self._history is None:
            self._history = History(self._terminal(what), self.access, self.abilities)
        return self._history

    def _terminal(self, what: str) -> Terminal:
        address = self.access.address
        if address is None:
            return Library(self._library or _package(what, self._settings), self.access.clock)
        if address.startswith("file:"):
            folder = address.removeprefix("file:").removeprefix("//")
            return self._bridge(FolderChannel(Path(folder).expanduser()))
        found = _PORT.fullmatch(address)
        if found and 0 < int(found[1]) < 2**16:
            return self._bridge(SocketChannel.at(int(found[1])))
        raise SettingsError(
            f"{TITLE} is reached at tcp://{LOOPBACK}:PORT or file:FOLDER; {address!r} is neither"
        )

    def _bridge(self, channel: FolderChannel | SocketChannel) -> Bridge:
        token = self.access.secrets.get("token")
        words = token.reveal() if token else ""
        return Bridge(channel, words, self.access.where("token"), self.access.timeout)

    @property
    def _settings(self) -> str:
        return f"assay.toml under [providers.{self.access.name}]"

    def _known(self, history: History, instrument: Instrument, start: datetime) -> _Known | None:
        """Return the server's clock, or None where the terminal has no bars that need one."""
        if self.access.zone is not None:
            return _Known(parse_clock(self.access.zone))
        now, known = self.access.clock.now(), self._clock
        if known and known.since <= start and (known.until is None or now < known.until):
            return known
        since = max(EARLIEST, min(start, now - EVIDENCE) - BEFORE)
        witness = instrument if instrument.asset_class is AssetClass.FX else WITNESS
        told = self._witnessed(history, witness, instrument, since)
        hours = hourly(told)
        if not hours.height and witness is instrument:
            return None
        verdict, times = seen(hours, calendar(witness.calendar)), hours["time"].to_numpy()
        clocks, until = chosen(verdict, times, told[-1].offset, now, self._settings)
        note = Note("server_clock", f"The clock of the server is {clocks.name}: {verdict.said}")
        first = moment_of(covered_until(clocks, int(times[0])))
        whole = first > since + BEFORE  # the terminal holds nothing older
        self._clock = _Known(clocks, EARLIEST if whole else since, first, until, (note,))
        return self._clock

    def _witnessed(
        self, history: History, witness: Instrument, instrument: Instrument, since: datetime
    ) -> list[Told]:
        try:
            return list(history.hours(self.symbol(witness), since))
        except NotFoundError:
            if witness is instrument:
                raise self.unknown(instrument) from None
            raise SettingsError(
                f"{TITLE} shows its server's clock by {witness.symbol}, which it calls otherwise: "
                f"say how in {self._settings[:-1]}.symbols], or say the clock as its zone"
            ) from None

    def _doubts(self, told: Told, clocks: Clocks) -> Sequence[Note]:
        """Return a note where the terminal contradicts a person; where it contradicts us, stop."""
        now = self.access.clock.now()
        if fits(clocks, told.offset, now):
            return ()
        said = f"the terminal says that it is {ahead(told.offset)} ahead of UTC now"
        if self.access.zone is not None:
            words = f"The clock of the server was said to be {clocks.name}, but {said}"
            return (Note("clock_doubt", words),)
        self._clock = None
        raise SettingsError(
            f"{TITLE}: the clock of its server was {clocks.name}, but {said}; ask again, or say "
            f"the clock in {self._settings} as its zone"
        )


def _package(what: str, settings: str) -> Any:  # noqa: ANN401 - an untyped module
    """Return the package of the terminal's maker, where there is one."""
    if importlib.util.find_spec(PACKAGE) is not None:
        return importlib.import_module(PACKAGE)
    raise SettingsError(
        f"{TITLE} was asked for {what}; no terminal answers: on Windows pip install {PACKAGE} and "
        f"log in; elsewhere attach AssayBridge.mq5 to a chart and set address in {settings} to "
        f"tcp://{LOOPBACK}:8765 or to file: and the terminal's folder Common/Files"
    )


def _rows(told: Told, clocks: Clocks) -> tuple[Rows, int]:
    """Return the rows in UTC, and how many were left out for the hour they lie in."""
    columns = picked(told.rows, range(6), TITLE)
    stamps = seconds(columns[0])
    single = np.unique(np.array([at for at in stamps if at is not None], dtype=np.int64))
    values, certain = opened(clocks, single)
    utc = dict(zip(single.tolist(), values.tolist(), strict=True))
    doubtful = set(single[~certain].tolist())
    kept = [place for place, at in enumerate(stamps) if at not in doubtful]
    prices = [[column[place] for place in kept] for column in columns[1:]]
    times = [None if (at := stamps[place]) is None else utc[at] for place in kept]
    return Rows(times, *prices), len(stamps) - len(kept)


def _short(told: Told, wanted: Wanted, clocks: Clocks) -> Sequence[Note]:
    """Return a note where the terminal holds only the younger part of what was asked for."""
    if not told.older or told.oldest is None or told.oldest <= wanted.first:
        return ()
    oldest = moment_of(covered_until(clocks, told.oldest))
    return (
        Note(
            "history_short",
            f"The terminal holds {wanted.timeframe} bars of {wanted.symbol} from "
            f"{oldest:%Y-%m-%d %H:%M} UTC on, and older ones were asked for; raise Max bars in "
            f"chart (now {told.limit:,}) in its options, or scroll its chart back",
        ),
    )


def _theirs(told: Told, clocks: Clocks) -> datetime:
    """Return until when, by the terminal, a bar must have closed to be closed."""
    quoted = moment_of(covered_until(clocks, told.ticked))
    reckoned = datetime.fromtimestamp(told.gmt - GRACE, UTC)
    return max(quoted, reckoned)
