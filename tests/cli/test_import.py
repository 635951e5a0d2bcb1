"""`assay data import` and `assay data check`: what a person sees, and how the commands end."""

import re
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from assay.core.values.bars import PRICES, Bars
from assay.core.values.timeframe import Timeframe
from tests.cli.conftest import Run
from tests.cli.test_bad_input import MISTAKE, one_sentence
from tests.sources.files import as_opened, market_bars
from tests.sources.test_quality import put, walk
from tests.workflows.workspace import open_at


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def new_york(tmp_path: Path) -> Path:
    """Return an hourly file in the clock of New York, which its times do not say."""
    bars = market_bars(start="2021-01-04 00:00", end="2021-03-01 00:00")
    frame = as_opened(bars, "time").with_columns(
        pl.col("time").dt.convert_time_zone("America/New_York").dt.replace_time_zone(None)
    )
    frame.write_csv(tmp_path / "EURUSD_1h.csv")
    return tmp_path / "EURUSD_1h.csv"


def test_a_look_shows_what_was_found_and_by_what_and_stores_nothing(
    assay: Run, home: Path, new_york: Path
) -> None:
    said = assay(home, "data", "import", str(new_york), "--look")

    assert said.code == 0, said.err
    for word in ("America/New_York", "stretches of open time of FX", "--clock", "the name of the"):
        assert word in said.out
    assert "nothing" in assay(home, "data", "list").out.lower()


def test_the_findings_are_in_the_document(assay: Run, home: Path, new_york: Path) -> None:
    said = assay(home, "data", "import", str(new_york), "--json")

    found = {one["what"]: one["value"] for one in said.json["findings"]}
    assert found["clock"] == "America/New_York"
    assert (found["symbol"], found["timeframe"], found["stamp"]) == ("EURUSD", "1h", "bar opens")
    assert said.json["added"] == said.json["bars"] > 800


def test_what_a_person_says_holds(assay: Run, home: Path, new_york: Path) -> None:
    said = assay(home, "data", "import", str(new_york), "--clock", "Europe/London-5h", "--json")

    found = {one["what"]: (one["value"], one["evidence"]) for one in said.json["findings"]}
    assert found["clock"] == ("Europe/London-5h", "you said so")


def test_a_folder_with_a_broken_file_ends_in_one_and_stores_the_rest(
    assay: Run, home: Path, new_york: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    new_york.rename(folder / new_york.name)
    (folder / "GBPUSD_1h.csv").write_text("time,open\n1,2\n")

    said = assay(home, "data", "import", str(folder))

    assert said.code == 1
    assert "1 files were read" in said.out
    assert "1 files were refused" in said.out
    assert "GBPUSD_1h.csv" in said.out
    assert "open, high, low" in " ".join(said.out.split())
    assert [row["symbol"] for row in assay(home, "data", "list", "--json").json] == ["EURUSD"]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--clock", "Mars/Olympus"], "No clock is called 'Mars/Olympus'"),
        (["--stamp", "middle"], "A stamp is open or close"),
        (["--dates", "year-first"], "Dates are day-first or month-first"),
        (["--price-unit", "-1"], "A price unit is a number above zero"),
        (["--class", "bond"], "--class is one of fx, metal, crypto, equity, index"),
        (["--class", "DAX=bond"], "found 'DAX=bond'"),
    ],
)
def test_a_flag_that_means_nothing_is_said_back(
    assay: Run, home: Path, new_york: Path, flags: list[str], said: str
) -> None:
    assert said in one_sentence(assay(home, "data", "import", str(new_york), *flags), MISTAKE)


@pytest.fixture
def flagged(home: Path) -> Path:
    """Return a workspace of two series, one of which has a spike; the command's clock is later."""
    earlier = datetime(2022, 1, 1, tzinfo=UTC)
    desk = open_at(home, earlier)
    frame = walk(timeframe=Timeframe.H4).with_columns(pl.col("time") - pl.duration(weeks=104))
    frame = frame.with_columns(pl.col(name) / 80 for name in PRICES)[:1_500]
    spiked = put(frame, 700, high=frame["high"][700] * 1.2)
    for symbol, rows in (("EURUSD", spiked), ("GBPUSD", frame)):
        bars = Bars(desk.instrument(symbol), Timeframe.H4, rows)
        desk.bars.append(bars, source="file:test.csv", known_at=earlier)
    return home


def test_a_check_names_the_flag_and_draws_the_days(
    assay: Run, flagged: Path, tmp_path: Path
) -> None:
    page = tmp_path / "check.html"
    said = assay(flagged, "data", "check", "EURUSD", "--timeframe", "4h", "--html", str(page))
    every = assay(flagged, "data", "check")

    assert said.code == every.code == 0
    assert "spike" in said.out
    assert "local ATR off" in said.out
    assert "1 spike" in every.out
    assert re.search(r'aria-label="EURUSD 4h in 2020: [\d.]+% of', page.read_text())


def test_mending_asks_and_with_yes_stores_a_newer_version(assay: Run, flagged: Path) -> None:
    check = ("data", "check", "EURUSD", "--timeframe", "4h")
    asked = assay(flagged, *check, "--fix")
    done = assay(flagged, *check, "--fix", "--yes")
    again = assay(flagged, *check, "--fix", "--yes", "--json")

    assert asked.code == MISTAKE
    assert "Nothing was changed" in asked.err
    assert done.code == 0
    assert "mended by rule: 1 x spike" in done.out
    assert again.json["touched"] == 0
    assert assay(flagged, *check, "--json").json["flaws"] == []


def test_mending_is_of_one_series(assay: Run, flagged: Path) -> None:
    none = assay(flagged, "data", "check", "USDJPY", "--fix")
    many = assay(flagged, "data", "check", "--fix")

    assert "No stored series is meant" in one_sentence(none, MISTAKE)
    assert "--html and --fix are for one series" in one_sentence(many, MISTAKE)


def test_two_files_of_one_symbol_are_compared_without_a_feed(
    assay: Run, home: Path, tmp_path: Path
) -> None:
    for timeframe, share in ((Timeframe.H1, 0.0002), (Timeframe.H4, 1.0)):
        bars = market_bars("BTCUSDT", timeframe, "2021-01-01 00:00", "2021-03-01 00:00")
        frame = as_opened(bars).with_columns(volume=pl.lit(share * timeframe.minutes))
        frame.write_parquet(tmp_path / f"BTCUSDT_{timeframe}.parquet")
        assay(home, "data", "import", str(tmp_path / f"BTCUSDT_{timeframe}.parquet"))

    said = assay(home, "data", "reconcile", "BTCUSDT", "--stored")

    assert said.code == 0, said.err
    assert "prints less than 0.1% of the volume of file:BTCUSDT_4h.parquet" in said.out
    checked = assay(home, "data", "check", "BTCUSDT", "--timeframe", "1h")
    assert "prints less than 0.1% of the volume" in checked.out
