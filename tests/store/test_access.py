"""People, sessions, tokens and the audit log, in both kinds of database."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from assay.core.errors import StoreError
from assay.core.values.scope import Scope
from assay.store.access import People, Person, Session, Sessions, Token, Tokens
from assay.store.audit import Audit
from assay.store.database import Database
from assay.store.tables import AUDIT

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


def person(number: int = 1, scopes: frozenset[Scope] = frozenset(Scope)) -> Person:
    return Person(
        f"person-{number}", f"anna {number}", f"Anna {number}", "$argon2id$", scopes, NOW, NOW
    )


def session(digest: str = "a" * 64, number: int = 1) -> Session:
    return Session(digest, f"session-{digest[:4]}", f"person-{number}", NOW, NOW, "10.0.0.1", "x")


def test_a_person_is_found_as_stored_and_a_name_is_there_once(database: Database) -> None:
    people = People(database)

    first, again = people.add(person()), people.add(person())

    assert (first, again) == (True, False)
    assert people.get("person-1") == people.called("anna 1") == person()
    assert people.all() == [person()]
    assert people.called("anna\0") is None


def test_a_right_that_this_version_does_not_know_gives_none(database: Database) -> None:
    People(database).add(person())
    with database.write() as connection:
        connection.execute(sa.text("""UPDATE people SET scopes = '["read", "fly"]'"""))

    found = People(database).get("person-1")

    assert found is not None
    assert found.scopes == {Scope.READ}


def test_only_the_newest_first_token_counts_once_and_only_without_people(
    database: Database,
) -> None:
    people = People(database)
    people.begin("a" * 64, NOW)
    people.begin("b" * 64, NOW)

    old, new, again = (people.claim(digest * 64, person()) for digest in "abb")

    assert (old, new, again) == (False, True, False)
    assert not people.begin("c" * 64, NOW)
    assert not people.claim("c" * 64, person(2))


def test_a_new_session_ends_the_one_that_it_replaces(database: Database) -> None:
    People(database).add(person())
    sessions = Sessions(database)
    sessions.add(session("a" * 64))

    sessions.add(session("b" * 64), instead_of="a" * 64)

    assert sessions.get("a" * 64) is None
    assert sessions.of("person-1") == [session("b" * 64)]


def test_sessions_are_ended_one_by_one_all_or_all_but_one_and_swept(database: Database) -> None:
    People(database).add(person())
    sessions = Sessions(database)
    for digest in "abcd":
        sessions.add(session(digest * 64))

    one = sessions.end("person-1", only="session-aaaa")
    others = sessions.end("person-1", but="d" * 64)
    strangers = sessions.end("person-2", only="session-dddd")
    sessions.used("d" * 64, LATER)
    sessions.sweep(used_before=LATER, made_before=NOW)
    kept = sessions.of("person-1")
    sessions.sweep(used_before=LATER, made_before=LATER)

    assert (one, others, strangers) == (1, 2, 0)
    assert [found.used_at for found in kept] == [LATER]
    assert sessions.of("person-1") == []


def test_a_token_is_found_by_its_hash_and_taken_back_once(database: Database) -> None:
    tokens = Tokens(database)
    token = Token("token-1", "a" * 64, None, "bench", frozenset({Scope.READ}), NOW, until=LATER)
    tokens.add(token)

    tokens.used("a" * 64, LATER)
    tokens.revoke("token-1", LATER)
    tokens.revoke("token-1", LATER + timedelta(days=1))

    found = tokens.get("a" * 64)
    assert found is not None
    assert (found.scopes, found.until) == (token.scopes, LATER)
    assert (found.used_at, found.revoked_at) == (LATER, LATER)
    assert tokens.of(None) == tokens.all() == [found]
    assert tokens.of("person-1") == []


def test_a_ticket_opens_once_and_not_too_late(database: Database) -> None:
    tokens = Tokens(database)
    tokens.issue_ticket("a" * 64, "holder", NOW, LATER)
    tokens.issue_ticket("b" * 64, "holder", NOW, LATER)

    found = [tokens.use_ticket(digest * 64, NOW) for digest in "aac"]
    late = tokens.use_ticket("b" * 64, LATER + timedelta(seconds=1))

    assert found == ["holder", None, None]
    assert late is None


def test_the_log_is_read_backwards_in_pages_and_by_whom_it_concerns(database: Database) -> None:
    log = Audit(database)
    for number in range(5):
        about = "person-1" if number == 3 else ""
        log.add(NOW, f"person-{number % 2}", "call", about=about, outcome="200", address="10.0.0.1")

    newest = log.newest(2)
    next_ones = log.newest(2, before=newest[-1].no)

    assert [deed.no - newest[0].no for deed in [*newest, *next_ones]] == [0, -1, -2, -3]
    assert {deed.address for deed in newest} == {"10.0.0.1"}
    assert len(log.newest(9, concerning=["person-0"])) == 3
    assert len(log.newest(9, concerning=["person-1"])) == 2


@pytest.mark.parametrize("act", ["UPDATE audit SET outcome = 'done'", "DELETE FROM audit"])
def test_the_database_itself_refuses_to_change_a_line_of_the_log(
    database: Database, act: str
) -> None:
    Audit(database).add(NOW, "person-1", "login", outcome="refused")

    with (
        pytest.raises((StoreError, sa.exc.DBAPIError), match="only grows"),
        database.write() as connection,
    ):
        connection.execute(sa.text(act))

    with database.read() as connection:
        assert connection.execute(sa.select(AUDIT.c.outcome)).scalars().all() == ["refused"]


def test_of_an_erased_person_only_an_id_stays(database: Database) -> None:
    people, tokens, log = People(database), Tokens(database), Audit(database)
    for number in (1, 2):
        people.add(person(number))
        Sessions(database).add(session(str(number) * 64, number))
        digest = "ab"[number - 1] * 64
        tokens.add(
            Token(f"token-{number}", digest, f"person-{number}", "n", frozenset({Scope.READ}), NOW)
        )
        tokens.issue_ticket("cd"[number - 1] * 64, str(number) * 64, NOW, LATER)
        log.add(NOW, f"person-{number}", "login", address="10.0.0.1")
        log.add(NOW, f"token-{number}", "call", address="10.0.0.1")
        log.add(NOW, "nobody", "login", about=f"person-{number}", address="10.0.0.1")

    people.erase("person-1")

    assert [one.id for one in people.all()] == ["person-2"]
    assert Sessions(database).of("person-1") == []
    assert tokens.of("person-1") == []
    assert tokens.use_ticket("c" * 64, NOW) is None
    assert tokens.use_ticket("d" * 64, NOW) == "2" * 64
    addresses = [deed.address for deed in log.newest(9)]
    assert addresses == ["10.0.0.1"] * 3 + [None] * 3
