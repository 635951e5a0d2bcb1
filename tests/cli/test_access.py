"""People, tokens and the audit log on the machine itself, where no password is asked for."""

import io
from pathlib import Path

import pytest

from assay.core.values.scope import Scope
from assay.workflows.access.door import Door
from assay.workflows.access.logins import login
from assay.workflows.access.principal import Place
from tests.cli.conftest import Run
from tests.workflows.workspace import opener

PASSWORD = "four words of no relation"
NEW = "some other words entirely"


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Let `text` be what comes by standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


@pytest.fixture
def anna(assay: Run, own: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the id of somebody who may read and admin."""
    typed(monkeypatch, f"{PASSWORD}\n")
    said = assay(own, "person", "add", "Anna", "--scope", "read", "--scope", "admin", "--json")
    found: str = said.json["id"]
    return found


def test_nobody_is_there_at_first_and_what_to_do_is_said(assay: Run, own: Path) -> None:
    people, tokens, deeds = (assay(own, *words) for words in (["person"], ["token"], ["audit"]))

    assert "assay serve" in people.out
    assert "assay token make" in tokens.out
    assert "Nothing was done" in deeds.out


def test_a_person_is_added_shown_and_given_other_rights(assay: Run, own: Path, anna: str) -> None:
    table = assay(own, "person", "list")
    less = assay(own, "person", "rights", "anna", "--scope", "trade")
    listed = assay(own, "person", "list", "--json")

    assert "read admin" in table.out
    assert anna in table.out
    assert "Anna has the rights: trade" in less.out
    assert [(one["name"], one["scopes"]) for one in listed.json] == [("Anna", ["trade"])]
    assert "argon2" not in listed.out


def test_a_lost_password_is_set_anew_and_sessions_end(
    assay: Run, own: Path, anna: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = Door(opener(own)(None))
    login(door, "Anna", PASSWORD, Place("127.0.0.1"))

    typed(monkeypatch, f"{NEW}\n")
    said = assay(own, "person", "reset", "anna")

    assert said.code == 0
    assert "new password" in said.out
    assert door.sessions.of(anna) == []
    assert login(door, "Anna", NEW, Place("127.0.0.1")).person.id == anna
    door.desk.close()


def test_a_password_that_is_easily_guessed_is_refused_here_too(
    assay: Run, own: Path, anna: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "password123\n")

    said = assay(own, "person", "reset", "anna")

    assert said.code == 2
    assert "tried first" in said.err
    assert "password123" not in said.err


def test_somebody_unknown_is_named_before_a_password_is_asked_for(assay: Run, own: Path) -> None:
    said = assay(own, "person", "reset", "otto")

    assert said.code == 2
    assert "'otto'" in said.err


def test_a_token_is_printed_alone_once_and_taken_back(assay: Run, own: Path) -> None:
    made = assay(own, "token", "make", "bench", "--scope", "read", "--days", "3")
    door = Door(opener(own)(None))
    before = door.of_token(made.out.strip())
    shown = assay(own, "token", "list", "--json")
    taken = assay(own, "token", "revoke", before.who)
    table = assay(own, "token", "list")

    assert before.scopes == {Scope.READ}
    assert made.out.strip() not in shown.out
    assert taken.code == 0
    assert [one["id"] for one in shown.json] == [before.who]
    assert before.who in table.out
    assert assay(own, "token", "revoke", "token-0").code == 2
    door.desk.close()


def test_what_is_kept_of_somebody_is_printed_without_hashes_and_erased(
    assay: Run, own: Path, anna: str
) -> None:
    kept = assay(own, "person", "export", "anna")
    erased = assay(own, "person", "erase", "anna", "--yes")
    deeds = assay(own, "audit", "--json")
    table = assay(own, "audit")

    assert kept.json["person"]["name"] == "Anna"
    assert "argon2" not in kept.out
    assert erased.code == 0
    assert assay(own, "person", "list", "--json").json == []
    assert [(one["who"], one["what"], one["about"]) for one in deeds.json] == [
        ("machine", "person erased", anna),
        ("machine", "person made", anna),
    ]
    assert "person erased" in table.out
    assert "Anna" not in deeds.out
