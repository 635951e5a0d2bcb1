"""Runs are registered in order, kept fold by fold, stopped and taken up, and counted once."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from assay.core.errors import AssayError, HistoryError, SettingsError, StoreError
from assay.core.ids import digest
from assay.store.files import locked
from assay.store.findings import Families
from assay.store.runs import Runs
from assay.store.trials import Trials, TrialStatus
from assay.workflows.desk import Desk
from assay.workflows.executors.contract import Executor, carry_out
from assay.workflows.executors.library.local import Local
from assay.workflows.experiments.planning import GPU_SHARE, PLACEBOS, check_all, seeds_of
from assay.workflows.experiments.reading import Planned
from assay.workflows.experiments.running import (
    LOCK,
    STOPPED,
    Finished,
    run_experiments,
    unfinished,
)
from tests.workflows.experiments.test_fold_leakage import NET, TREES
from tests.workflows.experiments.worlds import Counting, desk_with, experiment, pair, planned

FAMILY = "experiment:small-worlds"
TWO_FOLDS = {"kind": "expanding", "folds": 2, "tested": "40 %", "embargo": "12 hours"}
FEW = {"name": "ridge", "settings": {"rows_needed": 60, "stop_rows_needed": 10}}
DENSE = {**TWO_FOLDS, "embargo": "4 hours"}
EACH = 2 + PLACEBOS
"""Pieces of a run of two folds with one seed."""
ALL = 2 * EACH
"""Pieces of `plans`: the second run is the baseline of the first."""
SEARCHED = {"tries": 4, "inner_folds": 2, "space": {"keep": {"choice": [2, 5]}}}


def plans() -> list[Planned]:
    """Return two runs of one family: momentum, and the ridge that is also its baseline."""
    return [
        planned(name="first", model={"name": "momentum"}, splits=TWO_FOLDS),
        planned(name="second", splits=TWO_FOLDS),
    ]


def run(
    desk: Desk, asked: Sequence[Planned], executor: Executor | None = None
) -> dict[str, Finished]:
    """Return what became of every run, by its title."""
    done = list(run_experiments(desk, asked, executor or Counting()))
    return {each.run.planned.title: each for each in done}


def found(done: Mapping[str, Finished]) -> dict[str, Any]:
    """Return all that runs found: figures, and arrays to the bit."""
    told = {}
    for title, each in done.items():
        assert each.found is not None, each.reason
        arrays = {name: values.tobytes() for name, values in each.found.returns.items()}
        arrays |= {name: values.tobytes() for name, values in each.found.scores.items()}
        told[title] = (each.figures, each.found.days.tobytes(), arrays)
    return told


def states(desk: Desk) -> list[tuple[str, str]]:
    """Return name and state of every registered run, in order."""
    return [(row.facts.name, str(row.trial.status)) for row in Runs(desk.database).list()]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what the two runs find when nobody disturbs them."""
    return found(run(desk_with(tmp_path_factory.mktemp("undisturbed"), pair()), plans()))


@pytest.fixture
def long_desk(tmp_path: Path) -> Desk:
    """Return a desk with history enough for the walk inside a training span."""
    return desk_with(tmp_path / "long", pair(6_000))


@pytest.mark.parametrize("backwards", [False, True])
def test_runs_are_registered_in_the_order_given_whatever_ends_first(
    desk: Desk, undisturbed: Mapping[str, Any], *, backwards: bool
) -> None:
    done = run(desk, plans(), Counting(backwards=backwards))

    rows = Runs(desk.database).list()
    assert [row.facts.name for row in rows] == ["first", "second"]
    assert [row.trial.no for row in rows] == [1, 2]
    assert found(done) == undisturbed


def test_one_run_ends_to_end_on_either_database(
    tmp_path: Path, url: str, undisturbed: Mapping[str, Any]
) -> None:
    desk = desk_with(tmp_path / "home", pair(), url=url)

    done = run(desk, plans())

    assert found(done) == undisturbed
    for title, each in done.items():
        row = Trials(desk.database).get(each.run.trial.id)
        assert row.status is TrialStatus.FINISHED
        assert row.metrics == each.figures
        assert row.results_digest == digest(each.figures)
        facts = Runs(desk.database).facts(row.id)
        assert (facts.title, facts.family) == (title, "small-worlds")
        assert facts.seconds is not None
        assert facts.seconds > 0
        daily = Runs(desk.database).daily(row.id)
        assert each.found is not None
        assert daily.net.tobytes() == each.found.net.tobytes()
        assert (daily.days == each.found.days.astype("datetime64[D]")).all()
    assert Trials(desk.database).count_distinct(FAMILY) == 2
    assert Runs(desk.database).matrix(FAMILY).returns.shape[1] == 2
    assert unfinished(desk) == []
    desk.close()


