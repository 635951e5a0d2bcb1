"""The rules look once at the same bars, and what they flag lowers the score by as much."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.calendars.calendar import calendar
from assay.core.instruments import instrument
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.sources.quality.flaw import Code, Flaw, Severity
from assay.sources.quality.rules import find_flaws
from assay.workflows.desk import Desk
from assay.workflows.doubt import looks_back
from assay.workflows.flagged import (
    FOLDER,
    FORMULA,
    flagged_times,
    flaws_of,
    new_flaws,
    score,
    score_words,
)
from tests.sources.test_quality import put, walk
from tests.workflows.workspace import open_at

NOW = datetime(2026, 1, 1, tzinfo=UTC)
H1 = Timeframe.H1


def bars_of(frame: pl.DataFrame) -> Bars:
    return Bars(instrument("EURUSD"), H1, frame)


@pytest.fixture(scope="module")
def flawed() -> Bars:
    """Return bars with two spikes, closes that stand still and a thin volume."""
    frame = walk()
    for row in (5_000, 7_000):
        frame = put(frame, row, high=frame["high"][row] * 1.2)
    still = frame["close"][9_000]
    for row in range(9_000, 9_008):
        frame = put(frame, row, open=still, high=still, low=still, close=still)
    return bars_of(put(frame, 6_000, volume=0.01))


@pytest.fixture
def desk(tmp_path: Path, flawed: Bars) -> Desk:
    found = open_at(tmp_path / "home", NOW)
    found.bars.append(flawed, source="test", known_at=NOW)
    return found


def kept(desk: Desk) -> Path:
    [file] = (desk.reports / FOLDER).iterdir()
    return file


def reworded(file: Path) -> None:
    content = json.loads(file.read_bytes())
    for row in content["flaws"]:
        row[-1] = "it was said before"
    file.write_text(json.dumps(content))


def test_the_second_look_is_what_the_first_one_kept(desk: Desk, flawed: Bars) -> None:
    first = flaws_of(desk, flawed)

    again = flaws_of(open_at(desk.home, NOW), flawed)

    own = find_flaws(flawed.frame, flawed.instrument, H1, calendar("FX"))
    assert first == again == own
    reworded(kept(desk))
    assert {flaw.sentence for flaw in flaws_of(desk, flawed)} == {"it was said before"}


@pytest.mark.parametrize("what", ["a bar", "the calendar", "the file"])
def test_whatever_changes_they_look_again(desk: Desk, flawed: Bars, what: str) -> None:
    flaws_of(desk, flawed)
    reworded(kept(desk))
    other = flawed
    if what == "a bar":
        other = bars_of(put(flawed.frame, 3, volume=77.0))
    elif what == "the calendar":
        other = replace(flawed, instrument=replace(flawed.instrument, calendar="METAL"))
    else:
        kept(desk).write_bytes(kept(desk).read_bytes()[:100])

    found = flaws_of(desk, other)

    assert found == find_flaws(
        other.frame, other.instrument, H1, calendar(other.instrument.calendar)
    )


def test_where_nothing_can_be_written_they_look_each_time(desk: Desk, flawed: Bars) -> None:
    desk.reports.write_text("a file stands where the folder would")

    assert flaws_of(desk, flawed) == flaws_of(desk, flawed) != ()


def test_each_bar_counts_once_however_many_flaws_it_has(flawed: Bars) -> None:
    flaws = find_flaws(flawed.frame, flawed.instrument, H1, calendar("FX"))
    misleading = [flaw for flaw in flaws if flaw.severity is Severity.MISLEADING]
    rows = {row for flaw in misleading for row in range(flaw.start, flaw.end + 1)}

    times = flagged_times(flawed, [*flaws, *flaws])

    want = flawed.frame["time"].dt.epoch("us").to_numpy()[sorted(rows)]
    assert times.tolist() == want.tolist()
    assert len(rows) >= 2 + 8 + 1


def test_a_broken_bar_is_no_misleading_one(flawed: Bars) -> None:
    time = flawed.frame["time"]
    moved = Flaw(Code.WRONG_ZONE, 10, 120, 120, time[10], time[120], "a week", 3_600_000_000)

    assert not len(flagged_times(flawed, [moved]))


@given(
    coverage=st.floats(0, 1),
    rows=st.integers(1, 10**6),
    share=st.floats(0, 1),
    more=st.floats(0, 1),
)
def test_the_score_is_a_percentage_that_no_loss_raises(
    coverage: float, rows: int, share: float, more: float
) -> None:
    flagged = int(rows * share)

    found = score(coverage, flagged, rows)

    assert 0.0 <= found <= 100.0
    assert score(1.0, 0, rows) == 100.0
    assert score(coverage * more, flagged, rows) <= found
    assert score(coverage, min(rows, flagged + 1), rows) <= found
    assert score(coverage, rows, rows) == 0.0


def test_the_words_hold_the_formula_and_the_figures() -> None:
    assert score_words(0.95, 25, 1_000) == "92.62 = 100 x 95.00% coverage x (1 - 2.50% flagged)"
    assert FORMULA.startswith("score = 100 x coverage x (1 - share")
    assert score_words(0.0, 0, 0).startswith("0.00 = ")


@pytest.mark.parametrize("ends", [4_990, 5_001, 5_002, 6_001, 7_400, 9_003, 9_008, 9_500])
def test_of_new_bars_the_rules_say_what_they_say_of_all(flawed: Bars, ends: int) -> None:
    known = bars_of(flawed.frame.head(ends))
    new = known.frame["time"].tail(30)
    window = known.frame.filter(pl.col("time") >= new[0] - looks_back(H1))

    found = new_flaws(bars_of(window), new)

    whole = find_flaws(known.frame, known.instrument, H1, calendar("FX"))
    want = [f for f in whole if max(f.end, f.known) >= ends - 30]
    assert [(f.code, f.first, f.last) for f in found] == [(f.code, f.first, f.last) for f in want]


def test_a_week_in_another_zone_is_told_of_when_the_next_one_begins() -> None:
    frame = walk()
    monday = datetime(2022, 9, 12, tzinfo=UTC)
    inside = (pl.col("time") + pl.duration(hours=9)).dt.truncate("1w") == pl.lit(monday)
    late = frame.with_columns(
        pl.col("time") + pl.when(inside).then(pl.duration(hours=5)).otherwise(pl.duration())
    )
    friday, tuesday = monday + timedelta(days=5, hours=4), monday + timedelta(days=8)

    told = []
    for until in (friday, tuesday, tuesday + timedelta(days=1)):
        known = late.filter(pl.col("time").is_between(until - looks_back(H1), until))
        new = known["time"].filter(known["time"] > until - timedelta(days=1, hours=12))
        told.append([flaw.code for flaw in new_flaws(bars_of(known), new)])

    assert told == [[], [Code.WRONG_ZONE], []]


def test_nothing_new_is_nothing_wrong(flawed: Bars) -> None:
    assert new_flaws(flawed, flawed.frame["time"].head(0)) == ()
    assert np.isclose(score(1.0, 0, len(flawed)), 100.0)
