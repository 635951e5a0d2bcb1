"""A seeded market, hard and realistic, with a truth that only its judge may read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from assay.core.calendars.calendar import calendar
from assay.core.clock import utc
from assay.core.errors import NotFoundError, SettingsError
from assay.core.instruments import KNOWN
from assay.core.resample import resample
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.release import Release
from assay.core.values.story import Story
from assay.core.values.timeframe import Timeframe
from assay.sources.contract import Fetched, Note, Source
from assay.sources.simulation.answers import truth_text, write_whole
from assay.sources.simulation.factors import PROFILES
from assay.sources.simulation.grid import HOUR_US, STEPS_AN_HOUR, Grid, microseconds
from assay.sources.simulation.market import Market
from assay.sources.simulation.news import (
    FOLLOW_HOURS,
    RECAP_HOURS,
    Schedule,
    told_tones,
    world_stories,
    written,
)
from assay.sources.simulation.oracle import Figures
from assay.sources.simulation.plan import Decoy, Plan
from assay.sources.simulation.releases import CURRENCIES
from assay.sources.simulation.tape import tape
from assay.sources.simulation.world import World

FIRST_MOMENT = datetime(2016, 1, 4, tzinfo=UTC)
HOURS_A_YEAR = 8766


@dataclass(frozen=True, slots=True)
class _Made:
    """One instrument after its market has been rolled out."""

    tape: pl.DataFrame
    news: Schedule
    tones: NDArray[np.int8]
    plan: Plan
    figures: Figures


class Simulated(Source):
    """Bars, stories and releases out of a seed; everything it gives is simulated.

    The same seed and parameters give the same bytes, and an instrument's bars do not depend on
    which others take part. `timeframe` is the shortest there is (5m to 1h); longer bars are made
    of those. Half of the known instruments carry a planted edge in price, news or macro figures,
    the others none; sizes are solved for over the realised span, so a longer market is another
    market and not a longer copy. Nothing but `write_truth` tells what was planted.
    """

    simulated = True

    def __init__(
        self,
        *,
        seed: int,
        start: datetime = FIRST_MOMENT,
        years: float = 6.0,
        instruments: Sequence[Instrument] | None = None,
        timeframe: Timeframe = Timeframe.H1,
    ) -> None:
        if timeframe not in STEPS_AN_HOUR:
            raise SettingsError(
                f"The simulated market was asked for bars of {timeframe}; its shortest bars can be "
                f"{', '.join(STEPS_AN_HOUR)}"
            )
        if not 0.1 <= years <= 30.0 or seed < 0:
            raise SettingsError(
                f"The simulated market needs 0.1 to 30 years and a seed of 0 or more; found "
                f"{years:g} years and seed {seed}"
            )
        first = microseconds(utc(start, "start of the simulated market"))
        if first % HOUR_US:
            raise SettingsError(f"The simulated market starts at a full hour; found {start}")
        chosen = tuple(KNOWN.values()) if instruments is None else tuple(instruments)
        for one in chosen:
            _possible(one)
        self._instruments = {one.symbol: one for one in chosen}
        self._base = timeframe
        self._settings = {
            "seed": seed, "start": utc(start), "years": years, "timeframe": timeframe.value
        }  # fmt: skip
        grid = Grid(first, round(years * HOURS_A_YEAR), STEPS_AN_HOUR[timeframe])
        self._world = World(seed, grid)
        self._market = Market(self._world)
        self._made: dict[str, _Made] = {}

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """Return the instruments that take part."""
        return tuple(self._instruments.values())

    def bars(self, instrument: Instrument, timeframe: Timeframe) -> Fetched:
        """See `Source.bars`; a note says that they are simulated and how many are missing."""
        base = self._base
        if timeframe.minutes < base.minutes:
            raise SettingsError(
                f"{instrument.symbol} was asked for in {timeframe} bars; this simulated market's "
                f"shortest are {base}: start it with a shorter base timeframe"
            )
        made = self._of(instrument)
        shortest = Bars(instrument, base, made.tape.select(list(BAR_SCHEMA)))
        bars = resample(shortest, timeframe, calendar(instrument.calendar))
        expected = self._world.closes(instrument.calendar, base).size
        notes = (
            Note("simulated", f"These bars are simulated (seed {self._world.seed})"),
            Note(
                "outages",
                f"{expected - made.tape.height:,} of {expected:,} {base} bars are missing",
            ),
        )
        return Fetched(bars, notes)

    def spreads(self, instrument: Instrument) -> pl.DataFrame:
        """Return `time` (UTC, close of the base bar) and `half_spread` in the price's unit.

        Half the distance from bid to ask at the close of each base bar that there is.
        """
        return self._of(instrument).tape.select("time", "half_spread")

    def stories(self, until: datetime | None = None) -> Sequence[Story]:
        """See `Source.stories`; tone is for the reader to find out."""
        grid = self._world.grid
        told = world_stories(self._world.seed, grid)
        for instrument in self._instruments.values():
            made = self._of(instrument)
            told += written(self._world.seed, instrument, made.news, made.tones)
        last = utc(until) if until else None
        known = [story for story in told if last is None or story.seen_at <= last]
        return sorted(known, key=lambda story: (story.seen_at, story.instruments, story.source))

    def releases(self, until: datetime | None = None) -> Sequence[Release]:
        """See `Source.releases`; those of every currency, whoever takes part."""
        last = utc(until) if until else None
        every = [
            release
            for currency in CURRENCIES
            for release in self._world.agenda(currency).releases()
            if last is None or release.seen_at <= last
        ]
        return sorted(every, key=lambda one: (one.seen_at, one.currency, one.series))

    def write_truth(self, path: Path) -> None:
        """Write what was planted to `path` as JSON, for `evaluation.truth` and nobody else."""
        made = [self._of(instrument) for instrument in self._instruments.values()]
        parts = [(one.plan, one.figures) for one in made]
        write_whole(path, truth_text(self._settings, parts))

    def _of(self, instrument: Instrument) -> _Made:
        symbol = instrument.symbol
        if symbol not in self._instruments:
            raise NotFoundError(
                f"The simulated market has no {symbol!r}; it has {', '.join(self._instruments)}"
            )
        if symbol not in self._made:
            self._made[symbol] = self._make(self._instruments[symbol])
        return self._made[symbol]

    def _make(self, instrument: Instrument) -> _Made:
        rolled = self._market.roll(instrument)
        hours = FOLLOW_HOURS if rolled.plan.decoy is Decoy.FOLLOWS_PRICE else RECAP_HOURS
        total = np.concatenate([np.zeros(hours + 1), np.cumsum(rolled.moves)])
        before = np.searchsorted(rolled.time, rolled.news.event_us, side="right")
        move = total[before + hours] - total[before]
        tones = told_tones(self._world.seed, instrument.symbol, rolled.news, move)
        frame = tape(self._world, instrument, self._base, rolled)
        return _Made(frame, rolled.news, tones, rolled.plan, rolled.figures)


def _possible(instrument: Instrument) -> None:
    """Refuse an instrument whose parts the simulated world does not know."""
    if instrument.asset_class in (AssetClass.EQUITY, AssetClass.INDEX):
        return
    for part in (instrument.base, instrument.quote):
        if part not in PROFILES and part != "USDT":
            raise NotFoundError(
                f"The simulated market knows no {part}, which {instrument.symbol} needs; it knows "
                f"{', '.join(name for name in PROFILES if name != 'SHARES')}"
            )
