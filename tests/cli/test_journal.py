"""`assay journal`: every kind of damage is found and the first bad entry named."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.workflows.workspace import copied


def tamper(home: Path, *statements: str) -> None:
    """Change the database behind the journal's back."""
    with closing(sqlite3.connect(home / "assay.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


ALTERED = "UPDATE journal SET payload = replace(payload, '\"tier\"', '\"rank\"') WHERE no = 2"
GONE = "DELETE FROM journal WHERE no = 3"
SWAPPED = (
    "UPDATE journal SET no = 999 WHERE no = 5",
    "UPDATE journal SET no = 5 WHERE no = 6",
    "UPDATE journal SET no = 6 WHERE no = 999",
)
CUT = (
    "DELETE FROM signals WHERE entry > (SELECT max(no) - 4 FROM journal)",
    "DELETE FROM journal WHERE no > (SELECT max(no) - 4 FROM journal)",
)
SIGNAL = "UPDATE signals SET decision = 'LONG', conviction = 99 WHERE entry = 4"


def test_an_intact_journal_is_said_to_be_so(workspace: Path, assay: Run) -> None:
    said = assay(workspace, "journal", "verify")

    assert said.code == 0
    assert said.out.startswith("The journal is intact: 24 entries")


@pytest.mark.parametrize(
    ("statements", "number", "damage", "sentence"),
    [
        ((ALTERED,), 2, "altered", "Entry 2 was altered"),
        ((GONE,), 3, "missing", "Entry 3 is missing"),
        (SWAPPED, 5, "reordered", "Entry 5 is out of place: it was written as entry 6"),
        (CUT, 21, "cut_off", "the last 4 were cut off"),
        ((SIGNAL,), 4, "signal", "is not what journal entry 4 recorded"),
    ],
)
def test_damage_is_named_by_its_first_bad_entry(
    own: Path,
    assay: Run,
    statements: tuple[str, ...],
    number: int,
    damage: str,
    sentence: str,
) -> None:
    tamper(own, *statements)

    plain, data = assay(own, "journal", "verify"), assay(own, "journal", "verify", "--json")

    assert (plain.code, data.code) == (1, 1)
    assert plain.out == ""
    assert plain.err.count("\n") == 1
    assert sentence in plain.err
    assert data.json["intact"] is False
    assert data.json["problem"]["no"] == number
    assert data.json["problem"]["damage"] == damage


def test_one_changed_byte_of_a_payload_is_found(own: Path, assay: Run) -> None:
    with closing(sqlite3.connect(own / "assay.db")) as connection:
        (text,) = connection.execute("SELECT payload FROM journal WHERE no = 7").fetchone()
        place = text.index("0.")
        digit = "1" if text[place] == "0" else "0"
        changed = text[:place] + digit + text[place + 1 :]
        connection.execute("UPDATE journal SET payload = ? WHERE no = 7", (changed,))
        connection.commit()

    said = assay(own, "journal", "verify")

    assert said.code == 1
    assert "Entry 7 was altered" in said.err


def test_a_head_that_is_gone_or_damaged_is_found(own: Path, assay: Run) -> None:
    head = own / "journal.head"
    content = head.read_bytes()
    head.unlink()
    lost = assay(own, "journal", "verify")
    head.write_bytes(content[: len(content) // 2])
    half = assay(own, "journal", "verify")

    assert lost.code == half.code == 1
    assert "is missing" in lost.err
    assert "is damaged" in half.err


def test_an_older_database_put_back_is_found(own: Path, tmp_path: Path, assay: Run) -> None:
    older = copied(own, tmp_path / "older")
    assert assay(own, "signal", "EURUSD", "--timeframe", "4h").code == 0
    (older / "journal.head").write_bytes((own / "journal.head").read_bytes())

    said = assay(older, "journal", "verify")

    assert said.code == 1
    assert "the last 4 were cut off" in said.err


def test_a_broken_journal_issues_nothing(own: Path, assay: Run) -> None:
    tamper(own, *CUT)

    said = assay(own, "daily")

    assert said.code == 1
    assert "run assay journal verify" in said.err


def test_entries_are_listed_and_shown(workspace: Path, assay: Run) -> None:
    listed = assay(workspace, "journal", "list", "--limit", "3", "--json").json
    shown = assay(workspace, "journal", "show", "2", "--json").json
    text = assay(workspace, "journal", "show", "2")

    assert [entry["no"] for entry in listed] == [22, 23, 24]
    assert shown["stage"] == "conviction"
    assert shown["payload"]["parts"]
    assert shown["digest"] in text.out
    assert json.loads(text.out[text.out.index("{") :]) == shown["payload"]
    assert "conviction" in assay(workspace, "journal", "list").out


def test_an_entry_that_does_not_exist_is_the_persons_mistake(workspace: Path, assay: Run) -> None:
    assert assay(workspace, "journal", "show", "999").code == 2
    assert assay(workspace, "journal", "show", "0").code == 2
    assert assay(workspace, "journal", "list", "--limit", "0").code == 2


def test_an_empty_journal_is_said_to_be_empty(tmp_path: Path, assay: Run) -> None:
    listed = assay(tmp_path / "new", "journal", "list")

    assert listed.code == 0
    assert "is empty" in listed.out
    assert assay(tmp_path / "new", "journal", "verify").code == 0


def test_a_database_that_is_none_is_one_sentence(own: Path, assay: Run) -> None:
    for beside in own.glob("assay.db-*"):
        beside.unlink()
    (own / "assay.db").write_bytes(b"x" * 8192)

    said = assay(own, "journal", "verify")

    assert said.code == 1
    assert said.err.count("\n") == 1
    assert "is not a database or is damaged" in said.err


@pytest.mark.parametrize("statements", [(ALTERED,), (GONE,), SWAPPED, (SIGNAL,)])
def test_what_was_falsified_cannot_be_adopted(
    own: Path, assay: Run, statements: tuple[str, ...]
) -> None:
    tamper(own, *statements)

    said = assay(own, "journal", "adopt", "--reason", "never mind", "--yes")

    assert said.code == 1
    assert "cannot be adopted" in said.err
    assert assay(own, "journal", "verify", "--json").json["entries"] <= 24
