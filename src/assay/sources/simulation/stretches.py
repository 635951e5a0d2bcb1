"""The simulated market after its first years: it goes on, stretch by stretch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.instrument import Instrument
from assay.core.values.release import Release
from assay.core.values.story import Story
from assay.core.values.timeframe import Timeframe
from assay.sources.simulation.grid import STEPS_AN_HOUR, Grid, microseconds
from assay.sources.simulation.market import Carry, Market, Rolled
from assay.sources.simulation.news import (
    FOLLOW_HOURS,
    RECAP_HOURS,
    told_tones,
    world_stories,
    written,
)
from assay.sources.simulation.plan import Decoy
from assay.sources.simulation.releases import CURRENCIES
from assay.sources.simulation.tape import tape
from assay.sources.simulation.world import Seam, World

HOURS_A_STRETCH = 12 * 7 * 24
"""Whole weeks, so that the market is open, or shut, at every seam as at the first one."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A simulated market's first stretch: what it was made with, and how many hours it has."""

    seed: int
    start: datetime
    hours: int
    timeframe: Timeframe
    instruments: tuple[Instrument, ...]


@dataclass(frozen=True, slots=True)
class State:
    """Where stretch `seam.number` begins; all that is needed to make it and those after it."""

    start_us: int
    seam: Seam
    carries: Mapping[str, Carry]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one stretch brings, each in order of time; bars are of the shortest timeframe."""

    bars: Mapping[str, Bars]
    stories: Sequence[Story]
    releases: Sequence[Release]


def first_state(origin: Origin) -> State:
    """Return where the first stretch ends; as much work as to simulate it."""
    grid = Grid(microseconds(origin.start), origin.hours, STEPS_AN_HOUR[origin.timeframe])
    world = World(origin.seed, grid)
    market = Market(world)
    carries = {one.symbol: market.roll(one).carry for one in origin.instruments}
    return State(grid.end_us, world.end(1), carries)


def stretch(origin: Origin, state: State) -> tuple[Stretch, State]:
    """Return what comes after `state`, and where it ends.

    The same origin and state give the same bytes. Everything that was planted stays: the edges,
    their sizes, the costs, the days on which figures are published; prices, volatilities and what
    pulls pairs back to their factors go on from where they stood. Only what the last hours before
    the seam had set in motion is forgotten.
    """
    grid = Grid(state.start_us, HOURS_A_STRETCH, STEPS_AN_HOUR[origin.timeframe])
    world = World(origin.seed, grid, state.seam)
    market = Market(world, state.carries)
    bars: dict[str, Bars] = {}
    carries: dict[str, Carry] = {}
    stories = world_stories(world.seed, grid)
    for one in origin.instruments:
        rolled = market.roll(one)
        before = state.carries[one.symbol].moved
        frame = tape(world, one, origin.timeframe, rolled, before)
        bars[one.symbol] = Bars(one, origin.timeframe, _after(frame, grid))
        carries[one.symbol] = rolled.carry
        stories += _stories(world, one, rolled)
    stories.sort(key=lambda story: (story.seen_at, story.instruments, story.source))
    releases = [one for name in CURRENCIES for one in world.agenda(name).releases()]
    releases.sort(key=lambda one: (one.seen_at, one.currency, one.series))
    end = world.end(state.seam.number + 1)
    return Stretch(bars, stories, releases), State(grid.end_us, end, carries)


def _after(frame: pl.DataFrame, grid: Grid) -> pl.DataFrame:
    begin = pl.lit(grid.start_us).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return frame.filter(pl.col("time") > begin).select(list(BAR_SCHEMA))


def _stories(world: World, instrument: Instrument, rolled: Rolled) -> list[Story]:
    follows = rolled.plan.decoy is Decoy.FOLLOWS_PRICE
    hours = FOLLOW_HOURS if follows else RECAP_HOURS
    total = np.concatenate([np.zeros(hours + 1), np.cumsum(rolled.moves)])
    before = np.searchsorted(rolled.time, rolled.news.event_us, side="right")
    move = total[before + hours] - total[before]
    tones = told_tones(world.seed, instrument.symbol, rolled.news, move)
    return written(world.seed, instrument, rolled.news, tones)
