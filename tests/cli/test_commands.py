"""Every command explains itself, speaks JSON, and starts in an instant."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from assay.cli.main import build
from tests.cli.conftest import Run
from tests.workflows.workspace import open_at

HEAVY = ("numpy", "polars", "numba", "sqlalchemy", "pydantic", "lightgbm", "torch", "rich.console")
SIGNAL_KEYS = {
    "symbol",
    "timeframe",
    "as_of",
    "conviction",
    "agreement",
    "tier",
    "evidence",
    "direction",
    "probability",
    "entry",
    "stop",
    "target",
    "risk_fraction",
    "decision",
    "reasons",
    "verdict",
    "members",
}
ASKED = {
    ("signal",),
    ("daily",),
    ("train",),
    ("backtest",),
    ("report",),
    ("explain",),
    ("demo",),
    ("doctor",),
    ("data", "import"),
    ("data", "list"),
    ("data", "show"),
    ("data", "check"),
    ("data", "resample"),
    ("models", "list"),
    ("models", "show"),
    ("features", "list"),
    ("features", "show"),
    ("features", "plot"),
    ("features", "importance"),
    ("features", "drift"),
    ("journal", "list"),
    ("journal", "show"),
    ("journal", "verify"),
    ("journal", "adopt"),
    ("data", "correct"),
}


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command with the words that call it."""
    for name, child in sorted(getattr(command, "commands", {}).items()):
        if hasattr(child, "commands"):
            yield from leaves(child, (*path, name))
        else:
            yield (*path, name), child


COMMANDS = dict(leaves(typer.main.get_command(build())))


def test_no_command_is_missing() -> None:
    assert set(COMMANDS) >= ASKED


@pytest.mark.parametrize("group", ["features", "journal"])
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_group_named_alone_lists_what_it_holds(
    group: str, more: tuple[str, ...], workspace: Path, assay: Run
) -> None:
    alone, listed = assay(workspace, group, *more), assay(workspace, group, "list", *more)

    assert alone.code == listed.code == 0
    assert alone.out == listed.out != ""


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_helps_with_an_example_and_speaks_json(
    words: tuple[str, ...], tmp_path: Path, assay: Run
) -> None:
    said = assay(tmp_path, *words, "--help")

    assert (said.code, said.err) == (0, "")
    assert "--json" in said.out
    text = " ".join(said.out.split())
    assert "Example" in text
    examples = text.split("Example", 1)[1]
    assert "assay " in examples
    assert " ".join(words) in examples
    assert not list(tmp_path.iterdir()), "help opens no workspace"


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_argument_and_option_is_explained(words: tuple[str, ...]) -> None:
    command = COMMANDS[words]

    assert len(command.help) > 20
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"{' '.join(words)}: {parameter.name}"


SPEAK = [
    ("signal", "EURUSD", "--timeframe", "1h"),
    ("daily",),
    ("doctor",),
    ("data", "list"),
    ("data", "show", "EURUSD", "--timeframe", "1h"),
    ("data", "check", "EURUSD", "--timeframe", "1h"),
    ("data", "resample", "EURUSD", "--from", "1h", "--to", "4h"),
    ("models", "list"),
    ("features", "list"),
    ("features", "plot", "EURUSD", "rsi", "--timeframe", "1h"),
    ("features", "importance"),
    ("features", "importance", "--by", "ic", "--timeframe", "1h"),
    ("features", "drift"),
    ("journal", "list"),
    ("journal", "verify"),
    ("journal", "show", "1"),
]


@pytest.mark.parametrize("words", SPEAK, ids=" ".join)
def test_json_is_one_document_and_nothing_else(
    words: tuple[str, ...], own: Path, assay: Run
) -> None:
    said = assay(own, *words, "--json")

    assert (said.code, said.err) == (0, "")
    assert said.out.count("\n") == 1
    assert said.json is not None


@pytest.mark.parametrize("words", SPEAK, ids=" ".join)
def test_without_json_it_is_told_in_words(words: tuple[str, ...], own: Path, assay: Run) -> None:
    said = assay(own, *words)

    assert said.code == 0
    assert said.out.strip()
    with pytest.raises(json.JSONDecodeError):
        json.loads(said.out)


def test_a_signal_says_all_that_was_promised(own: Path, assay: Run) -> None:
    found = assay(own, "signal", "eurusd", "--timeframe", "1h", "--json").json

    assert set(found) >= SIGNAL_KEYS
    assert (found["symbol"], found["timeframe"]) == ("EURUSD", "1h")
    assert found["decision"] in {"LONG", "SHORT", "WAIT"}
    assert found["tier"] in {"HIGH", "MODERATE", "LOW", "DIVERGENT"}
    assert found["evidence"] in {"PROVEN", "UNPROVEN", "STALE", "NONE"}
    assert found["direction"] in {"UP", "DOWN", "NONE"}
    assert 0 <= found["conviction"] <= 100
    assert 0 < found["low"] <= found["probability"] <= found["high"] < 1
    assert found["verdict"]["kind"] in {"CONFIRM", "CHALLENGE", "ABSTAIN"}
    assert {m["member"] for m in found["members"]} == {"naive", "momentum", "ridge"}
    assert (found["decision"] == "WAIT") == (found["risk_fraction"] == 0)


def test_the_same_signal_asked_again_is_the_same_to_the_byte(own: Path, assay: Run) -> None:
    first, second = (assay(own, "signal", "EURUSD", "--timeframe", "1h", "--json") for _ in "ab")

    assert first.out == second.out
    assert open_at(own).journal.verify().entries == 28


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    looked = f"""
import sys
sys.argv = ["assay", "--help"]
from assay.app import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
found = [name for name in {HEAVY!r} if name in sys.modules]
sys.stderr.write(",".join(found))
"""
    done = subprocess.run(
        [sys.executable, "-c", looked],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        timeout=60,
    )

    assert "Usage: assay" in done.stdout
    assert done.stderr == ""
