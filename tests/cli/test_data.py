"""What the data commands say of a share that split, from the file to the check."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.sources.test_splits import first_bar, share_bars, unadjusted
from tests.workflows.test_adjust import DAY

TRUE = share_bars()
WORDS = ("--symbol", "SHARE", "--timeframe", "15m", "--class", "equity", "--stamp", "close")


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "share.parquet"
    unadjusted(TRUE, first_bar(TRUE, DAY), 4, 1).frame.write_parquet(path)
    return str(path)


def test_a_split_is_told_at_import_and_at_every_check_until_it_is_adjusted(
    tmp_path: Path, file: str, assay: Run
) -> None:
    home = tmp_path / "home"

    first = assay(home, "data", "import", file, *WORDS)
    made = assay(home, "data", "resample", "SHARE", "--from", "15m", "--to", "1h")
    before = assay(home, "data", "check", "SHARE", "--timeframe", "1h")

    assert (first.code, made.code, before.code) == (0, 0, 0)
    said = "looks like a 4-for-1 split"
    assert f"note: {DAY}: " in first.out
    assert said in first.out
    assert f"! {DAY}: " in before.out
    assert said in before.out
    assert "(15m bars), then run assay data resample again" in before.out


def test_an_adjusted_import_says_what_it_did_and_check_and_list_remember(
    tmp_path: Path, file: str, assay: Run
) -> None:
    home = tmp_path / "home"

    done = assay(home, "data", "import", file, *WORDS, "--adjust-splits")
    check = assay(home, "data", "check", "SHARE", "--timeframe", "15m")
    json = assay(home, "data", "check", "SHARE", "--timeframe", "15m", "--json").json
    listed = assay(home, "data", "list")

    assert "a 4-for-1 split was adjusted for" in done.out
    assert "split" not in check.out
    assert json["splits"] == json["corrections"] == []
    assert [year["year"] for year in json["years"]] == [2021]
    assert "splits adjusted" in listed.out


def test_the_years_of_a_series_stand_in_the_check(tmp_path: Path, file: str, assay: Run) -> None:
    home = tmp_path / "home"
    assay(home, "data", "import", file, *WORDS)

    out = assay(home, "data", "check", "SHARE", "--timeframe", "15m").out

    assert "By year" in out
    assert f"2021  {len(TRUE):,}" in out
    assert "100.0%" in out
