"""`assay data coverage` and `assay data gaps`: what a person sees, and how the commands end."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from assay.core.instruments import instrument
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.workflows.data import resample_series
from tests.cli.conftest import Run
from tests.sources.test_quality import put, walk
from tests.workflows.workspace import open_at

NOW = datetime(2024, 1, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace of two pairs: one with gaps and a spike, one whole."""
    home = tmp_path_factory.mktemp("covered") / "home"
    desk = open_at(home, NOW)
    whole = walk()
    row = pl.int_range(pl.len())
    holes = put(whole, 5_000, high=whole["high"][5_000] * 1.2).filter(
        ~row.is_between(3_000, 3_047) & ~row.is_between(8_000, 8_001)
    )
    for symbol, frame in (("EURUSD", holes), ("GBPUSD", whole)):
        bars = Bars(instrument(symbol), Timeframe.H1, frame)
        desk.bars.append(bars, source="file:a.csv", known_at=NOW)
    resample_series(desk, "GBPUSD", Timeframe.H1, Timeframe.H4)
    return home


def test_every_series_has_a_line_with_its_score_and_the_formula(home: Path, assay: Run) -> None:
    said = assay(home, "data", "coverage")

    assert said.code == 0
    for series in ("EURUSD 1h", "GBPUSD 1h", "GBPUSD 4h"):
        assert series in said.out
    assert "99.60%" in said.out
    assert "100.00" in said.out
    assert "score = 100 x coverage x (1 - share of bars that are flagged" in said.out


def test_one_series_is_shown_by_year_and_month(home: Path, assay: Run) -> None:
    out = assay(home, "data", "coverage", "eurusd", "--timeframe", "1h").out

    lines = {line[:4]: line for line in out.splitlines() if line[:4] in ("2022", "2023")}
    assert lines["2022"].split()[-3:] == ["99.23%", "48", "1"]
    assert lines["2022"].count("▓▓") == 1
    assert lines["2022"].count("!") == 1
    assert lines["2023"].count("▓▓") == 1
    assert lines["2023"].count("██") == 11
    assert "█ all" in out


def test_as_json_every_figure_is_there(home: Path, assay: Run) -> None:
    found = assay(home, "data", "coverage", "EURUSD", "GBPUSD", "--json").json

    assert [(one["symbol"], one["timeframe"]) for one in found] == [
        *(("EURUSD", "1h"), ("GBPUSD", "1h"), ("GBPUSD", "4h")),
    ]
    first = found[0]
    assert first["score"] == pytest.approx(
        100 * first["coverage"] * (1 - first["flagged"] / first["rows"])
    )
    assert first["flaws"] == [{"bars": 1, "code": "spike", "severity": "misleading", "times": 1}]
    assert (first["gaps"], first["longest_gap"]["bars"]) == (2, 48)
    assert first["months"][0]["month"] == "2022-01"
    assert sum(month["expected"] for month in first["months"]) == first["expected"]


def test_the_page_is_written_and_named(home: Path, tmp_path: Path, assay: Run) -> None:
    page = tmp_path / "pages" / "coverage.html"

    said = assay(home, "data", "coverage", "--html", str(page))

    assert str(page) in said.out
    text = page.read_text()
    assert text.count('<details class="one"') == 3
    assert "score = 100 x coverage" in text


def test_gaps_come_the_longest_first_with_who_can_be_asked(home: Path, assay: Run) -> None:
    said = assay(home, "data", "gaps")
    found = assay(home, "data", "gaps", "EURUSD", "--timeframe", "1h", "--json").json

    assert said.code == 0
    assert said.out.index("48") < said.out.index("2 gaps, 50 bars")
    assert [one["bars"] for one in found] == [48, 2]
    assert all(one["can_be_asked"] == one["asked_in_vain"] == [] for one in found)
    one = assay(home, "data", "gaps", "--rows", "1").out
    assert "the 1 longest are shown (--rows)" in one


def test_a_whole_series_has_no_gap(home: Path, assay: Run) -> None:
    said = assay(home, "data", "gaps", "GBPUSD")

    assert "No bar that a calendar expects is missing" in said.out


