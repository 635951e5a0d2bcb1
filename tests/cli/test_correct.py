"""`assay data correct`: a newer version of bars; the older one stays as it was known."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.sources.told import Told
from assay.workflows.correct import correct_file
from tests.cli.conftest import Run, Said
from tests.cli.test_bad_input import MISTAKE, csv_of, one_sentence, text_file
from tests.factories import make_bars
from tests.workflows.workspace import open_at

BEFORE = datetime(2022, 1, 1, tzinfo=UTC)
"""When the bars were stored; the command's clock stands two days later."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a workspace with 300 hourly bars and the four-hour bars made of them."""
    desk = open_at(tmp_path / "home", BEFORE)
    desk.bars.append(make_bars(300, gaps=False), source="file:first.csv", known_at=BEFORE)
    return tmp_path / "home"


def corrected(assay: Run, home: Path, bars: Bars, *more: str) -> Said:
    path = text_file(home.parent, csv_of(bars), "fixed.csv")
    about = ("--symbol", "EURUSD", "--timeframe", "1h", "--stamp", "close")
    return assay(home, "data", "correct", str(path), *about, "--reason", "a wrong tick", *more)


def raised(bars: Bars, rows: list[int], by: float = 1.001) -> Bars:
    """Return `bars` with other prices in some rows."""
    picked = pl.int_range(pl.len()).is_in(rows)
    prices = pl.col("open", "high", "low", "close")
    frame = bars.frame.with_columns(pl.when(picked).then(prices * by).otherwise(prices))
    return Bars(bars.instrument, bars.timeframe, frame)


def test_only_what_differs_is_changed_and_both_versions_are_there(home: Path, assay: Run) -> None:
    old = make_bars(300, gaps=False)
    new = raised(old, [7, 8, 200])

    done = corrected(assay, home, new, "--json").json

    assert (done["bars"], done["changed"]) == (300, 3)
    assert [(v["kind"], v["rows"]) for v in done["versions"]] == [("append", 300), ("correct", 3)]
    assert done["versions"][1]["reason"] == "a wrong tick"
    store, pair = open_at(home).bars, old.instrument
    assert_frame_equal(store.read(pair, Timeframe.H1).frame, new.frame)
    then = store.read(pair, Timeframe.H1, known_at=BEFORE + timedelta(hours=1))
    assert_frame_equal(then.frame, old.frame)


def test_it_is_told_in_words_with_the_versions(home: Path, assay: Run) -> None:
    said = corrected(assay, home, raised(make_bars(300, gaps=False), [7]))

    assert said.code == 0
    assert "1 of 300 bars were changed" in said.out
    assert "file:first.csv" in said.out
    assert "a wrong tick" in said.out


def test_the_same_correction_again_changes_nothing(home: Path, assay: Run) -> None:
    bars = raised(make_bars(300, gaps=False), [7])
    corrected(assay, home, bars)
    before = {p: p.read_bytes() for p in home.rglob("*.parquet")}

    path = text_file(home.parent, csv_of(bars), "fixed.csv")

    later = open_at(home, BEFORE + timedelta(days=9))
    told = Told.of(stamp="close")
    done = correct_file(later, path, "EURUSD", Timeframe.H1, reason="again", told=told)

    assert done.changed == 0
    assert len(done.versions) == 2
    assert {p: p.read_bytes() for p in home.rglob("*.parquet")} == before


def test_longer_bars_made_of_them_are_named(home: Path, assay: Run) -> None:
    about = ("data", "resample", "EURUSD", "--from", "1h", "--to", "4h")
    assert assay(home, *about).code == 0

    said = corrected(assay, home, raised(make_bars(300, gaps=False), [7]))

    assert "assay data resample EURUSD --from 1h --to 4h makes it again" in said.out


def test_a_signal_made_before_says_that_its_bars_were_corrected(own: Path, assay: Run) -> None:
    desk = open_at(own)
    frame = desk.bars.read(desk.instrument("EURUSD"), Timeframe.H1).frame
    made = assay(own, "explain", "sig-", "--json")
    newest = assay(own, "journal", "list", "--limit", "1", "--json").json[0]["signal_id"]
    path = own.parent / "fixed.parquet"
    fixed = raised(Bars(desk.instrument("EURUSD"), Timeframe.H1, frame), [5_000])
    fixed.frame[5_000:5_001].write_parquet(path)

    said = assay(
        own, "data", "correct", str(path), "--symbol", "eurusd", "--timeframe", "1h",
        "--stamp", "close", "--reason", "a wrong tick", "--json",
    )  # fmt: skip

    seen = assay(own, "explain", newest, "--json").json["how"]["seen"]
    assert made.code == MISTAKE, "several begin so"
    assert said.json["changed"] == 1
    assert (seen["same"], seen["changed"]) == (False, 1)
    assert "a wrong tick" in seen["sentence"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--symbol", "GBPUSD", "--timeframe", "1h", "--reason", "x"), "no bars of GBPUSD 1h"),
        (("--symbol", "EURUSD", "--timeframe", "1h", "--reason", "  "), "--reason"),
        (("--symbol", "EURUSD", "--timeframe", "1h"), "--reason"),
        (("--symbol", "EURUSD", "--timeframe", "7h", "--reason", "x"), "'7h'"),
    ],
)
def test_what_cannot_be_corrected_is_said(
    home: Path, assay: Run, arguments: tuple[str, ...], told: str
) -> None:
    path = text_file(home.parent, csv_of(make_bars(300, gaps=False)))

    said = assay(home, "data", "correct", str(path), *arguments, "--stamp", "close")

    assert told in one_sentence(said, MISTAKE)


def test_new_bars_are_for_import(home: Path, assay: Run) -> None:
    said = corrected(assay, home, make_bars(310, gaps=False))

    assert "assay data import" in one_sentence(said, MISTAKE)
    assert open_at(home).bars.info("EURUSD", Timeframe.H1).corrections == 0


def test_a_refused_import_names_the_way_to_correct(home: Path, assay: Run) -> None:
    path = text_file(home.parent, csv_of(raised(make_bars(300, gaps=False), [7])), "other.csv")
    about = ("--symbol", "EURUSD", "--timeframe", "1h", "--stamp", "close")

    said = assay(home, "data", "import", str(path), *about)

    assert "assay data correct" in one_sentence(said, MISTAKE)


def test_simulated_bars_are_not_corrected_by_a_file(tmp_path: Path, assay: Run) -> None:
    desk, bars = open_at(tmp_path / "home", BEFORE), make_bars(300)
    desk.bars.append(bars, source="simulated", known_at=BEFORE, simulated=True)

    said = corrected(assay, tmp_path / "home", raised(bars, [7]))

    assert "is simulated" in one_sentence(said, MISTAKE)
