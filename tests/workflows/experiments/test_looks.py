"""The lock box: nobody reads it by accident, and whoever opens it is counted."""

from datetime import timedelta

import numpy as np
import pytest

from assay.core.errors import HistoryError, NotFoundError, SettingsError
from assay.core.values.bars import Bars
from assay.store.findings import Families
from assay.store.runs import Runs
from assay.store.trials import TrialStatus
from assay.workflows.desk import Desk
from assay.workflows.experiments.gating import evidence_of
from assay.workflows.experiments.looks import look
from assay.workflows.experiments.reading import Planned
from assay.workflows.experiments.running import Finished, run_experiments, unfinished
from tests.workflows.experiments.worlds import Counting, altered, desk_with, pair, planned

BOX = pair().frame["time"][1_900]
"""What follows is locked away: the last quarter of the history."""


def boxed(**changes: object) -> Planned:
    return planned(lock_box={"from": BOX.date().isoformat()}, **changes)


def run(desk: Desk, *asked: Planned) -> list[Finished]:
    return list(run_experiments(desk, asked, Counting()))


def trial_of(desk: Desk, *asked: Planned) -> str:
    return run(desk, *asked)[-1].run.trial.id


def test_no_run_reads_what_is_locked_away(desk: Desk, tmp_path: object) -> None:
    bars = pair()
    inside = bars.frame["time"].to_numpy() > np.datetime64(BOX.date())  # bars carry their close
    elsewhere = desk_with(desk.home.parent / "other", altered(bars, inside))

    (here,), (there,) = run(desk, boxed()), run(elsewhere, boxed())

    assert here.figures == there.figures
    assert here.found is not None
    last = np.datetime64(int(here.found.days.max()), "D")  # a currency day ends in the evening
    assert last <= np.datetime64(BOX.date())


def test_a_boxed_run_is_the_trial_that_ends_before_the_box(desk: Desk) -> None:
    ends = planned(data__to=(BOX.date() - timedelta(days=1)).isoformat())

    assert boxed().experiment.configuration() == ends.experiment.configuration()


def test_a_look_learns_before_the_box_and_is_tested_in_it(desk: Desk) -> None:
    trial = trial_of(desk, boxed())

    found = look(desk, trial, Counting(), reason="before trading on paper")

    assert found["from"] >= BOX - timedelta(days=1)
    assert found["to"] == desk.bars.info("EURUSD", boxed().experiment.data.timeframe).last
    assert found["looks"] == 1
    assert found["figures"]["days"] > 10
    assert found["figures"]["hit_rate"]["1"] > 0.55  # the planted drift goes on there


def test_every_look_is_counted_and_kept_with_its_reason(desk: Desk) -> None:
    trial = trial_of(desk, boxed())

    counts = [look(desk, trial, Counting(), reason=f"look {n}")["looks"] for n in (1, 2)]

    assert counts == [1, 2]
    assert [each.reason for each in Families(desk.database).looks("small-worlds")] == [
        "look 1",
        "look 2",
    ]


def test_a_second_look_fits_nothing_again(desk: Desk) -> None:
    trial = trial_of(desk, boxed())
    first, second = Counting(), Counting()

    told = look(desk, trial, first, reason="once")
    again = look(desk, trial, second, reason="twice")

    assert first.done
    assert not second.done
    assert again["figures"] == told["figures"]


def test_after_too_many_looks_the_gate_allows_no_more_than_paper(desk: Desk) -> None:
    (done,) = run(desk, boxed())
    for number in range(4):
        look(desk, done.run.trial.id, Counting(), reason=f"look {number}")

    evidence = evidence_of(desk, done.run.checked, done.run.trial)

    assert evidence.registration.looks == 4


def test_a_family_keeps_its_box(desk: Desk) -> None:
    run(desk, boxed())

    with pytest.raises(SettingsError, match=r"the lock box from .* this file says no lock box"):
        run(desk, planned(model={"name": "momentum"}))


def test_a_family_without_a_box_cannot_be_looked_into(desk: Desk) -> None:
    trial = trial_of(desk, planned())

    with pytest.raises(SettingsError, match="keeps nothing locked away"):
        look(desk, trial, Counting(), reason="to see")


def test_a_stopped_run_goes_on_with_its_box(desk: Desk) -> None:
    with pytest.raises(KeyboardInterrupt):
        list(run_experiments(desk, [boxed()], Counting(stops_at=1)))

    (left,) = unfinished(desk)
    (done,) = run(desk, left)

    assert left.experiment.lock_box == boxed().experiment.lock_box
    assert done.run.trial.status is TrialStatus.FINISHED


def test_what_is_not_finished_may_not_look(desk: Desk) -> None:
    with pytest.raises(KeyboardInterrupt):
        list(run_experiments(desk, [boxed()], Counting(stops_at=1)))
    (row,) = Runs(desk.database).list()

    with pytest.raises(SettingsError, match="only what is finished may look"):
        look(desk, row.trial.id, Counting(), reason="to see")
    assert not Families(desk.database).looks("small-worlds")


def test_a_box_beyond_the_stored_bars_is_said(tmp_path_factory: pytest.TempPathFactory) -> None:
    bars = pair()
    short = Bars(bars.instrument, bars.timeframe, bars.frame.head(1_800))
    desk = desk_with(tmp_path_factory.mktemp("short") / "home", short)
    few = {"name": "ridge", "settings": {"rows_needed": 60, "stop_rows_needed": 10}}
    trial = trial_of(desk, boxed(model=few))

    with pytest.raises(HistoryError, match="import what lies in it"):
        look(desk, trial, Counting(), reason="to see")
    assert not Families(desk.database).looks("small-worlds")


def test_a_run_nobody_knows_is_said(desk: Desk) -> None:
    run(desk, boxed())

    with pytest.raises(NotFoundError):
        look(desk, "trial-ffff", Counting(), reason="to see")
