"""Outcomes are added, never changed, and stand in the journal; on both kinds of database."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from assay.core.clock import FixedClock
from assay.core.errors import JournalError
from assay.core.values.timeframe import Timeframe
from assay.store.database import Database
from assay.store.journal import Journal
from assay.store.resolutions import OUTCOME_STAGE, Chosen, Draft, Part, Resolutions
from assay.store.signals import SignalRow, Signals
from assay.store.tables import JOURNAL, RESOLUTIONS

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def journal(database: Database, tmp_path: Path) -> Journal:
    return Journal(database, tmp_path / "journal.head", FixedClock(NOON))


@pytest.fixture
def kept(journal: Journal) -> Resolutions:
    return Resolutions(journal)


def issued(journal: Journal, names: Sequence[str], **about: Any) -> None:
    payload = {"direction": "UP", "probability": 0.5, "horizon_bars": 4, "in_sample": False}
    row = {
        "symbol": "EURUSD",
        "timeframe": Timeframe.H1,
        "as_of": NOON - 6 * HOUR,
        "made_at": NOON,
        "conviction": 61.0,
        "tier": "HIGH",
        "evidence": "PROVEN",
        "decision": "LONG",
        "simulated": False,
        "payload": payload,
    }
    for name in names:
        Signals(journal).issue(SignalRow(id=name, **{**row, **about}))


def draft(name: str, part: Part = Part.HORIZON, revision: int = 1, **found: Any) -> Draft:
    return Draft(name, part, revision, 2, NOON - 2 * HOUR, found or {"outcome": "up"})


def test_an_outcome_stands_in_the_journal_and_verifies(journal: Journal, kept: Resolutions) -> None:
    issued(journal, ["sig-a"])

    (written,) = kept.add([draft("sig-a", hit=True)])

    entry = journal.entry(written.entry)
    assert (entry.stage, entry.signal_id) == (OUTCOME_STAGE, "sig-a")
    assert entry.payload["found"] == {"hit": True}
    assert kept.of(["sig-a"]) == {"sig-a": {Part.HORIZON: written}}
    assert journal.verify().intact


def test_the_same_outcome_twice_is_written_once(journal: Journal, kept: Resolutions) -> None:
    issued(journal, ["sig-a"])

    first, second = kept.add([draft("sig-a"), draft("sig-a")]), kept.add([draft("sig-a")])

    assert (len(first), second) == (1, [])
    assert [entry.stage for entry in journal.entries("sig-a")] == ["signal", OUTCOME_STAGE]


def test_a_newer_version_stands_beside_the_older(journal: Journal, kept: Resolutions) -> None:
    issued(journal, ["sig-a"])
    kept.add([draft("sig-a", moved=1)])

    skipped = kept.add([draft("sig-a", revision=3, moved=3)])
    kept.add([draft("sig-a", revision=2, moved=2)])

    assert skipped == []
    assert [(one.revision, one.found["moved"]) for one in kept.history("sig-a")] == [(1, 1), (2, 2)]
    assert kept.of(["sig-a"])["sig-a"][Part.HORIZON].found == {"moved": 2}


def test_a_signal_is_open_until_all_its_parts_have_come(
    journal: Journal, kept: Resolutions
) -> None:
    issued(journal, ["sig-a", "sig-b"])
    before = [(one.id, one.has) for one in kept.open()]

    kept.add([draft("sig-a")])
    half = [(one.id, one.has) for one in kept.open()]
    kept.add([draft("sig-a", Part.TRADE)])

    assert before == [("sig-a", frozenset()), ("sig-b", frozenset())]
    assert half == [("sig-a", frozenset({Part.HORIZON})), ("sig-b", frozenset())]
    assert [one.id for one in kept.open()] == ["sig-b"]
    assert (kept.count_open(Chosen()), kept.count_open(Chosen(symbol="GBPUSD"))) == (1, 0)


def test_an_outcome_that_was_taken_away_is_missed(
    journal: Journal, kept: Resolutions, database: Database
) -> None:
    issued(journal, ["sig-a"])
    kept.add([draft("sig-a")])
    with database.write() as connection:
        connection.execute(RESOLUTIONS.delete())

    with pytest.raises(JournalError, match="was deleted"):
        kept.add([draft("sig-a")])


@pytest.mark.parametrize(
    "change",
    [
        sa.update(RESOLUTIONS).values(revision=7),
        sa.update(RESOLUTIONS).values(due=NOON),
        sa.update(JOURNAL).where(JOURNAL.c.stage == OUTCOME_STAGE).values(payload="{}"),
        sa.update(JOURNAL).where(JOURNAL.c.stage == OUTCOME_STAGE).values(signal_id="sig-b"),
        sa.update(JOURNAL).where(JOURNAL.c.stage == OUTCOME_STAGE).values(stage="signal"),
    ],
    ids=["revision", "due", "payload", "signal", "stage"],
)
def test_a_row_that_the_journal_does_not_bear_out_is_refused(
    journal: Journal, kept: Resolutions, database: Database, change: sa.Executable
) -> None:
    issued(journal, ["sig-a", "sig-b"])
    kept.add([draft("sig-a")])
    with database.write() as connection:
        connection.execute(change)

    with pytest.raises(JournalError, match="is not what journal entry"):
        kept.of(["sig-a"])


def test_signals_come_newest_first_with_or_without_an_outcome(
    journal: Journal, kept: Resolutions
) -> None:
    issued(journal, ["sig-a", "sig-b"])
    issued(journal, ["sig-c"], symbol="GBPUSD", decision="WAIT")
    kept.add([draft("sig-b")])

    every = list(kept.newest_first(Chosen()))
    rest = list(kept.newest_first(Chosen(), below=every[0].entry))
    waits = list(kept.newest_first(Chosen(decision="WAIT", since=NOON - 7 * HOUR, until=NOON)))

    assert [(one.id, list(one.outcomes)) for one in every] == [
        ("sig-c", []),
        ("sig-b", [Part.HORIZON]),
        ("sig-a", []),
    ]
    assert [one.id for one in rest] == ["sig-b", "sig-a"]
    assert [one.id for one in waits] == ["sig-c"]
    assert (every[0].direction, every[0].in_sample, every[0].horizon_bars) == ("UP", False, 4)
    assert [row["id"] for row in kept.chosen(Chosen())] == ["sig-b"]


def test_only_outcomes_that_rest_on_the_bars_and_are_older_are_touched(
    journal: Journal, kept: Resolutions
) -> None:
    issued(journal, ["sig-a"])
    kept.add([draft("sig-a")])
    series = ("EURUSD", Timeframe.H1)

    inside = kept.touched(*series, NOON - 4 * HOUR, NOON - 3 * HOUR, NOON)
    after = kept.touched(*series, NOON - HOUR, NOON, NOON)
    before = kept.touched(*series, NOON - 9 * HOUR, NOON - 7 * HOUR, NOON)
    known_earlier = kept.touched(*series, NOON - 4 * HOUR, NOON, NOON - HOUR)

    assert [one.signal_id for one in inside] == ["sig-a"]
    assert (after, before, known_earlier) == ([], [], [])
    assert kept.series() == [series]
