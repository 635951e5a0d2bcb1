"""The board: one line a series, in order, each issued once."""

from pathlib import Path

import pytest

from assay.core.errors import JournalError, NotFoundError
from assay.core.values.timeframe import Timeframe
from assay.workflows.board import Board, Line, _order, daily, decidable
from assay.workflows.gather import Series
from tests.workflows.workspace import open_at


def test_every_series_with_a_fusion_is_on_the_board(own: Path) -> None:
    ticks: list[tuple[int, int]] = []

    found = daily(open_at(own), tick=lambda what, done, total: ticks.append((done, total)))

    assert {line.series for line in found.lines} == {
        Series("EURUSD", Timeframe.H1),
        Series("EURUSD", Timeframe.H4),
    }
    assert ticks == [(1, 2), (2, 2)]
    assert all(line.fresh and line.age_seconds for line in found.lines)
    assert found.counts()["series"] == 2


def test_the_same_board_again_issues_nothing(own: Path) -> None:
    first = daily(open_at(own))
    entries = open_at(own).journal.last()[0].no

    again = daily(open_at(own))

    assert [s.id for s in again.signals] == [s.id for s in first.signals]
    assert not any(line.fresh for line in again.lines)
    assert open_at(own).journal.last()[0].no == entries


def test_a_damaged_series_stops_no_other(own: Path) -> None:
    desk = open_at(own)
    for file in (own / "bars" / "symbol=EURUSD" / "timeframe=4h").rglob("*.parquet"):
        file.write_bytes(b"x")

    found = daily(desk)

    assert len(found.failed) == 2  # the hourly one reads the four-hourly bars as well
    assert all("is damaged" in str(line.problem) for line in found.failed)
    assert {line.exit_code for line in found.failed} == {1}


def test_a_lost_fusion_fails_its_series_alone(own: Path) -> None:
    desk = open_at(own)
    lost = next(
        file
        for file in (own / "models" / "fusion").glob("*.json")
        if f"{file.stem}" in _fusions(own, Timeframe.H4)
    )
    lost.unlink()

    found = daily(desk)

    assert [str(line.series) for line in found.failed] == ["EURUSD 4h"]
    assert [s.timeframe for s in found.signals] == [Timeframe.H1]


def _fusions(home: Path, timeframe: Timeframe) -> set[str]:
    from assay.store.artefacts import ArtefactKind, Artefacts

    rows = Artefacts(open_at(home).database).list(kind=ArtefactKind.FUSION, timeframe=timeframe)
    return {row.id for row in rows}


def test_a_broken_journal_stops_the_board(own: Path) -> None:
    (own / "journal.head").unlink()

    with pytest.raises(JournalError):
        daily(open_at(own))


def test_positions_come_first_then_conviction_then_failures(workspace: Path) -> None:
    from dataclasses import replace

    from assay.store.signals import Signals

    signal = Signals(open_at(workspace).journal).list(limit=1)[0]
    series = Series("EURUSD", Timeframe.H1)

    def line(decision: str, conviction: float) -> Line:
        row = replace(signal, decision=decision, conviction=conviction)
        return Line(series, row, None, 0, fresh=True, age_seconds=1.0)

    failed = Line(series, None, "no bars", 2, fresh=False, age_seconds=None)
    lines = [failed, line("WAIT", 90), line("SHORT", 61), line("WAIT", 3), line("LONG", 85)]

    ordered = Board(signal.as_of, tuple(sorted(lines, key=_order)))

    assert [one.signal and one.signal.conviction for one in ordered.lines] == [85, 61, 90, 3, None]
    assert ordered.counts() | {"LOW": 0} == {
        "series": 5,
        "failed": 1,
        "WAIT": 2,
        "SHORT": 1,
        "LONG": 1,
        signal.tier: 4,
        str(signal.evidence): 4,
        "LOW": 0,
    }
    assert ordered.to_json()["lines"][-1]["problem"] == "no bars"


def test_what_can_be_decided_is_narrowed_by_timeframe(workspace: Path, tmp_path: Path) -> None:
    desk = open_at(workspace)

    assert decidable(desk, [Timeframe.H4]) == [Series("EURUSD", Timeframe.H4)]
    with pytest.raises(NotFoundError, match="there are some at 1h, 4h"):
        decidable(desk, [Timeframe.D1])
    with pytest.raises(NotFoundError, match="assay train"):
        decidable(open_at(tmp_path))
