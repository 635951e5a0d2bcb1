"""What every feature promises, as checks that raise AssertionError; the contract tests run them."""

from dataclasses import replace

import numpy as np
import polars as pl
from polars.testing import assert_frame_equal

from assay.features.contract import Feature, Frames, Input
from assay.features.windowed import Windowed

CUTS = (1, 40, 333, 700, 1100, 1499)


def stays_when_the_future_arrives(feature: Feature, frames: Frames) -> None:
    """Values at t are the same, to the bit, whatever comes after t."""
    now = feature.columns(frames)
    for known in (*CUTS, feature.lookback, feature.lookback + 1):
        then = feature.columns(frames.slice(0, known))
        assert_frame_equal(then, now.head(known), check_exact=True)


def has_nulls_only_where_inputs_have(feature: Feature, frames: Frames) -> None:
    """Null in the first lookback - 1 rows, later only with a null input in the lookback."""
    values = feature.columns(frames)
    assert values.height == frames.bars.height
    assert tuple(values.columns) == feature.names
    assert set(values.dtypes) == {pl.Float64}
    assert values.head(feature.lookback - 1).null_count().sum_horizontal()[0] == (
        (feature.lookback - 1) * values.width
    )
    gaps = _input_gaps(feature, frames)
    for column in values:
        null = column.is_null().to_numpy()
        null[: feature.lookback - 1] = False
        assert not (null & ~gaps).any(), f"{column.name} is null where its inputs are not"
        assert column.drop_nulls().is_finite().all(), f"{column.name} is not finite"


def streams_as_in_batch(feature: Feature, frames: Frames, begin: int) -> None:
    """Bar by bar from `begin` on, the values are those of the batch to 1e-10 of their sigma."""
    batch = feature.columns(frames)
    state = feature.start(frames.slice(0, begin))
    for place in range(begin, frames.bars.height):
        state, values = feature.stream(state, frames.slice(place, 1))
        _agrees(feature, values, batch, place, 1e-10)


def restarts_from_its_warm_up(feature: Feature, frames: Frames, rows: int = 40) -> None:
    """Begun `warm_up` rows before, the stream agrees with the batch to 1e-6 of sigma."""
    batch = feature.columns(frames)
    begin = frames.bars.height - rows
    assert begin >= feature.warm_up, "the test's frames are too short"
    state = feature.start(frames.slice(begin - feature.warm_up, feature.warm_up))
    for place in range(begin, frames.bars.height):
        state, values = feature.stream(state, frames.slice(place, 1))
        _agrees(feature, values, batch, place, 1e-6)


def depends_on_its_lookback_alone(feature: Feature, frames: Frames) -> None:
    """A windowed feature needs its lookback and not one row more, to the bit."""
    if not isinstance(feature, Windowed):
        return
    batch = feature.columns(frames)
    for end in (feature.lookback, 640, 905, frames.bars.height):
        alone = feature.columns(frames.slice(end - feature.lookback, feature.lookback))
        assert_frame_equal(alone.tail(1), batch.slice(end - 1, 1), check_exact=True)


def declares_its_inputs(feature: Feature, frames: Frames) -> None:
    """Another input changes nothing, to the bit; each declared one changes something."""
    values = feature.columns(frames)
    for kind in Input:
        other = feature.columns(disturbed(frames, kind))
        if kind in feature.inputs:
            assert not other.equals(values), f"{kind} is declared and not used"
        else:
            assert_frame_equal(other, values, check_exact=True)


def leaves_its_input_alone(feature: Feature, frames: Frames) -> None:
    """The frames are the same before and after."""
    names = [kind.value for kind in Input]
    before = {name: getattr(frames, name).clone() for name in names}
    feature.columns(frames)
    feature.stream(feature.start(frames.slice(0, 900)), frames.slice(900, 1))
    for name in names:
        assert_frame_equal(getattr(frames, name), before[name], check_exact=True)


def knows_no_price_level(feature: Feature, frames: Frames) -> None:
    """All prices times 10 give the same values, to 1e-9 of their size."""
    values, scaled = feature.columns(frames), feature.columns(times(frames, 10.0))
    assert_frame_equal(scaled, values, check_exact=False, rel_tol=1e-9, abs_tol=1e-9)


def times(frames: Frames, factor: float) -> Frames:
    """Return the frames with every price multiplied by `factor`."""
    prices = pl.col("open", "high", "low", "close") * factor
    return replace(
        frames,
        bars=frames.bars.with_columns(prices),
        higher=frames.higher.with_columns(prices),
        peers=frames.peers.with_columns(pl.all() * factor) if frames.peers.width else frames.peers,
    )


def disturbed(frames: Frames, kind: Input) -> Frames:
    """Return the frames with one input altered everywhere: values, nulls and times."""
    frame: pl.DataFrame = getattr(frames, kind.value)
    chance = np.random.default_rng(3)
    altered = []
    for column in frame:
        if column.dtype == pl.Datetime("us", "UTC"):
            altered.append(column.dt.offset_by("7m"))
        else:
            noise = pl.Series(chance.uniform(0.5, 2.0, column.len()))
            altered.append(
                (column.cast(pl.Float64) * noise + 0.5).fill_null(0.3).alias(column.name)
            )
    return swapped(frames, kind, pl.DataFrame(altered, schema=frame.schema))


def swapped(frames: Frames, kind: Input, frame: pl.DataFrame) -> Frames:
    """Return the frames with the one of `kind` exchanged."""
    every = {other.value: getattr(frames, other.value) for other in Input}
    return Frames(frames.instrument, frames.timeframe, **(every | {kind.value: frame}))


def _input_gaps(feature: Feature, frames: Frames) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Say for each row whether an input is null in the rows its value may depend on."""
    lacking = np.zeros(frames.bars.height, dtype=np.bool_)
    for kind in feature.inputs:
        for column in getattr(frames, kind.value):
            lacking |= column.is_null().to_numpy()
    reach = np.cumsum(lacking)
    before = np.concatenate([np.zeros(feature.lookback, dtype=np.int64), reach])[: reach.size]
    return np.asarray(reach - before > 0)


def _agrees(
    feature: Feature,
    values: tuple[float | None, ...],
    batch: pl.DataFrame,
    place: int,
    tolerance: float,
) -> None:
    assert len(values) == batch.width
    for name, value in zip(feature.names, values, strict=True):
        expected = batch[name][place]
        assert (value is None) == (expected is None), f"{name}: {value} and {expected} at {place}"
        if value is not None:
            sigma = batch[name].std() or 1.0
            assert isinstance(sigma, float)
            assert abs(value - expected) <= tolerance * sigma, (
                f"{name} streamed {value}, in batch {expected}, sigma {sigma} at {place}"
            )
