"""What every kind of job promises: arguments that are said, a way to run, a time that can be."""

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assay.core.errors import AssayError
from assay.workflows.jobs.catalog import KINDS, job_of, leases, said_of
from assay.workflows.jobs.contract import (
    BAR_CLOSE,
    Job,
    Weight,
    arguments_of,
)
from assay.workflows.jobs.contract import said_of as argument_said
from assay.workflows.jobs.planning import cron, schedule_of
from tests.workflows.workspace import open_at

AT = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture(params=KINDS.names())
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def kind(name: str) -> type[Job]:
    return KINDS.get(name)


def test_it_is_a_frozen_value_whose_every_argument_is_said(kind: type[Job]) -> None:
    assert is_dataclass(kind)
    assert kind.__dataclass_params__.frozen
    for one in fields(kind):
        assert argument_said(one).endswith("."), one.name
    assert [one.name for one in arguments_of(kind)] == [one.name for one in fields(kind)]


def test_what_it_does_is_one_sentence(name: str) -> None:
    assert said_of(name).endswith(".")


def test_its_weight_and_lease_are_sound(name: str, kind: type[Job]) -> None:
    assert kind.weight in Weight
    assert timedelta(seconds=10) <= kind.lease <= timedelta(minutes=10)
    assert leases((kind.weight,))[name] == kind.lease


def test_its_time_can_be_and_its_scheduled_arguments_too(name: str, kind: type[Job]) -> None:
    if kind.when is None:
        assert name not in {one.kind for one in schedule_of().entries}
        return
    assert kind.when == BAR_CLOSE or cron(name, kind.when).get_next_fire_time(None, AT)
    assert job_of(name, kind.scheduled_with) in {job_of(name, kind.scheduled_with)}


def test_two_scheduled_for_the_same_time_have_one_key(name: str, kind: type[Job]) -> None:
    minute = timedelta(minutes=1)

    assert kind.key(name, AT, is_daily=False) != kind.key(name, AT + minute, is_daily=False)
    assert kind.key(name, AT, is_daily=True) == kind.key(name, AT + minute, is_daily=True)
    assert len(kind.key(name, AT, is_daily=False)) <= 200


def test_an_argument_it_does_not_have_is_refused_in_one_sentence(name: str) -> None:
    with pytest.raises(AssayError, match=f"The job {name} was given 'surprise'"):
        job_of(name, {"surprise": 1})


def test_whether_it_is_of_use_can_be_asked_of_an_empty_workspace(
    kind: type[Job], tmp_path: Path
) -> None:
    assert kind.is_of_use(open_at(tmp_path)) in (True, False)
    assert list(tmp_path.iterdir()) == []