@pytest.mark.parametrize("command", ["coverage", "gaps"])
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("USDJPY",), "No stored series is meant by USDJPY; assay data list names them"),
        (("EURUSD", "--timeframe", "5m"), "There are no bars of EURUSD 5m; stored are"),
        (("EURUSD", "--timeframe", "7h"), "No timeframe is called '7h'"),
        (("EURUSDD",), "EURUSDD"),
    ],
)
def test_what_is_not_there_is_said(
    home: Path, assay: Run, command: str, words: tuple[str, ...], sentence: str
) -> None:
    said = assay(home, "data", command, *words)

    assert said.code != 0
    assert sentence in said.err
    assert "Traceback" not in said.err


def test_a_damaged_series_is_named_beside_the_others(
    home: Path, tmp_path: Path, assay: Run
) -> None:
    own = shutil.copytree(home, tmp_path / "home")
    manifest = next((own / "bars" / "symbol=GBPUSD" / "timeframe=1h").glob("*.json"))
    manifest.write_text("{")

    for command in ("coverage", "gaps"):
        said = assay(own, "data", command)
        assert said.code == 1
        assert "EURUSD 1h" in said.out
        assert "GBPUSD 1h" in said.err


def test_an_empty_workspace_says_so(tmp_path: Path, assay: Run) -> None:
    for command in ("coverage", "gaps"):
        said = assay(tmp_path / "none", "data", command)
        assert "No stored series is meant" in said.err


def test_a_check_says_the_score_and_how_it_was_reached(home: Path, assay: Run) -> None:
    one = assay(home, "data", "check", "EURUSD", "--timeframe", "1h")
    every = assay(home, "data", "check")

    assert "x 99.60% coverage x (1 - 0.01% flagged)" in one.out
    assert "score = 100 x coverage" in every.out
    assert assay(home, "data", "check", "EURUSD", "--json").json["thin"] is None


def test_candles_are_drawn_with_what_is_missing_and_flagged(home: Path, assay: Run) -> None:
    time = walk()["time"]
    first, last = (f"{time[row]:%Y-%m-%dT%H:%M}" for row in (2_980, 3_060))
    said = assay(home, "data", "plot", "eurusd", "--timeframe", "1h", "--from", first, "--to", last)

    lines = said.out.splitlines()
    assert said.code == 0
    assert lines[0].startswith("EURUSD 1h: 33 bars to ")
    drawn = [line for line in lines[1:19] if line.strip()]
    assert sum(line.count("█") + line.count("░") for line in drawn) >= 33
    assert "·" * 24 in lines[19], "the gap keeps 24 of its 48 places"
    assert "1 gap, 48 bars: " in said.out
    assert "No bar is flagged" in said.out
    assert max(len(line) for line in lines) <= 121


def test_many_bars_share_a_candle_and_the_flag_stays(home: Path, assay: Run) -> None:
    time = walk()["time"]
    out = assay(
        home, "data", "plot", "EURUSD", "--timeframe", "1h",
        "--from", f"{time[4_000]:%Y-%m-%d}", "--to", f"{time[6_000]:%Y-%m-%d}",
    ).out  # fmt: skip

    assert "places a candle" in out.splitlines()[0]
    assert out.splitlines()[19].count("!") == 1
    assert "1 flag: " in out
    assert "spike" in out


def test_candles_go_to_a_page_and_to_json(home: Path, tmp_path: Path, assay: Run) -> None:
    page = tmp_path / "candles.html"
    words = ("data", "plot", "GBPUSD", "--timeframe", "4h")

    said = assay(home, *words, "--html", str(page))
    found = assay(home, *words, "--json").json

    assert str(page) in said.out
    assert "GBPUSD 4h: stored bars" in page.read_text()
    assert (found["bars"], found["gaps"], found["flaws"]) == (300, [], [])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--from", "yesterday"), "--from must be a time such as 2022-06-15T14:00"),
        (("--from", "2031-01-01"), "No bar of EURUSD 1h closed in that stretch; stored are"),
        (("--to", "2001-01-01"), "No bar of EURUSD 1h closed in that stretch"),
    ],
)
def test_a_stretch_that_cannot_be_drawn_is_refused(
    home: Path, assay: Run, words: tuple[str, ...], sentence: str
) -> None:
    said = assay(home, "data", "plot", "EURUSD", "--timeframe", "1h", *words)

    assert said.code != 0
    assert sentence in said.err
