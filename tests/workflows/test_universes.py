"""A universe comes out of anybody's table, whole or not at all."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assay.core.errors import DataError, SettingsError
from assay.workflows.desk import Desk
from assay.workflows.universes import import_universe, list_universes, show_universe
from tests.workflows.workspace import HandClock

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(home=tmp_path / "home", clock=HandClock(NOW))


def written(folder: Path, text: str) -> Path:
    file = folder / "universe.csv"
    file.write_text(text)
    return file


@pytest.mark.parametrize(
    "text",
    [
        "Ticker,Date Added,Date Removed\nAAPL,1982-11-30,\nGONE,2001-01-02,2015-03-20\n",
        "symbol;from;to\nAAPL;30.11.1982;\nGONE;02.01.2001;20.03.2015\n",
        "instrument\tstart\tend\nNASDAQ:AAPL\t1982-11-30\t\nGONE\t2001-01-02\t2015-03-20\n",
    ],
)
def test_memberships_are_read_whatever_the_columns_are_called(
    desk: Desk, tmp_path: Path, text: str
) -> None:
    found = import_universe(desk, written(tmp_path, text), "big")

    assert (found.rows, found.added, found.ever, found.now) == (2, 2, 2, 1)
    known = show_universe(desk, "big", date(2012, 1, 3), None)
    assert [(one.symbol, one.first, one.last) for one in known] == [
        ("AAPL", date(1982, 11, 30), None),
        ("GONE", date(2001, 1, 2), date(2015, 3, 20)),
    ]
    assert [one.name for one in list_universes(desk)] == ["big"]


def test_a_list_without_last_days_holds_everybody_still(desk: Desk, tmp_path: Path) -> None:
    import_universe(desk, written(tmp_path, "symbol,first\nAAPL,2001-01-02\n"), "big")

    assert [one.last for one in show_universe(desk, "big", None, None)] == [None]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("symbol,from\nAAPL,soon\n", "line 2"),
        ("symbol,from,to\nAAPL,2001-01-02,never\n", "line 2"),
        ("symbol,from\n,2001-01-02\nAAPL,2001-01-02\n", "1 of 2 rows"),
        ("symbol,from,to\nAAPL,2001-01-02,2000-01-02\n", "before it came"),
    ],
)
def test_a_row_that_cannot_be_read_refuses_all(
    desk: Desk, tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(DataError, match=said):
        import_universe(desk, written(tmp_path, text), "big")

    assert list_universes(desk) == []


def test_a_table_without_days_says_what_a_universe_needs(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="first days"):
        import_universe(desk, written(tmp_path, "symbol,weight\nAAPL,0.07\n"), "big")
