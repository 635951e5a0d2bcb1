"""The data platform beside DuckDB, pyarrow and SQLite: written, read, joined, on the same bars.

    python bench/data.py [--series 90] [--bars 500000] [--folder DIR]

Minutes of a random walk, the same for all, lie as arrays under DIR (a temporary folder of a real
disk; with the peers' databases the full run needs 10 GB there). We keep them first; then each
script of `peers/data/` does the same in an interpreter and an environment of its own and checks
what comes back. A peer that cannot be installed, or fails, is said and left out; one that answers
otherwise than we do stops the bench.

What is ours is durable, checked and remembers what was known when; of the peers only DuckDB and
SQLite commit, and pyarrow's files are synced. *One more bar* is one transaction for all series with
the peers, and one write a series with us. The *latest* bars are asked of us twice: again, which an
open store answers from memory, and after each series has grown by one bar. The *as-of joins* give
each bar the last story and the last figure by first-seen time: with us `features.join.frames`,
which also checks them, sums what came within each bar and joins the calendar; the floor is polars'
`join_asof` alone.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from assay.core.calendars.calendar import calendar
from assay.core.instruments import defined
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.features.join import RATES, TIME, frames
from assay.store.bars import BarStore
from figures import Figure, keep, timed
from peers import FAILURES, FOLDER, PLACE, measured, why
from store import KNOWN, synced
from store import bars as walk

BATCH, BATCHED, LATEST, ROUNDS = 10_000, 10, 1_000, 20
"""Bars a sync stores at once, series written so, the newest bars asked for, rounds of one more."""
READ_GOAL, LATEST_GOAL, SIZE_GOAL = 40.0, 0.3, 1_200e6 / 45e6
"""Million rows a second, milliseconds a series, bytes a bar (45 million bars in 1,200 MB)."""
STORIES, RELEASES = 10, 100
"""So many bars for each story and for each release."""
CORRECTIONS, CORRECTED = 50, 0.01
"""How many corrections, and the share of the bars that they correct together."""
MINUTES_A_YEAR, INSTRUMENTS, YEARS = 365 * 24 * 60, 100, 10


@dataclass(frozen=True, slots=True)
class World:
    """The bars that everybody keeps: so many `rows` of each of so many coins."""

    series: int
    rows: int

    @property
    def coins(self) -> list[Instrument]:
        """Return the instruments."""
        return [defined(f"C{number:03}USDT", AssetClass.CRYPTO) for number in range(self.series)]

    @property
    def millions(self) -> float:
        """Return how many million bars there are."""
        return self.series * self.rows / 1e6

    def bars(self, number: int) -> Bars:
        """Return the bars of one coin, the same whenever they are asked for."""
        made = walk("EURUSD", self.rows, number)
        return Bars(self.coins[number], Timeframe.M1, made.frame)


@dataclass(frozen=True, slots=True)
class Joined:
    """What was first seen when, with a value, and what a join must give each bar."""

    seen: pl.Series
    value: np.ndarray
    found: np.ndarray


def main() -> int:
    """Measure ours, then the peers; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--series", type=int, default=90)
    parser.add_argument("--bars", type=int, default=500_000)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    world = World(asked.series, asked.bars)
    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        folder = Path(place)
        figures = [*kept(folder, world), *known(folder, world)]
        more, answers = joins(world)
        leave(folder / "job", world, answers)
        return keep("data", with_peers([*figures, *more], folder / "job"))


def kept(folder: Path, world: World) -> Iterator[Figure]:
    """Yield the figures of writing, reading and adding to the store."""
    store, small = BarStore(folder / "bars"), BarStore(folder / "batches")
    batched = min(BATCHED, world.series)
    written = sum(stored(store, world, number, world.rows) for number in range(world.series))
    in_batches = sum(stored(small, world, number, BATCH) for number in range(batched))
    files = sorted(store.root.rglob("*.parquet"))
    size = sum(path.stat().st_size for path in files)

    def read(from_store: BarStore) -> None:
        for coin in world.coins:
            assert len(from_store.read(coin, Timeframe.M1)) == world.rows

    def floor() -> None:
        for path in files:
            pl.read_parquet(path, columns=list(BAR_SCHEMA))

    for one in (store, small):
        assert one.read(world.coins[0], Timeframe.M1).frame.equals(world.bars(0).frame)
    bare = world.millions / timed(floor, 3).clock
    again = world.millions / timed(lambda: read(store), 3).clock
    first = world.millions / timed(lambda: read(BarStore(store.root)), 3).clock
    yield Figure(
        "written in one go",
        world.millions / written,
        "M rows/s",
        better="higher",
        note=f"{world.series} series of {world.rows:,} bars, as by an import",
    )
    yield Figure(
        "written in batches",
        batched * world.rows / 1e6 / in_batches,
        "M rows/s",
        better="higher",
        note=f"{BATCH:,} bars at a time, as by a sync; {batched} series",
    )
    yield Figure("read", again, "M rows/s", READ_GOAL, bare, "higher")
    yield Figure("read for the first time, hashes checked", first, "M rows/s", None, bare, "higher")
    yield from newest(folder, store, world)
    a_bar, a_year = size / (1e6 * world.millions), INSTRUMENTS * MINUTES_A_YEAR
    yield Figure("on disk", a_bar, "B/bar", SIZE_GOAL, note=f"{size / 1e6:,.0f} MB in all")
    yield Figure(f"{YEARS} years of minutes of {INSTRUMENTS} instruments",
                 YEARS * a_year * a_bar / 1e9, "GB",
                 note="computed from the bytes a bar, of markets that never close")  # fmt: skip


