"""Signals in brief: the same heads from both databases, filtered and cut where the rows lie."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assay.core.clock import FixedClock
from assay.core.values.timeframe import Timeframe
from assay.store.briefs import Wanted, briefs, newest_of
from assay.store.database import Database, open_database, sqlite_url
from assay.store.journal import Journal
from assay.store.signals import SignalRow, Signals

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
PAYLOAD: dict[str, Any] = {
    "direction": "UP",
    "probability": 0.53,
    "low": 0.5,
    "high": 0.56,
    "agreement": None,
    "volatility": 0.002,
    "entry": 1.1,
    "stop": None,
    "target": None,
    "risk_fraction": 0.0,
    "horizon_bars": 4,
    "reasons": ["low_conviction", "unproven"],
    "in_sample": False,
}


def row(number: int, **other: Any) -> SignalRow:
    made = SignalRow(
        id=f"sig-{number:04}",
        symbol="EURUSD",
        timeframe=Timeframe.H1,
        as_of=START + timedelta(hours=number),
        made_at=START + timedelta(hours=number),
        conviction=50.0 + number,
        tier="LOW",
        evidence="UNPROVEN",
        decision="WAIT",
        simulated=False,
        payload=PAYLOAD,
    )
    return replace(made, **other)


@pytest.fixture
def signals(database: Database, tmp_path: Path) -> Signals:
    return Signals(Journal(database, tmp_path / "journal.head", FixedClock(START)))


def test_a_brief_says_what_the_row_and_its_payload_say(
    database: Database, signals: Signals
) -> None:
    long = PAYLOAD | {"stop": 1.09, "target": 1.12, "agreement": 80.0, "in_sample": True}
    plain_one = signals.issue(row(1))
    other = signals.issue(row(2, decision="LONG", tier="HIGH", payload=long))

    newest, first = briefs(database, Wanted(), limit=10)

    assert (newest.id, newest.entry) == (other.id, other.entry)
    assert (newest.stop, newest.target, newest.agreement) == (1.09, 1.12, 80.0)
    assert (newest.in_sample, first.in_sample) == (True, False)
    assert (first.stop, first.agreement) == (None, None)
    assert first.reasons == ("low_conviction", "unproven")
    assert (first.direction, first.probability, first.price) == ("UP", 0.53, 1.1)
    assert (first.horizon_bars, first.conviction) == (4, 51.0)
    assert first.as_of == plain_one.as_of


def test_pages_go_on_before_an_entry(database: Database, signals: Signals) -> None:
    for number in range(5):
        signals.issue(row(number))

    first = briefs(database, Wanted(), limit=2)
    second = briefs(database, Wanted(), limit=9, before=first[-1].entry)

    assert [one.id[-1] for one in (*first, *second)] == ["4", "3", "2", "1", "0"]


def test_only_what_is_wanted(database: Database, signals: Signals) -> None:
    signals.issue(row(1))
    signals.issue(row(2, tier="HIGH", decision="LONG"))
    signals.issue(row(3, timeframe=Timeframe.H4))
    signals.issue(row(4, symbol="GBPUSD"))

    def ids(wanted: Wanted) -> list[str]:
        return [one.id[-1] for one in briefs(database, wanted, limit=9)]

    assert ids(Wanted(symbol="EURUSD", timeframe=Timeframe.H1)) == ["2", "1"]
    assert ids(Wanted(tier="HIGH")) == ids(Wanted(decision="LONG")) == ["2"]
    assert ids(Wanted(timeframe=Timeframe.H4)) == ["3"]
    assert ids(Wanted(symbol="XAUUSD")) == []


def test_the_newest_of_a_series_is_that_of_its_newest_bar_issued_last(
    database: Database, signals: Signals
) -> None:
    signals.issue(row(5))
    signals.issue(row(6, as_of=START + timedelta(hours=5)))
    signals.issue(row(7, as_of=START))  # a replay of an earlier bar, issued since
    hour, four = ("EURUSD", Timeframe.H1), ("EURUSD", Timeframe.H4)

    found = newest_of(database, [hour, four], each=2)

    assert [one.id[-1] for one in found[hour]] == ["6", "5"]
    assert found[four] == []
    newest = signals.newest("EURUSD", Timeframe.H1)
    assert newest is not None
    assert newest.id[-1] == "6"
    assert signals.newest("EURUSD", Timeframe.H4) is None


def test_an_empty_workspace_has_none(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path / "none.db"), create=False)

    assert briefs(database, Wanted(), limit=5) == []
    assert newest_of(database, [("EURUSD", Timeframe.H1)], each=1) == {("EURUSD", Timeframe.H1): []}
