"""What the doctor says of the machine, of age and holes, and of models that are behind."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from assay.core.errors import SettingsError
from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.workflows import freshness, machine
from assay.workflows.desk import Desk
from assay.workflows.doctor import examine, undesked
from assay.workflows.finding import Finding, State
from tests.factories import make_bars
from tests.workflows.workspace import HandClock, open_at


def only(found: Iterator[Finding]) -> Finding:
    (one,) = found
    return one


def holding(home: Path, bars: Bars, *, simulated: bool = False) -> Desk:
    desk = open_at(home, bars.last_time + timedelta(hours=1))
    desk.bars.append(bars, source="test", known_at=desk.clock.now(), simulated=simulated)
    return desk


def test_old_bars_are_named_and_simulated_ones_are_not(tmp_path: Path) -> None:
    bars = make_bars(300)
    desk = holding(tmp_path / "real", bars)
    pretended = holding(tmp_path / "made", bars, simulated=True)

    assert only(freshness.ages(desk)).state is State.OK
    for one in (desk, pretended):
        one.clock = HandClock(bars.last_time + timedelta(days=8))
    old = only(freshness.ages(desk))
    assert old.state is State.INFO
    assert "EURUSD 1h on 2020-01" in old.sentence
    assert list(freshness.ages(pretended)) == []


def test_holes_are_a_warning_that_names_the_command(tmp_path: Path) -> None:
    bars = make_bars(600, gaps=False)
    kept = bars.frame.filter((pl.int_range(pl.len()) % 10) != 0)

    found = only(freshness.holes(holding(tmp_path, Bars(bars.instrument, bars.timeframe, kept))))

    assert found.state is State.WARN
    assert "assay data check EURUSD --timeframe 1h" in found.sentence
    assert only(freshness.holes(holding(tmp_path / "whole", bars))).state is State.OK


def test_models_that_are_behind_their_bars_are_named(own: Path) -> None:
    desk = open_at(own)
    assert [one.state for one in freshness.trained(desk)] == [State.OK]
    last = desk.bars.info("EURUSD", Timeframe.H1).last
    late = make_bars(50, start=last + timedelta(days=100), gaps=False)

    desk.bars.append(late, source="test", known_at=desk.clock.now())

    found = only(freshness.trained(open_at(own)))
    assert found.state is State.WARN
    assert "EURUSD 1h" in found.sentence
    assert "assay train" in found.sentence


def test_bars_that_were_corrected_since_put_models_behind(own: Path) -> None:
    desk = open_at(own)
    newest = desk.bars.tail(desk.instrument("EURUSD"), Timeframe.H4, 1)
    other = newest.frame.with_columns(close=(pl.col("low") + pl.col("high")) / 2)

    desk.bars.correct(
        Bars(newest.instrument, Timeframe.H4, other), reason="wrong", known_at=desk.clock.now()
    )

    assert "EURUSD 4h" in only(freshness.trained(open_at(own))).sentence


def test_series_without_models_are_named(own: Path) -> None:
    desk = open_at(own)
    bars = make_bars(50, symbol="GBPUSD")
    desk.bars.append(bars, source="test", known_at=desk.clock.now())

    assert "GBPUSD 1h have no models" in only(freshness.trained(desk)).sentence


def test_a_clock_behind_what_was_written_is_a_warning(own: Path) -> None:
    desk = open_at(own)
    assert only(freshness.clock(desk)).state is State.OK

    desk.clock = HandClock(desk.bars.info("EURUSD", Timeframe.H1).known_at - timedelta(days=1))

    found = only(freshness.clock(desk))
    assert found.state is State.WARN
    assert "set the clock" in found.sentence


def test_more_jobs_than_processors_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "processors", lambda: 4)
    desk = open_at(tmp_path)

    states = [only(machine.threads(replace(desk, jobs=jobs))).state for jobs in (1, 4, 5)]

    assert states == [State.INFO, State.OK, State.WARN]


@pytest.mark.parametrize(
    ("build", "device", "state"),
    [
        ("2.9.0+cpu", "cpu", State.OK),
        ("2.9.0+cpu", "auto", State.INFO),
        ("2.9.0+cpu", "cuda", State.FAIL),
        (None, "cuda", None),
    ],
)
def test_the_build_of_torch_is_held_against_the_device(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    build: str | None,
    device: str,
    state: State | None,
) -> None:
    monkeypatch.setattr(machine, "installed", lambda _: build)
    desk = replace(open_at(tmp_path), device=device)

    found = list(machine.torch(desk))

    assert [one.state for one in found] == ([] if state is None else [state])


def test_a_missing_extra_says_which_command_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "installed", lambda _: None)
    served = replace(open_at(tmp_path), database_url="postgresql+pg8000://host/x")

    found = {one.name: one for one in machine.optional(open_at(tmp_path))}
    needed = {one.name: one for one in machine.optional(served)}

    assert "assay train" in found["extra train"].sentence
    assert "pip install 'assay[train]'" in found["extra train"].sentence
    assert found["extra postgres"].state is State.INFO
    assert needed["extra postgres"].state is State.FAIL
    assert set(found) == {f"extra {name}" for name in machine.NEEDED_FOR}
    assert all("some commands need it" not in one.sentence for one in found.values())


def test_compiled_functions_that_cannot_be_kept_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_at(tmp_path)
    assert only(machine.compiled(desk)).state is State.OK

    monkeypatch.setattr("os.access", lambda *_: False)

    found = only(machine.compiled(desk))
    assert found.state is State.WARN
    assert "NUMBA_CACHE_DIR" in found.sentence


def test_no_browser_is_good_to_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("shutil.which", lambda _: None)

    assert only(machine.browser(open_at(tmp_path))).state is State.INFO


def test_a_mistake_in_the_settings_is_the_first_finding() -> None:
    found = undesked(SettingsError("The setting 'seed' cannot be 'many'"))

    assert not found.sound
    assert (found.findings[0].name, found.findings[0].state) == ("settings", State.FAIL)
    assert {"python", "libraries"} <= {one.name for one in found.findings}


def test_every_line_has_a_sentence_and_every_check_a_line(own: Path) -> None:
    found = examine(open_at(own)).findings

    assert all(one.sentence for one in found)
    assert {
        "python", "libraries", "processors", "compiled", "settings", "workspace", "disk",
        "database", "journal", "clock", "bars", "age", "holes", "documents", "models", "training",
        "calendars", "browser",
    } <= {one.name for one in found}  # fmt: skip
