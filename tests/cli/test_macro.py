"""`assay macro`: figures come in, and what was known when is said."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run

MISTAKE, OURS = 2, 1


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def figures(tmp_path: Path) -> Path:
    file = tmp_path / "cpi.csv"
    file.write_text(
        "series_id,date,realtime_start,value\n"
        "CPIAUCSL,2021-04-01,2021-05-11,288.6\nCPIAUCSL,2021-04-01,2021-06-10,288.7\n"
        "CPIAUCSL,2021-05-01,2021-06-10,291.5\n"
    )
    return file


@pytest.fixture
def calendar(tmp_path: Path) -> Path:
    file = tmp_path / "calendar.csv"
    file.write_text(
        "timestamp,currency,impact,name,actual,forecast,previous\n"
        "2021-06-10T12:30:00Z,USD,HIGH,CPI y/y,8.6%,8.3%,8.3%\n"
        "2021-06-15T18:00:00Z,USD,HIGH,Fed Interest Rate Decision,1.75%,1.5%,1%\n"
        "2021-06-16T11:00:00Z,GBP,MEDIUM,BoE Interest Rate Decision,1.25%,1.25%,1%\n"
    )
    return file


def test_what_is_brought_in_is_listed_and_shown_as_of_a_day(
    home: Path, figures: Path, assay: Run
) -> None:
    looked = assay(home, "macro", "import", str(figures), "--look")
    empty = assay(home, "macro")
    stored = assay(home, "macro", "import", str(figures), "--json")
    listed = assay(home, "macro", "list")
    before = assay(home, "macro", "show", "CPIAUCSL", "--as-of", "2021-06-10T12:29", "--json")
    after = assay(home, "macro", "show", "cpi_index", "--as-of", "2021-06-10T12:30")
    every = assay(home, "macro", "show", "cpi_index", "--versions")

    assert {one.code for one in (looked, empty, stored, listed, before, after, every)} == {0}
    assert "nothing stored" in looked.out
    assert "No figure is stored yet" in empty.out
    assert stored.json["read"][0]["figures"] == 3
    assert "cpi_index" in listed.out
    assert [one["versions"][0]["actual"] for one in before.json["figures"]] == [288.6]
    assert "288.7" in after.out
    assert "1×" in after.out
    assert "ASSUMED" not in after.out
    assert every.out.count("2021-04") == 2


def test_assumed_figures_are_marked_everywhere(home: Path, tmp_path: Path, assay: Run) -> None:
    file = tmp_path / "latest.csv"
    file.write_text("DATE,CPIAUCSL\n2021-04-01,288.7\n")

    stored = assay(home, "macro", "import", str(file))
    shown = assay(home, "macro", "show", "cpi_index")
    as_json = assay(home, "macro", "show", "cpi_index", "--json")

    assert "ASSUMED" in stored.out
    assert shown.out.count("ASSUMED") == 2
    assert as_json.json["figures"][0]["assumed"] is True


def test_the_calendar_of_some_days(home: Path, calendar: Path, assay: Run) -> None:
    assay(home, "macro", "import", str(calendar))
    days = ("--from", "2021-06-01", "--to", "2021-06-30")

    every = assay(home, "macro", "calendar", *days)
    pounds = assay(home, "macro", "calendar", *days, "--currency", "gbp", "--json")
    high = assay(home, "macro", "calendar", *days, "--impact", "high", "--json")
    earlier = assay(home, "macro", "calendar", *days, "--as-of", "2021-06-12", "--json")
    none = assay(home, "macro", "calendar")

    assert "Fed Interest Rate Decision" in every.out
    assert [one["series"] for one in pounds.json] == ["policy_rate_percent"]
    assert len(high.json) == 2
    assert [one["actual"] for one in earlier.json] == [8.6]
    assert "Nothing is on the calendar" in none.out


def test_a_file_that_is_refused_is_named_and_the_others_are_stored(
    home: Path, figures: Path, tmp_path: Path, assay: Run
) -> None:
    bad = tmp_path / "bars.csv"
    bad.write_text("open,close\n1,2\n")

    alone = assay(home, "macro", "import", str(bad))
    both = assay(home, "macro", "import", str(bad), str(figures), "--json")

    assert alone.code == MISTAKE
    assert "neither a table of figures" in alone.err
    assert both.code == OURS
    assert len(both.json["refused"]) == 1
    assert both.json["read"][0]["figures"] == 3


def test_a_sync_without_sources_or_keys_says_what_to_do(home: Path, assay: Run) -> None:
    nothing = assay(home, "macro", "sync")
    unknown = assay(home, "macro", "sync", "--source", "fredd")
    plan = assay(home, "macro", "sync", "--source", "fred", "--dry-run", "--json")
    keyless = assay(home, "macro", "sync", "--source", "fred", "--source", "fmp", "--json")

    assert nothing.code == MISTAKE
    assert "[macro]" in nothing.err
    assert unknown.code == MISTAKE
    assert "did you mean fred" in unknown.err
    assert plan.code == 0
    assert {one["source"] for one in plan.json} == {"fred"}
    assert keyless.code == OURS
    assert [one["source"] for one in keyless.json["failed"]] == ["fred", "fmp"]
    assert all("ASSAY_F" in one["reason"] for one in keyless.json["failed"])
