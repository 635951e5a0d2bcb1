"""The compiled windows, the pieces of a batch and the rows of a stream: the same bits."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.errors import DataError
from assay.features import batch, windows
from assay.features.batch import computed
from assay.features.catalog import FEATURES
from assay.features.contract import Feature, Frames, Input
from assay.features.parts import Part, Recent
from assay.features.pipeline import Pipeline
from assay.features.series import ratio
from assay.features.windows import Vector
from tests.features.worlds import make_world

EVERY = tuple(FEATURES.get(name)() for name in FEATURES.names())
ROLLING: dict[str, Callable[[Vector, int], Vector]] = {
    "sum": windows.window_sum,
    "max": windows.window_max,
    "min": windows.window_min,
    "std": windows.window_std,
    "rank": windows.window_rank,
    "weighted": windows.weighted_mean,
    "slope": windows.window_slope,
    "since max": windows.rows_since_max,
    "deviation": windows.mean_deviation,
}


@pytest.fixture(scope="module")
def frames() -> Frames:
    return make_world(1500).frames()


@pytest.fixture(scope="module")
def plain(frames: Frames) -> Vector:
    """Return all features of all rows at once, each from its own `columns`."""
    windows._compiled.clear()
    columns = [feature.columns(frames) for feature in EVERY]
    return np.column_stack([column.to_numpy() for table in columns for column in table])


@pytest.fixture
def compiled() -> Iterator[None]:
    windows.compile_windows()
    yield
    windows._compiled.clear()


def _plainly(rolling: Callable[[Vector, int], Vector], values: Vector, window: int) -> Vector:
    kept = dict(windows._compiled)
    windows._compiled.clear()
    found = rolling(values, window)
    windows._compiled.update(kept)
    return found


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("name", ROLLING)
@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    window=st.integers(2, 300),
    rows=st.integers(0, 5000),
    digits=st.sampled_from([0, 1, 12]),
    gaps=st.sampled_from([0.0, 0.01, 0.5]),
)
def test_compiled_windows_have_the_bits_of_the_plain_ones(
    name: str, seed: int, window: int, rows: int, digits: int, gaps: float
) -> None:
    chance = np.random.default_rng(seed)
    values = np.round(chance.lognormal(1.0, 2.0, rows), digits)
    values[chance.random(rows) < gaps] = np.nan

    fast = ROLLING[name](values, window)

    np.testing.assert_array_equal(fast, _plainly(ROLLING[name], values, window))


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("floor", [0.0, 0.3, "vector"])
def test_compiled_ratios_have_the_bits_of_the_plain_ones(floor: float | str) -> None:
    chance = np.random.default_rng(4)
    top, bottom = chance.normal(size=(2, 5000))
    top[chance.random(5000) < 0.05] = np.nan
    bottom[chance.random(5000) < 0.05] = np.nan
    bottom[chance.random(5000) < 0.05] = 0.0
    bottom[7] = 1e-310
    least = np.abs(chance.normal(size=5000)) if isinstance(floor, str) else floor

    fast = ratio(top, bottom, cap=3.0, floor=least)
    windows._compiled.clear()

    np.testing.assert_array_equal(fast, ratio(top, bottom, cap=3.0, floor=least))
    assert np.isnan(fast).sum() > 300


@pytest.mark.parametrize("piece", [1400, 700, 333])
def test_a_batch_in_pieces_has_the_bits_of_the_whole(
    frames: Frames, plain: Vector, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "PIECE", piece)

    np.testing.assert_array_equal(computed(EVERY, frames, np.float64), plain)


@pytest.mark.usefixtures("compiled")
def test_a_compiled_batch_in_two_threads_has_the_bits_of_the_whole(
    frames: Frames, plain: Vector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "PIECE", 200)

    np.testing.assert_array_equal(computed(EVERY, frames, np.float64, threads=2), plain)
    single = Pipeline(EVERY).matrix(frames)
    assert single.dtype == np.float32
    np.testing.assert_array_equal(single, plain.astype(np.float32))


@pytest.mark.usefixtures("compiled")
def test_a_stream_of_the_whole_library_equals_the_batch(frames: Frames, plain: Vector) -> None:
    stream = Pipeline(EVERY).stream(frames.slice(0, 900))
    live = np.stack([stream.push(frames.slice(row, 1)) for row in range(900, 1500)])

    sigma = np.nanstd(plain, axis=0)
    assert np.array_equal(np.isnan(live), np.isnan(plain[900:]))
    apart = np.abs(live - plain[900:]) / np.where(sigma > 0, sigma, 1.0)
    assert np.nanmax(apart) <= 1e-10


def test_a_part_is_the_rows_it_was_cut_from(frames: Frames) -> None:
    part, cut = Part(frames, 300, 420), frames.slice(300, 120)

    assert (part.rows, part.peer_symbols) == (120, frames.peer_symbols)
    for kind in Input:
        assert part.table(kind).equals(cut.table(kind))
        for name in cut.table(kind).columns:
            if name != "time":
                np.testing.assert_array_equal(part.numbers(kind, name), cut.numbers(kind, name))
    np.testing.assert_array_equal(part.times(Input.HIGHER), cut.times(Input.HIGHER))
    inner = part.slice(20, 500)
    assert inner.bars.equals(frames.bars.slice(320, 100))
    assert part.tail(7).bars.equals(frames.bars.slice(413, 7))
    with pytest.raises(ValueError, match="read-only"):
        part.numbers(Input.BARS, "close")[0] = 1.0


def test_recent_rows_forget_the_oldest_and_nothing_else(frames: Frames) -> None:
    recent = Recent(frames.slice(0, 50), keep=30)
    for row in range(50, 260):
        recent.push(frames.slice(row, 1))
        last = recent.last(30)
        expected = frames.slice(row - 29, 30)
        np.testing.assert_array_equal(
            last.numbers(Input.STORIES, "score_sum"),
            expected.numbers(Input.STORIES, "score_sum"),
        )
        np.testing.assert_array_equal(last.times(Input.BARS), expected.times(Input.BARS))
        if row % 17 == 0:
            assert last.peers.equals(expected.peers)
            assert last.bars.equals(expected.bars)
    assert recent.last(500).rows >= 30


def test_a_stream_needs_the_peers_it_began_with(frames: Frames) -> None:
    stream = Pipeline((FEATURES.get("peer_return")(),)).stream(frames.slice(0, 200))
    row = frames.slice(200, 1)
    other = Frames(
        row.instrument, row.timeframe, row.bars, row.higher, row.peers.select("AUDUSD"),
        row.stories, row.macro, row.calendar,
    )  # fmt: skip

    with pytest.raises(DataError, match=r"peers AUDUSD, .* was given a row with AUDUSD"):
        stream.push(other)


def test_a_feature_that_is_neither_windowed_nor_recursive_is_in_the_batch(
    frames: Frames, plain: Vector
) -> None:
    other = [f for f in EVERY if type(f).__mro__[1] is Feature]
    assert len(other) <= 3  # the three forms are for what has no better one
    for feature in other:
        found = computed([feature], frames, np.float64)
        place = Pipeline(EVERY).columns.index(feature.names[0])
        np.testing.assert_array_equal(found[:, 0], plain[:, place])