def stored(store: BarStore, world: World, number: int, at_once: int) -> float:
    """Store a series, so many bars at a time; return the seconds of storing alone."""
    whole = world.bars(number)
    pieces = [
        Bars(whole.instrument, whole.timeframe, frame) for frame in whole.frame.iter_slices(at_once)
    ]
    begin = time.perf_counter()
    for piece in pieces:
        store.append(piece, source="bench", known_at=KNOWN)
    return time.perf_counter() - begin


def newest(folder: Path, store: BarStore, world: World) -> Iterator[Figure]:
    """Yield the figures of the latest bars, and of one more bar of every series."""
    coins, added, of_one, of_all, again = world.coins, [], [], [], []
    ends = [store.tail(coin, Timeframe.M1, 1).frame for coin in coins]

    def latest(of: Sequence[Instrument]) -> None:
        for coin in of:
            assert len(store.tail(coin, Timeframe.M1, LATEST)) == LATEST

    def append(bars: Sequence[Bars]) -> None:
        for one in bars:
            assert store.append(one, source="bench", known_at=KNOWN) == 1

    for minute in range(1, 2 * ROUNDS + 1):
        later = pl.col("time") + timedelta(minutes=minute)
        bars = [
            Bars(coin, Timeframe.M1, end.with_columns(later))
            for coin, end in zip(coins, ends, strict=True)
        ]
        added.append(_milliseconds(lambda bars=bars: append(bars)))
        if minute % 2:
            of_one.append(_milliseconds(lambda: latest(coins[:1])))
        else:
            of_all.append(_milliseconds(lambda: latest(coins)))
            again.append(_milliseconds(lambda: latest(coins)))
    write = synced(folder)
    least = statistics.median(_milliseconds(write) for _ in range(100))
    goal = LATEST_GOAL * world.series
    yield Figure(
        "latest 1,000 bars of one series",
        statistics.median(of_one),
        "ms",
        LATEST_GOAL,
        note="which has just grown by a bar",
    )
    yield Figure(
        "latest 1,000 bars of all series",
        statistics.median(of_all),
        "ms",
        goal,
        note="each of which has just grown by a bar",
    )
    yield Figure("the same asked again", statistics.median(again), "ms", goal)
    yield Figure("one more bar of every series, durable", statistics.median(added), "ms",
                 floor=least * world.series,
                 note="a write for each series; the peers: one for all")  # fmt: skip


