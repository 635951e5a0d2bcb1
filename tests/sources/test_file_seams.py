"""Where a file begins to be written otherwise is said, and nowhere else."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.file import File
from assay.sources.contract import Note
from tests.sources.files import BTCUSDT, as_opened, market_bars

ROWS = 2400
SEAM = 1500
LATER = pl.int_range(pl.len()) >= SEAM
CLOSES = "2024-03-03 12:00"


def market(seed: int = 0, decimals: int = 5) -> pl.DataFrame:
    """Return hours of a walk whose prices have two decimals, its volumes so many."""
    chance = np.random.default_rng(seed)
    frame = as_opened(market_bars("BTCUSDT", end="2024-04-10 00:00")).head(ROWS)
    close = np.round(300 * np.exp(np.cumsum(chance.normal(0, 0.004, ROWS))), 2)
    opened = np.concatenate([[300.0], close[:-1]])
    return frame.with_columns(
        open=pl.Series(opened),
        high=pl.Series(np.maximum(opened, close) + 0.5),
        low=pl.Series(np.minimum(opened, close) - 0.5),
        close=pl.Series(close),
        volume=pl.Series(np.round(chance.lognormal(5, 1, ROWS), decimals)),
    )


def seams(folder: Path, frame: pl.DataFrame) -> list[Note]:
    frame.write_parquet(folder / "bars.parquet")
    fetched = File(folder / "bars.parquet").bars(BTCUSDT, Timeframe.H1)
    return [note for note in fetched.notes if note.code.startswith("seam")]


def cut(name: str, decimals: int) -> pl.Expr:
    return pl.when(LATER).then(pl.col(name).round(decimals)).otherwise(pl.col(name)).alias(name)


def test_volumes_that_lose_decimals_are_a_seam(tmp_path: Path) -> None:
    [note] = seams(tmp_path, market().with_columns(cut("volume", 2)))

    assert note.line == SEAM + 1
    assert note.sentence == (
        f"From the bar that closes {CLOSES} UTC on the column 'volume' has at most 2 decimals, "
        "before 5 decimals: the source changed there, or two were joined"
    )


def test_a_text_table_says_the_same_whatever_its_order(tmp_path: Path) -> None:
    frame = market().with_columns(cut("volume", 2))
    frame.reverse().write_csv(tmp_path / "bars.csv")

    fetched = File(tmp_path / "bars.csv").bars(BTCUSDT, Timeframe.H1)

    said = [note.sentence for note in fetched.notes if note.code == "seam"]
    assert said == [note.sentence for note in seams(tmp_path, frame)]


def test_prices_that_gain_decimals_are_a_seam(tmp_path: Path) -> None:
    finer = pl.when(LATER).then(pl.col("close") + 0.001).otherwise(pl.col("close"))

    [note] = seams(tmp_path, market().with_columns(close=finer))

    assert f"closes {CLOSES} UTC on the column 'close' has 3 decimals, before at most" in (
        note.sentence
    )


@pytest.mark.parametrize("filled", [True, False])
@pytest.mark.parametrize("empty", [0.0, None])
def test_a_column_that_is_filled_on_one_side_is_a_seam(
    tmp_path: Path,
    filled: bool,
    empty: float | None,
) -> None:
    trades = pl.int_range(pl.len()) + 5
    there = LATER if filled else ~(pl.int_range(pl.len()) >= 1000)

    [note] = seams(tmp_path, market().with_columns(trades=pl.when(there).then(trades).otherwise(
        pl.lit(empty)
    )))  # fmt: skip

    assert "the column 'trades' is " + ("filled" if filled else "empty or zero") in note.sentence


def test_columns_that_change_together_are_one_seam(tmp_path: Path) -> None:
    frame = market().with_columns(quote=pl.col("volume") * 2)

    [note] = seams(tmp_path, frame.with_columns(cut("volume", 1), cut("quote", 1)))

    assert "'volume' has at most 1 decimal" in note.sentence
    assert "'quote' has at most 1 decimal" in note.sentence


@pytest.mark.parametrize("seed", range(8))
def test_one_source_has_no_seam(tmp_path: Path, seed: int) -> None:
    chance = np.random.default_rng(seed + 100)
    frame = market(seed, decimals=int(chance.integers(0, 9))).with_columns(
        computed=pl.Series(chance.normal(size=ROWS)),
        ticks=pl.Series(chance.integers(0, 3, ROWS)),
        text=pl.lit("B"),
    )

    assert seams(tmp_path, frame) == []


def test_sums_of_floats_are_written_as_their_parts(tmp_path: Path) -> None:
    parts = np.round(np.random.default_rng(3).lognormal(3, 1, (ROWS, 60)), 5)
    summed = pl.Series(parts.sum(axis=1))
    mixed = pl.when(LATER).then(summed).otherwise(summed.round(5))

    assert seams(tmp_path, market().with_columns(volume=mixed)) == []


def test_a_price_that_stands_and_a_volume_that_lacks_are_no_seam(tmp_path: Path) -> None:
    stands = pl.int_range(pl.len()).is_between(600, 1400)
    frame = market().with_columns(
        pl.when(stands).then(300.0).otherwise(pl.col(name)).alias(name)
        for name in ("open", "high", "low", "close")
    )
    lacks = pl.when(stands).then(0.0).otherwise(pl.col("volume"))

    assert seams(tmp_path, frame.with_columns(volume=lacks)) == []


def test_the_first_values_of_an_indicator_are_no_seam(tmp_path: Path) -> None:
    frame = market().with_columns(average=pl.col("close").rolling_mean(400))

    assert seams(tmp_path, frame) == []


def test_many_columns_are_features_and_not_asked(tmp_path: Path) -> None:
    more = [cut("volume", 1).alias(f"feature_{number}") for number in range(21)]

    assert seams(tmp_path, market().with_columns(more)) == []


def test_too_many_seams_are_counted(tmp_path: Path) -> None:
    turns = pl.int_range(pl.len()) // 210 % 2 == 0
    mixed = pl.when(turns).then(pl.col("volume").round(1)).otherwise(pl.col("volume"))

    notes = seams(tmp_path, market().with_columns(volume=mixed))

    assert 8 <= len(notes) <= 11
