"""Tables of bids and asks: rows in which the ask lies below the bid are counted and told."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from assay.core.instruments import instrument
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.file import File


def quotes(spreads: list[float]) -> pl.DataFrame:
    """Return minutes of bids about 1.5, and asks so far above at the open and the close."""
    start = datetime(2022, 3, 1, tzinfo=UTC)
    time = pl.datetime_range(start, start.replace(hour=23), "1m", time_unit="us", eager=True)
    wide = pl.Series(spreads)
    bids = {"open": 1.5, "high": 1.6, "low": 1.4, "close": 1.5}
    return pl.DataFrame({"timestamp": time.head(len(spreads))}).with_columns(
        *(pl.lit(price).alias(f"{name}_bid") for name, price in bids.items()),
        *((pl.lit(price) + wide).alias(f"{name}_ask") for name, price in bids.items()),
    )


@pytest.mark.parametrize("ending", ["parquet", "csv"])
@pytest.mark.parametrize("crossed", [0, 7])
def test_crossed_rows_are_counted(tmp_path: Path, ending: str, crossed: int) -> None:
    frame = quotes([0.0001] * (600 - crossed) + [-0.0001] * crossed)
    file = tmp_path / f"quotes.{ending}"
    if ending == "csv":
        frame.write_csv(file)
    else:
        frame.write_parquet(file)

    fetched = File(file).bars(instrument("GBPUSD"), Timeframe.M1)

    told = [note.sentence for note in fetched.notes if note.code == "crossed"]
    assert told == (["7 of 600 rows are crossed, the ask below the bid where they open or close: "
                     "one of the sides is wrong there"] if crossed else [])  # fmt: skip
    assert len(fetched.bars) == 600