def _milliseconds(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return 1e3 * (time.perf_counter() - begin)


def known(folder: Path, world: World) -> Iterator[Figure]:
    """Yield the figures of corrections, and of reading what was known before and between them."""
    store, whole = BarStore(folder / "corrected"), world.bars(0)
    coin, timeframe = whole.instrument, whole.timeframe
    store.append(whole, source="bench", known_at=KNOWN)
    chance = np.random.default_rng(2)
    touched = chance.permutation(world.rows)[: int(CORRECTED * world.rows)]
    later, taken, then = KNOWN, [], whole.frame
    for places in np.array_split(touched, CORRECTIONS):
        rows = then[np.sort(places)].with_columns(pl.col("volume") + 1)
        later += timedelta(days=1)
        correct = partial(store.correct, Bars(coin, timeframe, rows), reason="late", known_at=later)
        taken.append(_milliseconds(correct))
    new = store.read(coin, timeframe).frame
    assert (new["volume"] - whole.frame["volume"]).sum() == touched.size
    halfway = KNOWN + timedelta(days=CORRECTIONS // 2)
    between = store.read(coin, timeframe, known_at=halfway).frame
    found = (between["volume"] - whole.frame["volume"]).sum()
    assert found == sum(len(p) for p in np.array_split(touched, CORRECTIONS)[: CORRECTIONS // 2])
    assert store.read(coin, timeframe, known_at=KNOWN).frame.equals(whole.frame)
    read_new = 1e3 * timed(lambda: store.read(coin, timeframe), 5).clock
    read_then = 1e3 * timed(lambda: store.read(coin, timeframe, known_at=halfway), 5).clock
    yield Figure(
        "one correction",
        statistics.median(taken),
        "ms",
        note=f"of {touched.size // CORRECTIONS:,} of {world.rows:,} bars, here and there",
    )
    yield Figure(
        "a corrected series read new",
        read_new,
        "ms",
        note=f"{CORRECTIONS} corrections, {touched.size:,} bars",
    )
    yield Figure("the same as known between them", read_then, "ms", floor=read_new)  # fmt: skip


def joins(world: World) -> tuple[list[Figure], dict[str, Joined]]:
    """Return the figures of the as-of joins of one series, and what was joined."""
    bars = world.bars(0)
    times = bars.frame["time"]
    columns = calendar("CRYPTO").calendar_columns(times, Timeframe.M1)
    alone = partial(frames, bars, higher=None, peers={}, calendar_columns=columns)
    nothing = timed(lambda: alone(stories=None, releases=None), 5).clock
    figures, answers = [], {}
    for name, every in (("stories", STORIES), ("releases", RELEASES)):
        seen, value = _seen(times, world.rows // every)
        given = _given(name, seen, value)

        def floor(seen: pl.Series = seen, value: np.ndarray = value) -> pl.DataFrame:
            right = pl.DataFrame({"seen": seen, "last": seen, "value": value}).set_sorted("seen")
            return bars.frame.select("time").join_asof(right, left_on="time", right_on="seen")

        join = partial(alone, **given)
        both, bare = join(), floor()
        if name == "stories":
            ours = both.stories["minutes_since"]
            since = (bare["time"] - bare["last"]).dt.total_microseconds().cast(pl.Float64)
            theirs = since.to_numpy() / 60e6
        else:
            ours, theirs = both.macro["policy_quote"], bare["value"].to_numpy()
        found = ours.to_numpy()
        assert np.array_equal(found, theirs, equal_nan=True)
        answers[name] = Joined(seen, value, found)
        figures.append(
            Figure(f"as-of join of {name}", 1e3 * timed(join, 5).clock, "ms",
                   floor=1e3 * timed(floor, 5).clock,
                   note=f"{seen.len():,} to {world.rows:,} bars")
        )  # fmt: skip
    note = "the calendar and other columns, which are in both"
    figures.append(Figure("the same with nothing to join", 1e3 * nothing, "ms", note=note))
    return figures, answers


def _seen(times: pl.Series, count: int) -> tuple[pl.Series, np.ndarray]:
    """Return so many seconds among the bars, one in sixty a close, and a value of each."""
    chance = np.random.default_rng(count)
    first, last = times.dt.epoch("s").to_numpy()[[0, -1]]
    seconds = np.sort(chance.choice(last - first, count, replace=False, shuffle=False) + first)
    return pl.Series(1_000_000 * seconds).cast(TIME), chance.uniform(-1, 1, count)


def _given(name: str, seen: pl.Series, value: np.ndarray) -> dict[str, pl.DataFrame | None]:
    if name == "stories":
        return {"stories": pl.DataFrame({"seen_at": seen, "score": value}), "releases": None}
    releases = pl.DataFrame({"seen_at": seen, "actual": value}).with_columns(
        series=pl.lit(RATES["policy"]), currency=pl.lit("USD"), consensus=pl.lit(0.0)
    )
    return {"stories": None, "releases": releases}


def leave(folder: Path, world: World, answers: dict[str, Joined]) -> None:
    """Write what the peers read; `peers/data/job.py` says how."""
    folder.mkdir()
    for number in range(world.series):
        frame = world.bars(number).frame
        if not number:
            np.save(folder / "time.npy", frame["time"].dt.epoch("us").to_numpy())
        np.save(folder / f"{number}.npy", frame.drop("time").to_numpy().T)
    for name, one in answers.items():
        np.save(folder / f"{name}_seen.npy", one.seen.dt.epoch("us").to_numpy())
        np.save(folder / f"{name}_value.npy", one.value)
        np.save(folder / f"{name}_found.npy", one.found)
    said = {
        "series": world.series,
        "batched": min(BATCHED, world.series),
        "batch": BATCH,
        "latest": LATEST,
        "rounds": ROUNDS,
    }
    (folder / "job.json").write_text(json.dumps(said), encoding="utf-8")


def with_peers(figures: Sequence[Figure], job: Path) -> list[Figure]:
    """Return the figures, those of the peers that could be measured beside ours."""
    beside: dict[str, dict[str, float]] = {one.what: {} for one in figures}
    for script in sorted((FOLDER / "data").glob("*_data.py")):
        print(f"== {script.stem}", flush=True)
        try:
            said = measured(script, PLACE / script.stem, str(job))
        except FAILURES as error:
            if why(error).startswith(AssertionError.__name__):
                raise  # it was there, and gave other answers than ours
            print(f"not measured: {why(error)}")
            continue
        for one in said:
            beside[one["what"]][one["peer"]] = one["value"]
    return [replace(one, peers=beside[one.what]) for one in figures]


if __name__ == "__main__":
    sys.exit(main())
