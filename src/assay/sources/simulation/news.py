"""When stories come, of what sort and tone, how late they are seen and who copies them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.story import Story
from assay.sources.simulation.chance import stream
from assay.sources.simulation.factors import LONDON, NEW_YORK
from assay.sources.simulation.grid import EPOCH, Floats, Grid, Times, bump, local_hour, weekday
from assay.sources.simulation.headlines import (
    DRAWS,
    Sort,
    copied,
    headlines,
    world_headlines,
)

A_DAY = {
    AssetClass.FX: 3.7,
    AssetClass.METAL: 3.7,
    AssetClass.CRYPTO: 3.7,
    AssetClass.EQUITY: 3.0,
    AssetClass.INDEX: 3.0,
}
"""Events a day by asset class; the same whether anything is planted or not."""
SHARES = (0.84, 0.07, 0.03, 0.03, 0.03)
"""Of drivers, calm, torn, beside the point, and tales of what the price has done."""
WORLD_A_DAY = 1.2
RECAP_HOURS = 12
FOLLOW_HOURS = 5
COPY_SHARE = 0.08
RETOLD = (0.70, 0.30)
"""Share of events that a second and a third desk write up in words of their own."""
SOURCES = ("Wire", "MarketDesk", "Ticker", "The Ledger", "FX Daily", "Capital Post")
MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class Schedule:
    """The stories of one instrument before they are written, in order of event time.

    `event_us`, `seen_us` (UTC microseconds), `sort` and `tone` (+1 good for the price, -1 bad, 0
    neither), each (n,). A tale (`Sort.RECAP`) has no tone before prices exist.
    """

    event_us: Times
    seen_us: Times
    sort: NDArray[np.int8]
    tone: NDArray[np.int8]


def schedule(
    seed: int, instrument: Instrument, grid: Grid, *, follows: bool, attempt: int = 0
) -> Schedule:
    """Return when stories come; with `follows` what should drive only tells of the past."""
    chance = stream(seed, instrument.symbol, "news times")
    counts = chance.poisson(_intensity(instrument, grid))
    hour = np.repeat(np.arange(grid.hours), counts)
    event = grid.closes[hour] - (chance.random(hour.size) * 59 * MINUTE_US).astype(np.int64)
    event -= event % 1_000_000
    event.sort()
    chance = stream(seed, instrument.symbol, "news tones", str(attempt))
    sort = chance.choice(len(SHARES), event.size, p=SHARES).astype(np.int8)
    tone = np.where(chance.random(event.size) < 0.5, -1, 1).astype(np.int8)
    if follows:
        sort[sort == Sort.DRIVER] = Sort.RECAP
    tone[sort != Sort.DRIVER] = 0
    delay = np.minimum(chance.lognormal(3.2, 1.1, event.size), 1500.0)
    return Schedule(event, event + (delay * 1e6).astype(np.int64), sort, tone)


def _intensity(instrument: Instrument, grid: Grid) -> Floats:
    """Return the expected number of stories in every hour (hours,)."""
    rate = A_DAY[instrument.asset_class]
    if instrument.asset_class is AssetClass.CRYPTO:
        return np.full(grid.hours, rate / 24.0)
    london = local_hour(LONDON, grid.start_us, grid.hours)
    york = local_hour(NEW_YORK, grid.start_us, grid.hours)
    shape = 0.35 + 0.9 * bump(london, 9.5, 2.5) + 1.0 * bump(york, 10.0, 2.5)
    day = weekday(grid)
    shape[(day == 5) | ((day == 6) & (york < 17))] = 0.04
    return np.asarray(rate * shape / (24.0 * 0.86))


def told_tones(seed: int, symbol: str, plan: Schedule, move: Floats) -> NDArray[np.int8]:
    """Return the tones with those of the tales filled in: the sign of the move they tell of.

    `move` (n,) is the log move before each story, 0 where unknown; one tale in eight has it wrong.
    """
    right = stream(seed, symbol, "news tales").random(move.size) > 0.125
    told = np.where(right, np.sign(move), -np.sign(move)).astype(np.int8)
    told[told == 0] = 1
    return np.where(plan.sort == Sort.RECAP, told, plan.tone).astype(np.int8)


def written(
    seed: int, instrument: Instrument, plan: Schedule, tones: NDArray[np.int8]
) -> list[Story]:
    """Return the stories with their copies, in order of first-seen time."""
    chance = stream(seed, instrument.symbol, "news words")
    draws = chance.random((plan.event_us.size, DRAWS))
    sort, instruments = plan.sort.copy(), (instrument.symbol,)
    plain_recap = (sort == Sort.RECAP) & (draws[:, 11] < 0.5)
    sort[plain_recap] = Sort.DRIVER
    texts = headlines(instrument, sort, tones, draws)
    desk = (chance.random(plan.event_us.size) * len(SOURCES)).astype(np.int64).tolist()
    stories = [
        Story(_moment(event), _moment(seen), SOURCES[who], text, instruments)
        for event, seen, who, text in zip(
            plan.event_us.tolist(), plan.seen_us.tolist(), desk, texts, strict=True
        )
    ]
    stories += _retold(seed, instrument, plan, tones)
    stories += _copies(seed, instrument.symbol, stories)
    stories.sort(key=lambda story: story.seen_at)
    return stories


def _retold(
    seed: int, instrument: Instrument, plan: Schedule, tones: NDArray[np.int8]
) -> list[Story]:
    """Return what other desks write in their own words about some events, minutes later."""
    chance = stream(seed, instrument.symbol, "news retold")
    draw = chance.random(plan.event_us.size)
    driver = plan.sort == Sort.DRIVER
    chosen = np.concatenate([np.flatnonzero((draw < share) & driver) for share in RETOLD])
    draws = chance.random((chosen.size, DRAWS + 3))
    later = ((1.0 + 11.0 * draws[:, -1] ** 2) * MINUTE_US).astype(np.int64)
    delay = ((2.0 + 60.0 * draws[:, -2] ** 2) * 1e6).astype(np.int64)
    desk = (draws[:, -3] * len(SOURCES)).astype(np.int64).tolist()
    texts = headlines(instrument, plan.sort[chosen], tones[chosen], draws[:, :DRAWS])
    event = plan.event_us[chosen] + later
    seen = np.maximum(plan.seen_us[chosen], event) + delay
    return [
        Story(_moment(at), _moment(known), SOURCES[who], text, (instrument.symbol,))
        for at, known, who, text in zip(event.tolist(), seen.tolist(), desk, texts, strict=True)
    ]


def world_stories(seed: int, grid: Grid) -> list[Story]:
    """Return the stories about the whole market, which bear on no instrument by themselves."""
    chance = stream(seed, "world", "news")
    count = int(chance.poisson(WORLD_A_DAY * grid.hours / 24.0))
    draws = chance.random((count, DRAWS))
    span = grid.hours * 3_600_000_000 - 40 * MINUTE_US
    events = grid.start_us + (draws[:, 11] * span).astype(np.int64)
    delays = (np.minimum(chance.lognormal(3.2, 1.1, count), 1500.0) * 1e6).astype(np.int64)
    desk = (draws[:, 10] * len(SOURCES)).astype(np.int64).tolist()
    return [
        Story(_moment(event), _moment(event + delay), SOURCES[who], text)
        for event, delay, who, text in zip(
            events.tolist(), delays.tolist(), desk, world_headlines(draws), strict=True
        )
    ]


def _copies(seed: int, symbol: str, stories: list[Story]) -> list[Story]:
    """Return the copies of some stories, which other desks carry seconds to minutes later."""
    chance = stream(seed, symbol, "news copies")
    draws = chance.random((len(stories), 4))
    copies = []
    for index in np.flatnonzero(draws[:, 0] < COPY_SHARE).tolist():
        first = stories[index]
        later = timedelta(seconds=round(2.0 + 240.0 * draws[index, 1] ** 3, 3))
        source = SOURCES[int(draws[index, 2] * len(SOURCES))]
        text = copied(first.text, draws[index, 3])
        copies.append(
            Story(first.event_at + later, first.seen_at + later, source, text, first.instruments)
        )
    return copies


def _moment(us: int) -> datetime:
    return EPOCH + timedelta(microseconds=us)