def test_a_run_again_fits_nothing_and_counts_no_configuration_twice(desk: Desk) -> None:
    first = Counting()
    before = run(desk, plans(), first)
    again = Counting()

    after = run(desk, [replace(each, source="elsewhere.yaml") for each in plans()], again)

    assert len(first.done) == ALL
    assert again.done == []
    assert found(after) == found(before)
    assert Trials(desk.database).count_distinct(FAMILY) == 2
    assert len(Trials(desk.database).list(FAMILY)) == 4


@pytest.mark.parametrize("device", ["cpu", "auto"])
def test_nets_alone_want_a_gpu_where_the_setting_lets_them(desk: Desk, device: str) -> None:
    desk.device = device

    (net,) = check_all(desk, [planned(model=dict(NET))])
    wanted = {work.gpus: work.arguments for work in net.works({}).values()}
    beside = [w for task, w in net.works({}).items() if task.work_key == net.baseline_key]

    assert set(wanted) == ({0.0} if device == "cpu" else {0.0, GPU_SHARE})
    assert all(("device" in told) == (gpus > 0) for gpus, told in wanted.items())
    assert {work.gpus for work in beside} == {0.0}


def test_a_worker_with_other_code_refuses_and_says_where(desk: Desk) -> None:
    (checked,) = check_all(desk, [planned()])
    work = next(iter(checked.works({}).values()))
    other = replace(work, arguments={**work.arguments, "code": "0" * 64})

    failure = carry_out(other.text(), ("assay",)).failure

    assert failure is not None
    assert failure.is_a(SettingsError)
    assert "but the run was started by 000000000000: change nothing" in failure.sentence


def test_what_a_gpu_found_is_never_taken_for_what_a_processor_found(desk: Desk) -> None:
    asked = [planned(model=dict(NET)), planned(model={"name": "momentum"})]

    first = check_all(desk, asked)
    desk.device = "cuda"
    second = check_all(desk, asked)
    same = [a.work_key == b.work_key for a, b in zip(first, second, strict=True)]

    assert same == [False, True]
    assert first[0].baseline_key == second[0].baseline_key


def test_another_name_hypothesis_or_gate_is_the_same_trial_and_fits_nothing(desk: Desk) -> None:
    run(desk, [planned(splits=TWO_FOLDS)])
    again = Counting()

    run(desk, [planned(splits=TWO_FOLDS, name="renamed", gate="strict")], again)

    assert again.done == []
    assert Trials(desk.database).count_distinct(FAMILY) == 1


def test_other_costs_are_another_trial_and_are_fitted(desk: Desk) -> None:
    run(desk, [planned(splits=TWO_FOLDS)])
    again = Counting()

    run(desk, [planned(splits=TWO_FOLDS, costs={"times": 2.0})], again)

    assert len(again.done) == EACH
    assert Trials(desk.database).count_distinct(FAMILY) == 2


def test_new_bars_are_other_data_and_are_fitted(tmp_path: Path) -> None:
    bars = pair()
    fewer = replace(bars, frame=bars.frame.head(2_400))
    desk = desk_with(tmp_path / "home", fewer)
    run(desk, [planned(splits=TWO_FOLDS)])
    desk.bars.append(bars, source="test", known_at=desk.clock.now())
    again = Counting()

    run(desk, [planned(splits=TWO_FOLDS)], again)

    assert len(again.done) == EACH
    assert Trials(desk.database).count_distinct(FAMILY) == 1
    prints = {row.data_fingerprint for row in Trials(desk.database).list(FAMILY)}
    assert len(prints) == 2


def test_a_fold_that_fails_fails_its_run_alone(desk: Desk, undisturbed: Mapping[str, Any]) -> None:
    placebo_of_first = 2

    done = run(desk, plans(), Counting(breaks=placebo_of_first))

    assert done["first"].reason == "the disk of the worker broke"
    assert done["first"].figures is None
    assert states(desk) == [("first", "failed"), ("second", "finished")]
    assert found({"second": done["second"]})["second"] == undisturbed["second"]
    assert [each.title for each in unfinished(desk)] == ["first"]


