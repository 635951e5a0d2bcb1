"""What every label promises; a new file in `labels/library` is tested without being named."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assay.core.values.bars import PRICES
from assay.kernel.volatility import ewma_volatility
from assay.labels.catalog import LABELS
from assay.labels.contract import Label
from tests.factories import make_bars

BARS = make_bars(1200, seed=5).frame
COUNT = BARS.height
VOLATILITY = pl.Series(ewma_volatility(BARS["close"].to_numpy(), 20)).fill_nan(None)


@pytest.fixture(params=LABELS.names())
def label(request: pytest.FixtureRequest) -> Label:
    return LABELS.get(request.param)()


def with_rows(answer: pl.DataFrame) -> pl.DataFrame:
    """Add the row of each bar and the row of its t1 in the whole frame."""
    rows = BARS.select(t1="time").with_row_index("end")
    return answer.with_row_index("row").join(rows, on="t1", how="left", maintain_order="left")


def test_the_answer_has_the_promised_shape(label: Label) -> None:
    answer = label.values(BARS, VOLATILITY)

    assert answer.schema == {
        "time": pl.Datetime("us", "UTC"),
        "value": pl.Float64,
        "t1": pl.Datetime("us", "UTC"),
    }
    assert answer["time"].equals(BARS["time"])
    assert answer["value"].is_not_null().equals(answer["t1"].is_not_null())
    assert answer["value"].drop_nulls().is_finite().all()
    assert answer["value"].count() > COUNT // 2
    assert label.horizon_bars >= 1


def test_t1_is_a_bar_after_t_and_within_the_horizon(label: Label) -> None:
    answer = with_rows(label.values(BARS, VOLATILITY)).drop_nulls("value")

    assert (answer["t1"] > answer["time"]).all()
    took = answer["end"].cast(pl.Int64) - answer["row"].cast(pl.Int64)
    assert took.null_count() == 0
    assert took.min() >= 1  # type: ignore[operator] # polars types min() loosely
    assert took.max() == label.horizon_bars


@pytest.mark.parametrize("cut", [200, 700, 1199])
def test_what_was_known_stays_when_the_future_arrives(label: Label, cut: int) -> None:
    whole = with_rows(label.values(BARS, VOLATILITY)).head(cut)
    known = (pl.col("end") < cut).fill_null(value=False)
    expected = whole.select(
        "time", value=pl.when(known).then("value"), t1=pl.when(known).then("t1")
    )

    then = label.values(BARS.head(cut), VOLATILITY.head(cut))

    assert_frame_equal(then, expected, check_exact=True)


def test_what_lies_after_t1_changes_nothing(label: Label) -> None:
    cut = 700
    late = pl.int_range(pl.len()) >= cut
    factor = 1.7 if label.values(BARS, VOLATILITY)["value"][cut - 1] == 0 else 0.6
    other = BARS.with_columns(pl.when(late).then(pl.col(p) * factor).otherwise(p) for p in PRICES)

    one, two = (label.values(frame, VOLATILITY) for frame in (BARS, other))

    inside = with_rows(one)["end"].fill_null(COUNT) < cut
    assert inside.sum() > cut // 2
    assert_frame_equal(one.filter(inside), two.filter(inside), check_exact=True)
    assert not one.equals(two)


def test_the_past_enters_as_a_scale_alone(label: Label) -> None:
    dropped = 300

    whole = label.values(BARS, VOLATILITY).slice(dropped + label.scale_bars)
    later = label.values(BARS.slice(dropped), VOLATILITY.slice(dropped)).slice(label.scale_bars)

    assert whole.height > 200
    assert_frame_equal(later, whole, check_exact=True)


def test_the_last_bar_and_warm_up_are_null(label: Label) -> None:
    answer = label.values(BARS, VOLATILITY)

    assert answer["value"][-1] is None
    assert answer["value"].head(20).null_count() == 20
    for unknown in (None, float("nan")):
        nothing = pl.Series([unknown] * COUNT, dtype=pl.Float64)
        assert label.values(BARS, nothing)["value"].null_count() == COUNT


def test_an_outcome_at_the_horizon_needs_the_bar_at_the_horizon(label: Label) -> None:
    answer = with_rows(label.values(BARS, VOLATILITY))
    slow = answer.filter((pl.col("end") - pl.col("row")) == label.horizon_bars)
    row, end = slow.select("row", "end").row(-1)

    short = label.values(BARS.head(end), VOLATILITY.head(end))
    enough = label.values(BARS.head(end + 1), VOLATILITY.head(end + 1))

    assert short["value"][row] is None
    assert enough["value"][row] is not None


def test_no_bars_and_one_bar_have_no_outcome(label: Label) -> None:
    for count in (0, 1):
        answer = label.values(BARS.head(count), VOLATILITY.head(count))
        assert answer.height == count
        assert answer["value"].null_count() == count


def test_a_gap_in_time_is_simply_the_next_row(label: Label) -> None:
    rows = pl.int_range(pl.len())
    moved = BARS.with_columns(time=pl.col("time") + timedelta(days=2) * (rows >= 600).cast(int))

    one, two = (label.values(frame, VOLATILITY) for frame in (BARS, moved))

    assert one["value"].equals(two["value"])
    assert np.array_equal(
        with_rows(one)["end"].fill_null(-1).to_numpy(),
        two.with_row_index()
        .join(moved.select(t1="time").with_row_index("end"), on="t1", how="left")
        .sort("index")["end"]
        .fill_null(-1)
        .to_numpy(),
    )


def test_settings_make_the_same_label_again(label: Label) -> None:
    again = type(label)(**label.settings())

    assert again == label
    assert again.values(BARS, VOLATILITY).equals(label.values(BARS, VOLATILITY))
