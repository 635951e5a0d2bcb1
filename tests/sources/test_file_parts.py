"""A column that counts the shorter bars in each bar tells which bars hold only part of them."""

from pathlib import Path

import polars as pl
import pytest

from assay.core.instruments import equity
from assay.core.values.instrument import Instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.file import File
from assay.sources.contract import Note
from assay.sources.formats.columns import counted_part
from tests.sources.files import BTCUSDT, EURUSD, as_opened, market_bars


def told(
    folder: Path,
    counts: pl.Expr,
    name: str = "n_1m",
    timeframe: Timeframe = Timeframe.H1,
    known: Instrument = EURUSD,
) -> list[Note]:
    """Return the notes of a file of bars beside which a column counts."""
    frame = as_opened(market_bars(known.symbol, timeframe)).with_columns(counts.alias(name))
    frame.write_parquet(folder / "bars.parquet")
    fetched = File(folder / "bars.parquet").bars(known, timeframe)
    return [note for note in fetched.notes if note.code != "stamp"]


def row(number: int) -> pl.Expr:
    return pl.int_range(pl.len()) == number


def test_whole_bars_need_no_word(tmp_path: Path) -> None:
    assert told(tmp_path, pl.lit(60)) == []


def test_partial_bars_are_counted_the_first_and_the_emptiest_named(tmp_path: Path) -> None:
    counts = pl.when(row(7)).then(59).when(row(90)).then(3).otherwise(60)

    [note] = told(tmp_path, counts, known=BTCUSDT)

    assert (note.code, note.line) == ("partial_bars", 8)
    assert note.sentence == (
        "2 of 1,441 bars hold only part of their 1m bars ('n_1m'), the first 59 of 60 at "
        "2024-01-01 07:00 UTC; the emptiest 3 of 60 at 2024-01-04 18:00 UTC"
    )


def test_a_bar_that_is_counted_to_be_empty_is_partial(tmp_path: Path) -> None:
    [note] = told(tmp_path, pl.when(row(7)).then(0).otherwise(12), "n_5m")

    assert note.code == "partial_bars"
    assert "the first 0 of 12" in note.sentence


def test_more_than_there_is_room_for_is_said(tmp_path: Path) -> None:
    [note] = told(tmp_path, pl.when(row(7)).then(61).otherwise(60))

    assert note.code == "overfull_bars"
    assert "1 of 1,0" in note.sentence
    assert "than the 60 there is room for, the first 61 at 2024-01-02 06:00 UTC" in note.sentence


def test_an_hour_that_the_session_cuts_is_whole(tmp_path: Path) -> None:
    acme = equity("ACME")  # the first hour of its day, from 14:00 UTC, has half an hour of trading
    days = market_bars("BTCUSDT").frame["time"].dt.date().unique()
    hours = pl.DataFrame({"day": days.filter(days.dt.weekday() < 6)}).join(
        pl.DataFrame({"hour": range(14, 21)}), how="cross"
    )
    opened = pl.col("day").cast(pl.Datetime("us", "UTC")) + pl.duration(hours=pl.col("hour"))
    frame = hours.sort("day", "hour").select(
        timestamp=opened,
        **{name: pl.lit(10.0) for name in ("open", "high", "low", "close", "volume")},
        n_1m=pl.when(pl.col("hour") == 14).then(30).otherwise(60),
    )
    frame.write_parquet(tmp_path / "bars.parquet")

    fetched = File(tmp_path / "bars.parquet").bars(acme, Timeframe.H1)

    assert "partial_bars" not in [note.code for note in fetched.notes]


@pytest.mark.parametrize(
    ("counts", "name"),
    [(pl.lit(1), "n_1h"), (pl.lit(1), "n_4h"), (pl.lit(0.5), "n_1m"), (pl.lit(-1), "n_1m")],
)
def test_what_can_be_no_count_is_not_used(tmp_path: Path, counts: pl.Expr, name: str) -> None:
    [note] = told(tmp_path, counts, name)

    assert note.code == "ignored_columns"
    assert repr(name) in note.sentence


@pytest.mark.parametrize("name", ["n_1m", "N_1M", "count_1m", "bars_1min", "1m_count", "n1m"])
def test_names_of_counts(name: str) -> None:
    assert counted_part(name) is Timeframe.M1


@pytest.mark.parametrize("name", ["n", "n_7m", "volume", "open_1m", "n_1", "count", "1m"])
def test_names_that_count_nothing(name: str) -> None:
    assert counted_part(name) is None
