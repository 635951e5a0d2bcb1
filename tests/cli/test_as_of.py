"""`assay data as-of`: what was known at a time, and what became of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assay.core.values.bars import Bars
from assay.core.values.story import Story
from assay.core.values.timeframe import Timeframe
from assay.store.universes import Membership, Universes
from tests.cli.conftest import Run
from tests.factories import make_bars
from tests.workflows.workspace import HandClock, open_at

START = datetime(2021, 1, 4, 12, tzinfo=UTC)
WHOLE = make_bars(100, gaps=False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a workspace that learned something each day: bars, a correction, a story, a member."""
    home = tmp_path / "home"
    desk = open_at(home, START)
    clock = desk.clock
    assert isinstance(clock, HandClock)
    first = Bars(WHOLE.instrument, Timeframe.H1, WHOLE.frame.head(60))
    rest = Bars(WHOLE.instrument, Timeframe.H1, WHOLE.frame.tail(40))
    desk.bars.append(first, source="x", known_at=clock.at)
    clock.at += timedelta(days=1)
    desk.bars.append(rest, source="x", known_at=clock.at)
    clock.at += timedelta(days=1)
    row = WHOLE.frame.slice(58, 1)
    other = Bars(WHOLE.instrument, Timeframe.H1, row.with_columns(volume=row["volume"] + 1))
    desk.bars.correct(other, reason="late", known_at=clock.at)
    desk.documents.add_stories(
        [Story(WHOLE.first_time, WHOLE.first_time, "wire", "Euro rises", ("EURUSD",))],
        simulated=False,
    )
    member = Membership("EURUSD", WHOLE.first_time.date())
    Universes(desk.database).add("majors", [member], known_at=clock.at, source="x")
    desk.close()
    return home


def test_each_day_knew_what_it_knew(home: Path, assay: Run) -> None:
    known = [
        assay(home, "data", "as-of", day, "--json").json
        for day in ("2021-01-03", "2021-01-05", "2021-01-06", "2021-01-08")
    ]

    assert [[one["rows"] for one in day["series"]] for day in known] == [[], [60], [100], [100]]
    assert [day["stories"] for day in known] == [0, 0, 0, 1]
    assert [day["universes"] for day in known] == [[], [], [], ["majors"]]


def test_bars_are_shown_as_they_were_and_what_was_corrected_is_marked(
    home: Path, assay: Run
) -> None:
    said = assay(home, "data", "as-of", "2021-01-05", "EURUSD", "--rows", "3")
    found = assay(home, "data", "as-of", "2021-01-05", "EURUSD", "--rows", "3", "--json").json

    assert said.code == 0
    assert "corrected since" in said.out
    assert "40 have come since, 1 of those known then were corrected" in said.out
    assert [row["corrected"] for row in found["bars"]] == [False, True, False]
    assert found["bars"][1]["volume"] == WHOLE.frame["volume"][58]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("2021-01-03", "EURUSD"), "its first bars came later"),
        (("2021-01-05", "EURUSX"), "EURUSD"),
        (("2021-01-05", "EURUSD", "--timeframe", "3h"), "timeframe"),
        (("yesterday",), "TIME must be a time"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(
    home: Path, assay: Run, words: tuple[str, ...], said: str
) -> None:
    found = assay(home, "data", "as-of", *words)

    assert found.code == 2
    assert said in found.err
    assert found.err.count("\n") == 1
