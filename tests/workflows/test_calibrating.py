"""The gate's error rates: measured in batches, kept, taken up again, and never in the ledger."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from assay.core.errors import AssayError, HistoryError, SettingsError, StoreError
from assay.core.instruments import KNOWN
from assay.core.values.bars import PRICES, Bars
from assay.core.values.timeframe import Timeframe
from assay.evaluation.gate.calibration import (
    EASIEST,
    World,
    count_promoted,
    evidence_of,
    family_of,
    promoted,
)
from assay.evaluation.gate.contract import Floats, Tier, Verdict
from assay.evaluation.gate.judge import checks
from assay.evaluation.gate.profile import STANDARD
from assay.evaluation.statistics.sharpe import sharpe_ratio
from assay.workflows.calibrating import Point, calibrate, goals, points, rate
from assay.workflows.calibrating_chain import InProcess, calibrate_chain, family
from assay.workflows.calibrating_kept import FOLDER, STATISTICS, kept
from assay.workflows.calibrating_nulls import DAY_US, Null, real_bars, real_of, turned_round
from assay.workflows.desk import Desk
from assay.workflows.executors.contract import Executor, Outcome, Work
from tests.workflows.experiments.worlds import Counting, desk_with, pair

SMALL = World(trials=150, ideas=15, years=0.1)
NOISE = Point("noise", "noise", SMALL, 25)
"""Three batches, of 10, 10 and 5 families."""
SKILLED = Point("power", "", World(30, 10, 6.0, true_sharpe=3.0), 4)


@dataclass(frozen=True, slots=True)
class Told(Executor):
    """Answers every piece with the same counts, and writes down which."""

    promoted: int = 0
    done: list[str] = field(default_factory=list)

    def _outcomes(self, works: Sequence[Work], stop: Callable[[], bool]) -> Iterator[Outcome]:
        """See `Executor._outcomes`."""
        value = {
            "trials": 8, "failed": 1, "promoted": self.promoted, "verdicts": {"FAIL": 7},
            "refused": {"sharpe": 7, "superior": 6}, "alone": {"sharpe": 1},
            "net_sharpe": -1.0, "gross_sharpe": 0.5,
        }  # fmt: skip
        for work in works:
            self.done.append(work.key)
            yield Outcome(work.key, value, seconds=2.0)


def lines(home: Path, name: str = STATISTICS) -> list[str]:
    return (home / FOLDER / f"{name}.jsonl").read_text().splitlines()


def apart_from_time(found: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in found.items() if name != "seconds"}


def test_what_was_judged_before_is_not_judged_again(tmp_path: Path) -> None:
    first, again = Counting(), Counting()

    one = calibrate(tmp_path, first, [NOISE])
    two = calibrate(tmp_path, again, [NOISE])

    assert len(first.done) == len(lines(tmp_path)) == 3
    assert again.done == []
    assert one == two


def test_a_calibration_that_was_stopped_goes_on_and_finds_the_same(tmp_path: Path) -> None:
    whole = calibrate(tmp_path / "whole", Counting(), [NOISE, SKILLED])
    left = Counting()

    with pytest.raises(KeyboardInterrupt):
        calibrate(tmp_path / "stopped", Counting(stops_at=2), [NOISE, SKILLED])
    kept_then = len(lines(tmp_path / "stopped"))
    found = calibrate(tmp_path / "stopped", left, [NOISE, SKILLED])

    assert (kept_then, len(left.done)) == (2, 2)
    assert apart_from_time(found) == apart_from_time(whole)


def test_a_line_that_a_kill_cut_off_costs_its_batch_alone(tmp_path: Path) -> None:
    whole = calibrate(tmp_path, Counting(), [NOISE])
    file = tmp_path / FOLDER / f"{STATISTICS}.jsonl"
    file.write_bytes(file.read_bytes()[:-20])
    again = Counting()

    found = calibrate(tmp_path, again, [NOISE])

    assert len(again.done) == 1
    assert apart_from_time(found) == apart_from_time(whole)
    assert [json.loads(line)["families"] for line in lines(tmp_path)] == [10, 10, 5]


def test_a_file_that_is_not_ours_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / FOLDER / f"{STATISTICS}.jsonl"
    file.parent.mkdir()
    file.write_text("a diary\n")

    with pytest.raises(StoreError, match="no row of ours: b'a diary'; move the file away"):
        calibrate(tmp_path, Counting(), [NOISE])

    assert file.read_text() == "a diary\n"


def test_two_calibrations_of_one_workspace_do_not_run_at_once(tmp_path: Path) -> None:
    with kept(tmp_path, STATISTICS), pytest.raises(StoreError):
        calibrate(tmp_path, Counting(), [NOISE])


def test_a_batch_that_fails_is_said_and_the_others_are_kept(tmp_path: Path) -> None:
    with pytest.raises(AssayError, match=r"1 of 3 pieces .* the disk of the worker broke"):
        calibrate(tmp_path, Counting(breaks=1), [NOISE])

    assert len(lines(tmp_path)) == 2
    assert calibrate(tmp_path, Counting(), [NOISE])["families"] == 25


def test_what_was_stopped_before_anything_was_judged_has_no_rate(tmp_path: Path) -> None:
    found = calibrate(tmp_path, Counting(), [NOISE], stop=lambda: True)

    assert found["noise_pass_rate"] is None
    assert found["goals"] == []
    assert (found["families"], found["families_wanted"]) == (0, 25)


def test_other_seeds_are_other_families(tmp_path: Path) -> None:
    calibrate(tmp_path, Counting(), [NOISE], seed=1)
    other = Counting()

    calibrate(tmp_path, other, [NOISE], seed=2)

    assert len(other.done) == 3


def test_progress_begins_with_what_is_there_and_ends_with_all(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        calibrate(tmp_path, Counting(stops_at=1), [NOISE])
    seen: list[tuple[str, int, int]] = []

    calibrate(tmp_path, Counting(), [NOISE], tick=lambda *told: seen.append(told))

    assert seen == [("Judging noise", done, 3) for done in (1, 2, 3)]


def test_planted_skill_is_seen_and_the_power_says_of_what(tmp_path: Path) -> None:
    found = calibrate(tmp_path, Counting(), [SKILLED])

    [power] = found["power"]
    assert power["rate"] == 1.0
    assert power["low"] < power["rate"] == power["high"]
    wanted = {"true_sharpe": 3.0, "years": 6.0, "trials": 30, "ideas": 10, "families": 4}
    assert wanted.items() <= power.items()


@given(families=st.integers(1, 2_000), share=st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_bounds_are_those_of_the_exact_binomial_test(families: int, share: float) -> None:
    passed = round(share * families)

    found = rate(passed, families)

    both = stats.binomtest(passed, families).proportion_ci(0.95, "exact")
    above = stats.binomtest(passed, families, alternative="less").proportion_ci(0.95, "exact")
    assert np.allclose((found["low"], found["high"]), both, atol=1e-12)
    assert np.isclose(found["upper"], above.high, atol=1e-12)


def test_goals_say_what_is_held_and_what_is_missed() -> None:
    power = [
        {"true_sharpe": sharpe, "years": years, "trials": 30, "ideas": 10, "rate": seen}
        for sharpe, years, seen in ((1.5, 6.0, 0.5), (2.0, 6.0, 0.84), (2.0, 3.0, 0.1))
    ]

    told = goals({"noise_pass_rate": 0.05, "noise_pass_upper": 0.081, "power": power})

    assert [(one["what"].split(",")[0], one["held"]) for one in told] == [
        ("noise_pass_rate", True),
        ("noise_pass_upper", False),
        ("power at 1.5 over 6 years", True),
        ("power at 2 over 6 years", False),
    ]


def test_the_quick_one_is_a_part_of_the_full_one() -> None:
    quick, full = points(full=False), points(full=True)

    worlds = {point.world: point.families for point in full}

    assert all(point.families <= worlds[point.world] for point in quick)
    assert worlds[World()] == 1_000


def slow_way(returns: Floats) -> list[int]:
    """Return what `promoted` yields, every trial asked for its ratio and every check asked."""
    asked = [check for _, _, check in checks(STANDARD, (Tier.STATISTICS,)) if check.of_returns]
    root = np.sqrt(len(returns))
    return [
        own
        for own in range(returns.shape[1])
        if sharpe_ratio(returns[:, own]) * root >= EASIEST
        and min(check.judge(evidence_of(returns[:, : own + 1])).allows for check in asked)
        >= Verdict.PAPER
    ]


@pytest.mark.parametrize("seed", range(3))
def test_the_quick_look_at_all_trials_changes_no_answer(seed: int) -> None:
    returns, _ = family_of(World(40, 10, 3.0, true_sharpe=2.5), seed)
    returns[:, 7] = 0.0

    found = list(promoted(returns, STANDARD))

    assert found == slow_way(returns)


def test_a_family_is_counted_once_however_many_of_its_trials_pass() -> None:
    world = World(30, 10, 10.0, true_sharpe=3.0)

    _, found = count_promoted(world, range(5), STANDARD)

    assert found == 5


def test_whole_families_are_counted_by_null_and_never_run_again(tmp_path: Path) -> None:
    first, more = Told(promoted=2), Told()

    calibrate_chain(tmp_path, first, families=2, real=None)
    found = calibrate_chain(tmp_path, more, families=3, real=None)

    assert (len(first.done), len(more.done)) == (4, 2)
    assert found["left_out"] == ["random_signs"]
    bare = found["nulls"][0]
    assert (bare["null"], bare["families"], bare["passed"]) == ("no_edge", 3, 2)
    assert (bare["trials"], bare["failed"]) == (24, 3)
    assert bare["refused"] == {"sharpe": 21, "superior": 18}
    assert bare["alone"] == {"sharpe": 3}
    assert (bare["mean_net_sharpe"], bare["mean_gross_sharpe"]) == (-1.0, 0.5)


def long_pair() -> Bars:
    """Return more than three years of hourly EURUSD."""
    return pair(20_000, edge=0.0)


def desk_of(home: Path, *every: Bars) -> Desk:
    """Return a desk that holds `every`, some time after their last bar."""
    return desk_with(home, *every, now=datetime(2026, 1, 1, tzinfo=UTC))


def test_real_bars_are_those_stored_that_are_long_enough(tmp_path: Path) -> None:
    desk = desk_of(tmp_path / "long", long_pair())
    short = desk_of(tmp_path / "short", pair())
    empty = desk_of(tmp_path / "empty")

    found = real_bars(desk, ())

    assert found is not None
    assert found.symbols == ("EURUSD",)
    assert real_bars(short, ()) is None
    assert real_bars(empty, ()) is None
    assert real_bars(empty, [desk.home]) == found
    with pytest.raises(HistoryError, match="3 years of 1h bars"):
        real_of(short.bars.root)


def test_real_bars_in_files_are_imported_apart_from_the_workspace(tmp_path: Path) -> None:
    desk = desk_of(tmp_path / "home")
    file = tmp_path / "EURUSD_1h.parquet"
    long_pair().frame.rename({"time": "close_time"}).write_parquet(file)

    found = real_bars(desk, [file])

    assert found is not None
    assert found.symbols == ("EURUSD",)
    assert desk.bars.series() == []


def test_files_that_cannot_be_read_as_bars_are_refused_with_their_reason(tmp_path: Path) -> None:
    file = tmp_path / "EURUSD_1h.parquet"
    long_pair().frame.write_parquet(file)  # its times may be opens or closes

    with pytest.raises(SettingsError, match="--stamp"):
        real_bars(desk_of(tmp_path / "home"), [file])


def other_pair(bars: Bars) -> Bars:
    """Return GBPUSD at the same hours, moving otherwise."""
    moved = bars.frame.with_columns(pl.col(name) ** 1.3 * 1.1 for name in PRICES)
    return Bars(KNOWN["GBPUSD"], Timeframe.H1, moved)


def moves(bars: Bars) -> tuple[Floats, np.ndarray]:
    """Return the log move of each bar but the first since the close before, and its day."""
    close = np.log(bars.frame["close"].to_numpy())
    return np.diff(close), ((bars.frame["time"].dt.epoch("us").to_numpy() - 1) // DAY_US)[1:]


def reach(bars: Bars) -> Floats:
    """Return how far each bar reaches from low to high, in logs."""
    found: Floats = np.log(bars.frame["high"].to_numpy() / bars.frame["low"].to_numpy())
    return found


@pytest.mark.parametrize("seed", range(3))
def test_whole_days_are_turned_round_together_and_nothing_else_changes(seed: int) -> None:
    every = [pair(2_000), other_pair(pair(2_000))]

    found = turned_round(every, seed)

    signs = []
    for before, after in zip(every, found, strict=True):
        tick = before.instrument.tick_size / after.frame["low"].to_numpy().min()
        old, day = moves(before)
        new, _ = moves(after)
        assert np.allclose(np.abs(new), np.abs(old), atol=2 * tick)
        clear = np.abs(old) > 4 * tick
        by_day = {int(d): set(np.sign(new * old)[clear & (day == d)]) for d in np.unique(day)}
        assert all(len(each) <= 1 for each in by_day.values())
        signs.append({d: each for d, each in by_day.items() if each})
        assert np.allclose(reach(before), reach(after), atol=2 * tick)
        assert after.frame["time"].equals(before.frame["time"])
        assert after.frame["volume"].equals(before.frame["volume"])
    assert all(signs[0][day] == signs[1][day] for day in signs[0].keys() & signs[1].keys())
    assert {-1.0, 1.0} == {sign for each in signs[0].values() for sign in each}


def test_a_bar_that_closes_at_midnight_belongs_to_the_day_it_ends() -> None:
    bars = pair(600)
    time = bars.frame["time"]
    ends_day = ((time.dt.hour() == 0) & (time.diff() == timedelta(hours=1))).to_numpy()[1:]

    found = turned_round([bars], 5)

    old, new = moves(bars)[0], moves(found[0])[0]
    sign, clear = np.sign(old * new), np.abs(old) > 1e-4
    at = np.flatnonzero(ends_day[1:] & clear[1:] & clear[:-1]) + 1
    assert len(at) > 5
    assert (sign[at] == sign[at - 1]).all()


@pytest.mark.slow
@pytest.mark.parametrize("null", list(Null))
def test_a_whole_family_is_judged_and_leaves_nothing_behind(tmp_path: Path, null: Null) -> None:
    desk = desk_of(tmp_path / "home", long_pair())
    scratch = tmp_path / "scratch"

    told = family(
        null=null,
        seed=3,
        profile="standard",
        scratch=str(scratch),
        root=str(desk.bars.root),
        symbols=["EURUSD"],
    )

    assert (told["trials"], told["failed"], told["promoted"]) == (8, 0, 0)
    assert sum(told["verdicts"].values()) == 8
    assert told["gross_sharpe"] > told["net_sharpe"]
    assert list(scratch.iterdir()) == []
    assert not desk.has_database


def test_work_in_process_is_done_until_somebody_stops_it() -> None:
    works = [Work(str(n), "assay.workflows.calibrating:batch", {}) for n in range(3)]
    seen: list[str] = []

    for outcome in InProcess().run(works, stop=lambda: len(seen) > 1):
        seen.append(outcome.key)
        assert outcome.failure is not None  # without its arguments

    assert seen == ["0", "1"]
