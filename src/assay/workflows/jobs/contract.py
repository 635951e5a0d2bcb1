"""What a kind of job is: its arguments, its weight, when it is due, and what it does."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeVar

from assay.core.errors import SettingsError
from assay.models.contract import Progress
from assay.workflows.desk import Desk

T = TypeVar("T")
BAR_CLOSE = "bar close"
"""When a job is due that follows the markets instead of the clock."""
NEVER = "off"
MOST_DAYS = 36_500


class Weight(StrEnum):
    """What a job asks of the machine, and so where it runs and how many of it at once.

    `LIGHT` ones take seconds at most and run inside the service. The others have a process of their
    own, with less right to the processor than answers have: `MEDIUM` ones take minutes, `HEAVY`
    ones may take hours.
    """

    LIGHT = "light"
    MEDIUM = "medium"
    HEAVY = "heavy"


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a job: one sentence for people, and plain data."""

    sentence: str
    result: Any = None


class Told(Protocol):
    """Whom a job tells how it goes; each call raises `Stopped` once it is to stop."""

    @property
    def is_last(self) -> bool:
        """Say whether it will not be begun again after this attempt."""
        ...

    def tick(self, what: str, done: int, total: int) -> None:
        """Say that `done` of `total` are done of `what`."""
        ...

    def watch(self, what: str, progress: Progress) -> None:
        """Say where a training stands."""
        ...

    def say(self, line: str) -> None:
        """Add a line to the log of the job."""
        ...


class Stopped(KeyboardInterrupt):
    """A job is to stop: it was cancelled, or its service ends.

    Workflows end well on a Ctrl-C, so this is one: nothing that catches errors swallows it.
    """


class Job(ABC):
    """One kind of job; a plug-in is a frozen dataclass, and its fields are the arguments.

    `when` is a line as of cron, in UTC, or `BAR_CLOSE`; None leaves it to people. A worker that
    does not renew its `lease` for so long is taken for dead. What it does must be safe to be begun
    again: what an attempt that was killed had done already is found, not done twice.
    """

    weight: ClassVar[Weight] = Weight.LIGHT
    lease: ClassVar[timedelta] = timedelta(seconds=60)
    when: ClassVar[str | None] = None
    scheduled_with: ClassVar[Mapping[str, Any]] = {}
    """Arguments it is scheduled with, unless the settings say others."""
    is_daily: ClassVar[bool] = False
    """Whether it is one job a day, however often it falls due, and made up for if missed."""

    @classmethod
    def key(cls, name: str, due_at: datetime, *, is_daily: bool) -> str:
        """Return what makes two scheduled jobs the same: their kind and their day or minute."""
        shown = "%Y-%m-%d" if is_daily else "%Y-%m-%dT%H:%MZ"
        return f"{name}:{due_at:{shown}}"

    @classmethod
    def is_of_use(cls, desk: Desk) -> bool:
        """Say whether a workspace has anything for it to do, so that it is scheduled."""
        return True

    def skip(self, desk: Desk, at: datetime) -> str | None:
        """Return why there is nothing to do at `at`, None if there is."""
        return None

    @abstractmethod
    def run(self, desk: Desk, told: Told) -> Done:
        """Do it; a `TransientError` has it begun again later."""


def argument(default: T, said: str) -> T:
    """Return a field of a job: its default, and what it is for."""
    return field(default=default, metadata={"said": said})


def refuse_days(**given: int | None) -> None:
    """Refuse a number of days that cannot be (`SettingsError`); None is left out."""
    for name, days in given.items():
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise SettingsError(f"{name} must be between 1 and {MOST_DAYS:,}; found {days}")


def said_of(one: Field[Any]) -> str:
    """Return what an argument is for."""
    return str(one.metadata.get("said", ""))


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a kind of job, for people; `default` is None where one must be given."""

    name: str
    type: str
    default: Any
    said: str


def arguments_of(kind: type[Job]) -> tuple[Argument, ...]:
    """Return the arguments that a kind of job takes."""
    return tuple(
        Argument(one.name, _type_of(one), _default_of(one), said_of(one))
        for one in fields(kind)  # type: ignore[arg-type] # every plug-in is a dataclass
    )


_TYPES = {"str": "text", "int": "number", "float": "number", "bool": "true or false"}


def _type_of(one: Field[Any]) -> str:
    name = one.type if isinstance(one.type, str) else getattr(one.type, "__name__", str(one.type))
    if "tuple" in str(one.type):
        return "list of text"
    return _TYPES.get(name, "text" if "str" in str(one.type) else "number")


def _default_of(one: Field[Any]) -> Any:  # noqa: ANN401 - any JSON
    return list(one.default) if isinstance(one.default, tuple) else one.default
