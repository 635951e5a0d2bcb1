"""Signals at bar close: what is remembered changes no answer, and each series is issued once."""

import multiprocessing
import os
import signal
import threading
import time
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from assay.core.errors import NotFoundError
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.store.artefacts import Artefacts
from assay.store.signals import Signals
from assay.workflows.desk import Desk
from assay.workflows.gather import Series
from assay.workflows.issue import fusion_of, issue
from assay.workflows.predicting import Predicting, apart, issued
from assay.workflows.warm import WarmDesk, warm
from tests.workflows.workspace import copied, open_at, trending_bars

H1 = Timeframe.H1
BARS = trending_bars()
MORE = 6


def grown(home: Path, more: int) -> Desk:
    """Return the desk of a workspace whose hourly series has gone on by `more` bars."""
    moment = BARS.last_time + timedelta(hours=MORE + 1)
    desk = open_at(home, moment)
    for hour in range(1, more + 1):
        at = BARS.last_time + timedelta(hours=hour)
        if at > desk.bars.info("EURUSD", H1).last:
            moved = 1 + 0.0004 * hour * (-1) ** hour
            row = BARS.frame[-1:].with_columns(
                pl.col("open", "high", "low", "close") * moved,
                time=pl.lit(at, BARS.frame.schema["time"]),
            )
            desk.bars.append(
                Bars(BARS.instrument, H1, row), source="test", known_at=desk.clock.now()
            )
    return desk


def test_a_desk_that_remembers_issues_the_same_signals_to_the_byte(
    workspace: Path, tmp_path: Path
) -> None:
    one, other = copied(workspace, tmp_path / "one"), copied(workspace, tmp_path / "other")
    remembering = warm(grown(one, 0))
    for more in range(1, MORE + 1):
        grown(one, more)
        plain = grown(other, more)

        kept, anew = issue(remembering, "EURUSD", H1), issue(plain, "EURUSD", H1)

        assert kept.as_of == BARS.last_time + timedelta(hours=more)
        assert kept == anew
        plain.close()
    remembering.close()


def test_models_are_opened_once_and_again_when_their_files_are_others(own: Path) -> None:
    desk = warm(grown(own, 0))
    fitted = fusion_of(desk, desk.instrument("EURUSD"), H1)

    first, second = desk.voices(fitted), desk.voices(fitted)
    manifest = desk.models / fitted.producers[0].artefact / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b" ")
    third = desk.voices(fitted)

    assert first is second
    assert third is not first
    assert [str(reason) for reason in third.blocks] == ["quarantined"]


def test_a_frame_is_made_again_when_a_bar_it_is_made_of_was_corrected(own: Path) -> None:
    desk = warm(grown(own, 0))
    series, last = Series("EURUSD", H1), desk.bars.info("EURUSD", H1).last
    first = desk.prepared(series, last, 1_200, (), "standard")
    again = desk.prepared(series, last, 1_200, (), "standard")

    row = BARS.frame[-1:]
    better = Bars(BARS.instrument, H1, row.with_columns(volume=row["volume"] + 5))
    desk.bars.correct(better, reason="a test", known_at=desk.clock.now())
    corrected = desk.prepared(series, last, 1_200, (), "standard")

    assert again is first
    assert corrected is not first
    assert corrected.bars.frame["volume"][-1] == row["volume"][0] + 5


def test_a_series_without_models_is_passed_over(own: Path) -> None:
    assert issued(grown(own, 0), Series("EURUSD", Timeframe.D1)) is None


def test_another_process_issues_it_and_says_when_it_is_done(own: Path) -> None:
    desk = grown(own, 1)
    done, problems = threading.Event(), dict[str, str | None]()
    predicting = Predicting(desk, done.set, problems.__setitem__, workers=1)

    predicting.ask(Series("EURUSD", H1))
    is_done = done.wait(60)
    predicting.stop()

    assert is_done, problems
    newest = Signals(desk.journal).latest("EURUSD", H1)
    assert newest is not None
    assert newest.as_of == BARS.last_time + timedelta(hours=1)


def test_a_process_that_was_killed_while_nothing_was_asked_is_begun_again(own: Path) -> None:
    desk, done, problems = grown(own, 1), threading.Event(), dict[str, str | None]()
    predicting = Predicting(desk, done.set, problems.__setitem__, workers=1)
    try:
        predicting.warm()
        until = time.monotonic() + 60
        while not (begun := multiprocessing.active_children()) and time.monotonic() < until:
            time.sleep(0.05)
        for process in begun:
            os.kill(process.pid or 0, signal.SIGKILL)
            process.join()
        predicting.ask(Series("EURUSD", H1))
        assert done.wait(60), problems
    finally:
        predicting.stop()

    assert Signals(desk.journal).newest("EURUSD", H1) is not None


def test_a_bar_that_closes_while_models_are_being_opened_does_not_wait_for_all(own: Path) -> None:
    desk = grown(own, 1)
    done, problems = threading.Event(), dict[str, str | None]()
    predicting = Predicting(desk, done.set, problems.__setitem__, workers=1)

    predicting.warm()
    predicting.ask(Series("EURUSD", H1))
    is_done = done.wait(60)
    predicting.stop()

    assert is_done, problems
    assert [found for found in problems.values() if found] == []
    newest = Signals(desk.journal).latest("EURUSD", H1)
    assert newest is not None
    assert newest.as_of == BARS.last_time + timedelta(hours=1)


def test_the_other_process_is_told_no_secret(own: Path) -> None:
    desk = grown(own, 0)
    desk.secret = pytest.fail

    told = apart(desk)

    assert told.secret("ASSAY_KEY") is None
    assert isinstance(warm(told), WarmDesk)
    assert told.home == desk.home


def test_a_fusion_that_is_set_aside_is_noticed_by_a_desk_that_remembers(own: Path) -> None:
    desk = warm(grown(own, 0))
    instrument = desk.instrument("EURUSD")
    first = fusion_of(desk, instrument, H1)

    Artefacts(desk.database).quarantine(first.id, "a test")

    with pytest.raises(NotFoundError, match="no trained models"):
        fusion_of(desk, instrument, H1)
    Artefacts(desk.database).restore(first.id)
    assert fusion_of(desk, instrument, H1) is first
    desk.close()
