"""The promises every executor keeps; found by themselves."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from assay.core.errors import DataError, HistoryError, MissingExtraError, SettingsError, UserError
from assay.workflows.executors.catalog import EXECUTORS
from assay.workflows.executors.contract import Executor, Outcome, Work
from assay.workflows.shared_arrays import put
from tests.workflows.executors import HERE, PACKAGES, arrays


@pytest.fixture(params=EXECUTORS.names(), scope="module")
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    """Return an executor of two jobs; a cluster is started once for all tests of this file."""
    try:
        kind = EXECUTORS.get(request.param)
    except MissingExtraError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
    if request.param != "ray":
        yield kind(jobs=2, packages=PACKAGES)
        return
    import ray

    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield kind(jobs=2, packages=PACKAGES)
    ray.shutdown()


def ran(executor: Executor, *works: Work) -> dict[str, Outcome]:
    """Return the outcomes by key, each of which must come once."""
    found = list(executor.run(works, stop=lambda: False))
    assert sorted(outcome.key for outcome in found) == sorted(work.key for work in works)
    return {outcome.key: outcome for outcome in found}


def test_every_piece_has_one_outcome_with_its_value(executor: Executor) -> None:
    works = [Work(f"n{n}", f"{HERE}:doubled", {"number": n}) for n in range(20)]

    outcomes = ran(executor, *works)

    assert {key: outcome.value for key, outcome in outcomes.items()} == {
        f"n{n}": 2 * n for n in range(20)
    }
    assert all(o.failure is None and o.attempts == 1 for o in outcomes.values())
    assert all(o.seconds >= 0 and o.peak_mb > 1 and o.worker for o in outcomes.values())


def test_outcomes_come_as_they_finish(executor: Executor, tmp_path: Path) -> None:
    sign = tmp_path / "sign"
    works = [
        Work("long", f"{HERE}:waited", {"path": str(sign)}),
        Work("short", f"{HERE}:doubled", {"number": 1}),
    ]

    keys = []
    for outcome in executor.run(works, stop=lambda: False):
        keys.append(outcome.key)
        sign.touch()

    assert keys == ["short", "long"]


def test_no_work_is_no_outcome(executor: Executor) -> None:
    assert ran(executor) == {}


def test_arrays_come_back_the_same_and_can_be_written(executor: Executor) -> None:
    value = ran(executor, Work("a", f"{HERE}:arrays", {"size": 200_000}))["a"].value

    expected = arrays(200_000)
    assert value.keys() == expected.keys()
    for name in expected.keys() - {"size"}:
        np.testing.assert_array_equal(value[name], expected[name], strict=True)
        assert value[name].flags.writeable
    assert value["size"] == 200_000


def test_an_exception_is_a_failed_outcome_that_keeps_its_class(executor: Executor) -> None:
    outcomes = ran(
        executor,
        Work("fold", f"{HERE}:too_short", {"bars": 12}),
        Work("other", f"{HERE}:doubled", {"number": 1}),
    )

    failure = outcomes["fold"].failure
    assert failure is not None
    assert failure.sentence == "The fold needs 500 bars; 12 were found"
    assert failure.is_a(HistoryError)
    assert failure.is_a(UserError)
    assert not failure.is_a(DataError)
    assert not failure.lost
    assert "in too_short" in failure.trace
    assert (outcomes["other"].value, outcomes["fold"].value) == (2, None)


def test_what_cannot_be_sent_back_or_ends_the_program_is_a_failed_outcome(
    executor: Executor,
) -> None:
    names = ("odd", "unhappy", "leaves", "nowhere")

    outcomes = ran(executor, *(Work(name, f"{HERE}:{name}") for name in names))

    said = {name: outcome.failure for name, outcome in outcomes.items()}
    assert all(failure is not None and not failure.lost for failure in said.values())
    assert "must return plain data" in str(said["odd"])
    assert "only finite ones" in str(said["unhappy"])
    assert "nowhere" in str(said["nowhere"])
    assert "enough" in str(said["leaves"])


def test_a_piece_that_kills_its_workers_is_given_up_and_the_others_go_on(
    executor: Executor,
) -> None:
    others = [Work(f"n{n}", f"{HERE}:doubled", {"number": n}) for n in range(6)]

    outcomes = ran(executor, Work("deadly", f"{HERE}:killed"), *others)

    failure = outcomes["deadly"].failure
    assert failure is not None
    assert failure.lost
    assert failure.sentence.startswith("the worker was killed")
    assert failure.sentence.endswith("(out of memory?) 3 times")
    assert outcomes["deadly"].attempts == 3
    assert [outcomes[f"n{n}"].value for n in range(6)] == [0, 2, 4, 6, 8, 10]


def test_a_piece_whose_worker_dies_is_tried_again_on_a_fresh_one(
    executor: Executor, tmp_path: Path
) -> None:
    work = Work("frail", f"{HERE}:killed_until", {"folder": str(tmp_path), "times": 2})

    outcome = ran(executor, work)["frail"]

    assert (outcome.value, outcome.attempts, outcome.failure) == (2, 3, None)


def test_a_stop_ends_what_runs_and_keeps_what_has_finished(
    executor: Executor, tmp_path: Path
) -> None:
    here = {"folder": str(tmp_path), "seconds": 60}
    works = [
        Work("quick", f"{HERE}:doubled", {"number": 3}),
        *(Work(name, f"{HERE}:began", here | {"name": name}) for name in ("one", "two", "three")),
    ]
    began = time.monotonic()

    outcomes = list(executor.run(works, stop=lambda: (tmp_path / "two").exists()))

    assert [(outcome.key, outcome.value) for outcome in outcomes] == [("quick", 6)]
    assert time.monotonic() - began < 40
    assert not (tmp_path / "three").exists()


def test_a_ctrl_c_is_raised_after_what_has_finished_was_yielded(
    executor: Executor, tmp_path: Path
) -> None:
    works = [
        Work("quick", f"{HERE}:began", {"folder": str(tmp_path), "name": "quick", "seconds": 0}),
        Work("long", f"{HERE}:waited", {"path": str(tmp_path / "never")}),
    ]

    def press() -> bool:
        if (tmp_path / "quick").exists():
            time.sleep(1)  # its outcome is on the way, and nobody has taken it
            raise KeyboardInterrupt
        return False

    outcomes = executor.run(works, stop=press)

    assert next(outcomes).key == "quick"
    with pytest.raises(KeyboardInterrupt):
        next(outcomes)


def test_work_wants_its_share_of_a_gpu_only_where_there_is_one(executor: Executor) -> None:
    outcome = ran(executor, Work("g", f"{HERE}:doubled", {"number": 2}, gpus=64))["g"]

    assert outcome.value == 4


def test_shared_arrays_are_handed_over_by_their_path(executor: Executor, tmp_path: Path) -> None:
    path = put(tmp_path, "k", {"x": np.arange(1000.0)})
    works = [
        Work(str(stop), f"{HERE}:summed", {"path": str(path), "name": "x", "stop": stop})
        for stop in (10, 100)
    ]

    outcomes = ran(executor, *works)

    assert [outcomes[key].value for key in ("10", "100")] == [45.0, 4950.0]


@pytest.mark.parametrize("function", ["os:getcwd", "assayer.sly:run", "tests:x", "subprocess:run"])
def test_functions_of_other_packages_are_refused_before_anything_starts(
    executor: Executor, function: str
) -> None:
    usual = type(executor)(jobs=1)

    with pytest.raises(SettingsError, match="Only functions of assay"):
        usual.run([Work("k", function)], stop=lambda: False)


def test_two_works_of_one_key_are_refused(executor: Executor) -> None:
    works = [Work("k", f"{HERE}:doubled", {"number": n}) for n in (1, 2)]

    with pytest.raises(SettingsError, match="'k' more than once"):
        executor.run(works, stop=lambda: False)


@pytest.mark.parametrize("argument", [float("nan"), object(), np.arange(3)])
def test_arguments_that_are_not_plain_are_refused(executor: Executor, argument: object) -> None:
    work = Work("k", f"{HERE}:doubled", {"number": argument})

    with pytest.raises(SettingsError, match="must be plain data"):
        executor.run([work], stop=lambda: False)


@pytest.mark.parametrize("function", ["assay.x", "assay.x:y.z", "assay/x:y", "", "assay:y()"])
def test_a_function_that_is_not_named_as_one_is_refused(function: str) -> None:
    with pytest.raises(SettingsError, match=r"package\.module:function"):
        Work("k", function)


@pytest.mark.parametrize("gpus", [-1, 1.5])
def test_a_share_of_gpus_that_nobody_can_give_is_refused(gpus: float) -> None:
    with pytest.raises(SettingsError, match="whole number"):
        Work("k", f"{HERE}:doubled", gpus=gpus)