def test_a_failed_run_taken_up_fits_only_what_is_missing(
    desk: Desk, undisturbed: Mapping[str, Any]
) -> None:
    run(desk, plans(), Counting(breaks=2))
    again = Counting()

    done = run(desk, unfinished(desk), again)

    assert len(again.done) == 1
    assert found(done)["first"] == undisturbed["first"]
    assert unfinished(desk) == []


def test_an_impossible_history_is_refused_before_anything_is_registered(desk: Desk) -> None:
    wrong = planned(name="wrong", splits__folds=90, splits__kind="expanding")
    counting = Counting()

    with pytest.raises(HistoryError, match=r"^wrong: .* days of history are too few"):
        run(desk, [*plans(), wrong], counting)

    assert counting.done == []
    assert Trials(desk.database).list() == []
    assert Families(desk.database).list() == []


def test_a_period_without_bars_is_refused(desk: Desk) -> None:
    with pytest.raises(HistoryError, match=r"small: .*no bars are stored between 2031-01-01"):
        run(desk, [planned(data__from="2031-01-01")])

    assert Trials(desk.database).list() == []


def test_features_of_which_none_is_left_are_refused(desk: Desk) -> None:
    with pytest.raises(HistoryError, match="no feature is left after"):
        run(desk, [planned(features={"only": ["rsi"], "without": ["rsi"]})])

    assert Trials(desk.database).list() == []


def test_a_family_keeps_its_primary_metric(desk: Desk) -> None:
    run(desk, [planned(splits=TWO_FOLDS)])

    with pytest.raises(AssayError, match="small-worlds") as caught:
        run(desk, [planned(primary_metric="log_loss_gain")])

    assert "net_sharpe" in str(caught.value)
    assert len(Trials(desk.database).list()) == 1


@pytest.mark.parametrize("stops_at", [0, 3, 7])
def test_ctrl_c_keeps_what_is_finished_and_resume_ends_as_if_undisturbed(
    desk: Desk, undisturbed: Mapping[str, Any], stops_at: int
) -> None:
    stopped = Counting(stops_at=stops_at)
    with pytest.raises(KeyboardInterrupt):
        run(desk, plans(), stopped)
    ended = [row.trial for row in Runs(desk.database).list()]
    again = Counting()
    left = unfinished(desk)

    done = run(desk, left, again)

    aborted = [trial for trial in ended if trial.status is TrialStatus.ABORTED]
    assert len(stopped.done) == stops_at
    assert all(trial.reason == STOPPED for trial in aborted)
    assert {trial.status for trial in ended} <= {TrialStatus.ABORTED, TrialStatus.FINISHED}
    assert len(aborted) == len(left) > 0
    assert not set(stopped.done) & set(again.done)
    assert len(stopped.done) + len(again.done) == ALL
    told = found(done)
    assert told == {title: undisturbed[title] for title in told}
    assert unfinished(desk) == []
    assert Trials(desk.database).count_distinct(FAMILY) == 2


def test_a_plan_taken_up_is_the_plan_that_was_stopped(desk: Desk) -> None:
    asked = [planned(splits=TWO_FOLDS, seeds=[3, 4], gate="strict"), *plans()]
    with pytest.raises(KeyboardInterrupt):
        run(desk, asked[:1], Counting(stops_at=0))

    (left,) = unfinished(desk)

    assert left.experiment.configuration() == asked[0].experiment.configuration()
    assert (left.experiment.seeds, left.experiment.gate) == ((3, 4), "strict")
    assert (left.tag, left.text, left.title) == (asked[0].tag, asked[0].text, asked[0].title)


def test_whoever_stops_listening_leaves_no_trial_running(desk: Desk) -> None:
    with closing(cast("Generator[Finished]", run_experiments(desk, plans(), Counting()))) as runs:
        next(runs)

    assert sorted(state for _, state in states(desk)) == ["aborted", "finished"]
    assert len(run(desk, unfinished(desk))) == 1


