"""A bug of ours stays a traceback, and its last line tells whose fault it is."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.cli.main import run
from assay.workflows.desk import Desk


def broken_by(error: BaseException) -> Callable[[Path | None], Desk]:
    """Return an opener that fails in a way nobody foresaw."""

    def make(home: Path | None) -> Desk:
        raise error

    return make


class PanicException(BaseException):
    """How a library in Rust stops: it is no `Exception`."""


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("by nothing"), AssertionError(), PanicException("at a loss")]
)
def test_a_bug_shows_its_traceback_and_says_whose_it_is(
    error: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["data", "list"], broken_by(error))

    said = capsys.readouterr()
    *above, last = said.err.strip().splitlines()
    assert code == 1
    assert said.out == ""
    assert above[0].startswith("Traceback")
    assert type(error).__name__ in above[-1]
    assert last.startswith("assay: This is a bug in Assay, not a mistake of yours")
    assert "nothing was half-written" in last


def test_a_program_is_told_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["data", "list", "--json"], broken_by(ZeroDivisionError("by nothing")))

    said = capsys.readouterr()
    found = json.loads(said.out)
    assert code == 1
    assert found["kind"] == "ZeroDivisionError"
    assert "a bug in Assay" in found["error"]
    assert "Traceback" in said.err


def test_an_end_that_was_asked_for_is_no_bug(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(["data", "list"], broken_by(SystemExit(3)))

    assert capsys.readouterr().err == ""


def test_being_stopped_is_no_bug(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "list"], broken_by(KeyboardInterrupt())) == 130
    assert "Traceback" not in capsys.readouterr().err
