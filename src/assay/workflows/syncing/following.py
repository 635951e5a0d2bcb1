"""How one source is followed: over its stream, or by asking when bars are due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.errors import AssayError, RefusedError, TransientError, UserError
from assay.core.values.bars import BAR_SCHEMA
from assay.sources.provider import LiveBars, Page, Provider
from assay.workflows.data import resample_series
from assay.workflows.syncing.happenings import What
from assay.workflows.syncing.keeping import Gained, Keeper
from assay.workflows.syncing.routes import Route

if TYPE_CHECKING:
    from assay.workflows.syncing.watching import Watcher

MUTE_AFTER = 3
"""So many bars that were due and did not come make a stream suspect."""
GRACE = timedelta(seconds=5)
"""So long after its close a bar is asked for where no stream brings it."""


@dataclass
class Line:
    """The stream of one source."""

    watcher: "Watcher"
    source: str
    providers: Mapping[str, Provider]
    routes: Sequence[Route]
    _heard: dict[str, datetime] = field(default_factory=dict)
    _delivered: bool = False

    def follow(self) -> None:
        """Connect, listen, and connect again until the watch is over."""
        failures = 0
        while not self.watcher.is_over:
            self._delivered = False
            try:
                self._once()
            except TransientError as error:
                failures = 0 if self._delivered else failures + 1
                self.watcher.say(What.DROPPED, self.source, str(error))
                self.watcher.wait(failures, error.retry_after if failures else 0.0)
            except (RefusedError, UserError) as error:
                self.watcher.say(
                    What.FAILED, self.source, f"{error}; its bars are asked for when they are due"
                )
                Round(self.watcher, self.providers, self.routes).follow()
                return

    def _once(self) -> None:
        provider = self.providers[self.source]
        series = [(route.instrument, route.timeframe) for route in self.routes]
        with provider.stream(series) as stream:
            self.watcher.say(What.CONNECTED, self.source, "The stream is open")
            self.watcher.catch_up(self.routes, self.providers)
            now = self.watcher.desk.clock.now()
            self._heard = {str(route): now for route in self.routes}
            while not self.watcher.is_over:
                heard = stream.next(self.watcher.check_seconds)
                if heard is not None and len(heard.bars):
                    self._keep(heard)
                    self._delivered = True
                self._suspect()

    def _keep(self, heard: LiveBars) -> None:
        """Store live bars; where they do not follow the last stored one, ask for the others."""
        desk, bars = self.watcher.desk, heard.bars
        symbol, timeframe = bars.instrument.symbol, bars.timeframe
        route = next(
            one
            for one in self.routes
            if (one.instrument.symbol, one.timeframe) == (symbol, timeframe)
        )
        self._heard[str(route)] = desk.clock.now()
        if not heard.corrected and self._leaves_a_gap(route, bars.first_time):
            sentence = f"A bar of {route} does not follow the last stored one; the others are asked"
            self.watcher.say(What.GAP, self.source, sentence, symbol=symbol, timeframe=timeframe)
            self.watcher.catch_up([route], self.providers)
        keeper = Keeper(desk, route, self.source)
        keeper.take(Page(bars, (), bars.last_time))
        keeper.store()
        self._told(route, keeper.gained)

    def _told(self, route: Route, gained: Gained) -> None:
        symbol, timeframe = route.instrument.symbol, route.timeframe
        if gained.added + gained.filled:
            self.watcher.stored(self.source, symbol, timeframe, gained.added + gained.filled)
        if gained.corrected:
            self.watcher.say(
                What.CORRECTED,
                self.source,
                f"{gained.corrected:,} stored bars of {route} were corrected",
                symbol=symbol,
                timeframe=timeframe,
                bars=gained.corrected,
            )
        for longer in route.made:
            resample_series(self.watcher.desk, symbol, timeframe, longer)

    def _leaves_a_gap(self, route: Route, first: datetime) -> bool:
        """Say whether the calendar expects bars between the last stored one and `first`."""
        desk, symbol = self.watcher.desk, route.instrument.symbol
        if not desk.has(symbol, route.timeframe):
            return True
        last = desk.bars.info(symbol, route.timeframe).last
        if first <= last:
            return False
        return len(_expected(route, last, first - route.timeframe.length)) > 0

    def _suspect(self) -> None:
        """Ask the source itself where bars were due and none came; a mute stream is left."""
        now = self.watcher.desk.clock.now()
        quiet = [
            route
            for route in self.routes
            if len(_expected(route, self._heard[str(route)], now)) >= MUTE_AFTER
        ]
        if not quiet:
            return
        for route in quiet:
            self._heard[str(route)] = now
        if self.watcher.catch_up(quiet, self.providers):
            names = ", ".join(str(route) for route in quiet)
            self.watcher.say(
                What.MUTE, self.source, f"The stream was silent on {names}, and there were bars"
            )
            raise TransientError(f"The stream of {self.source} is mute; it is opened again", 1.0)


@dataclass
class Round:
    """The series of one source that are asked for when their bars have closed."""

    watcher: "Watcher"
    providers: Mapping[str, Provider]
    routes: Sequence[Route]

    def follow(self) -> None:
        """Ask for what is due, wait for the next close, and so on until the watch is over."""
        failures = 0
        while not self.watcher.is_over:
            begun = self.watcher.desk.clock.now()
            try:
                self.watcher.catch_up(self.routes, self.providers)
            except AssayError:
                failures += 1
                self.watcher.wait(failures)
            else:
                failures = 0
                self._wait_for_the_next(begun)

    def _wait_for_the_next(self, begun: datetime) -> None:
        """Wait for the first close after the last question was begun: it may be over by now."""
        desk = self.watcher.desk
        due = min(_next_close(route, begun) for route in self.routes) + GRACE
        while not self.watcher.is_over and desk.clock.now() < due:
            desk.reach.stopped.wait(self.watcher.check_seconds)


def _expected(route: Route, after: datetime, until: datetime) -> pl.Series:
    """Return the closes that the calendar expects after one time and by another."""
    if until <= after:
        return pl.Series("time", [], BAR_SCHEMA["time"])
    closes = calendar(route.instrument.calendar).expected_closes(route.timeframe, after, until)
    return closes.filter(closes > after)


def _next_close(route: Route, now: datetime) -> datetime:
    """Return when the next bar closes; within ten days, for no market rests longer."""
    found = _expected(route, now, now + timedelta(days=10))[0]
    assert isinstance(found, datetime)
    return found