def test_asked_to_stop_it_ends_and_marks_what_is_left(desk: Desk) -> None:
    counting = Counting()

    done = list(run_experiments(desk, plans(), counting, stop=lambda: len(counting.done) >= 3))

    assert len(counting.done) == 3
    assert done == []
    assert [state for _, state in states(desk)] == ["aborted", "aborted"]


def test_asked_to_stop_in_a_search_it_fits_no_fold_with_settings_nobody_chose(
    long_desk: Desk,
) -> None:
    asked = [planned(splits=DENSE, model=FEW, search=SEARCHED)]
    counting = Counting()
    times = iter([False, True])

    done = list(run_experiments(long_desk, asked, counting, stop=lambda: next(times, False)))

    assert len(counting.done) == 1
    assert done == []
    assert states(long_desk) == [("small", "aborted")]


def test_one_at_a_time_runs_the_experiments_of_a_workspace(desk: Desk) -> None:
    with (
        locked(desk.home / LOCK, 0.0),
        pytest.raises(StoreError, match="are being run by another process; let it finish"),
    ):
        run(desk, plans())

    assert Trials(desk.database).list() == []
    assert set(run(desk, plans()[1:])) == {"second"}


def test_a_member_that_is_not_random_has_one_seed(desk: Desk) -> None:
    counting = Counting()

    done = run(desk, [planned(splits=TWO_FOLDS, seeds=[5, 6, 7])], counting)

    assert seeds_of(experiment(seeds=[5, 6, 7])) == (5,)
    assert len(counting.done) == EACH
    assert done["small"].found is not None
    assert done["small"].found.seeds == (5,)


def test_a_random_member_is_judged_by_the_mean_over_its_seeds(desk: Desk) -> None:
    done = run(desk, [planned(splits=TWO_FOLDS, seeds=[5, 6], model=TREES)])

    summed = done["small"].found
    assert summed is not None
    assert summed.seeds == (5, 6)
    net = summed.returns["net"]
    assert net.shape[1] == 2
    assert not np.array_equal(net[:, 0], net[:, 1])
    assert summed.net.tobytes() == net.mean(axis=1).tobytes()


def test_every_try_of_a_search_is_counted_once(long_desk: Desk) -> None:
    trials = Trials(long_desk.database)

    done = run(long_desk, [planned(splits=DENSE, model=FEW, search=SEARCHED)])

    assert done["small"].reason is None
    # two cuts try both settings, of which there are two: with the run itself three
    assert trials.count_distinct(FAMILY) == 3
    rows = trials.list(FAMILY)
    assert len(rows) == 3
    tried = [row.configuration["model"]["settings"]["keep"] for row in rows[1:]]
    assert sorted(tried) == [2, 5]
    assert all(row.status is TrialStatus.FINISHED for row in rows)
    assert all(row.metrics["search_of"] == rows[0].id for row in rows[1:] if row.metrics)

    again = Counting()
    run(long_desk, [planned(splits=DENSE, model=FEW, search=SEARCHED)], again)

    assert again.done == []
    assert trials.count_distinct(FAMILY) == 3


def test_tries_that_fail_are_counted_too(long_desk: Desk) -> None:
    space = {"rows_needed": {"choice": [60, 10**6]}}
    search = {**SEARCHED, "space": space}

    done = run(long_desk, [planned(splits=DENSE, model=FEW, search=search)])

    rows = Trials(long_desk.database).list(FAMILY)
    failed = [row for row in rows if row.status is TrialStatus.FAILED]
    assert done["small"].reason is None
    assert len(failed) == 1
    assert failed[0].configuration["model"]["settings"]["rows_needed"] == 10**6
    assert "needs 1,000,000" in str(failed[0].reason)


def test_a_search_without_a_finished_try_fails_its_run_and_no_other(desk: Desk) -> None:
    space = {"rows_needed": {"whole": [10**6, 10**7]}}
    hopeless = planned(name="hopeless", splits=TWO_FOLDS, search={**SEARCHED, "space": space})

    done = run(desk, [hopeless, *plans()[1:]])

    assert "no try of the search was finished" in str(done["hopeless"].reason)
    assert done["second"].reason is None


@pytest.mark.parametrize("jobs", [1, 2])
def test_local_processes_find_the_same_as_this_one(
    desk: Desk, undisturbed: Mapping[str, Any], jobs: int
) -> None:
    done = run(desk, plans(), Local(jobs=jobs))

    assert found(done) == undisturbed
