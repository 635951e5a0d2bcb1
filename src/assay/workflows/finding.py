"""What a check of the doctor says: its name, how it is, one sentence."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a check ended; `info` is good to know and needs nobody."""

    OK = "ok"
    INFO = "info"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, in a sentence."""

    name: str
    state: State
    sentence: str


Findings = Iterator[Finding]
