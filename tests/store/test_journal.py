import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from assay.core.clock import FixedClock
from assay.core.errors import DataError, JournalError, NotFoundError, StoreError
from assay.core.values.timeframe import Timeframe
from assay.core.values.view import Point, Stance, View
from assay.store.database import Database, open_database, sqlite_url
from assay.store.head import Found, Head, Mark
from assay.store.journal import Journal
from assay.store.signals import SignalRow, Signals
from assay.store.tables import JOURNAL, SIGNALS
from assay.store.verify import Damage, entry_digest

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CLOCK = FixedClock(NOON)
SECOND = sa.update(SIGNALS).where(SIGNALS.c.id == "sig-2")


@pytest.fixture
def journal(database: Database, tmp_path: Path) -> Journal:
    return Journal(database, tmp_path / "journal.head", CLOCK)


def make_signal(name: str = "sig-aa11", symbol: str = "EURUSD", **changes: Any) -> SignalRow:
    values: dict[str, Any] = {
        "id": name,
        "symbol": symbol,
        "timeframe": Timeframe.H1,
        "as_of": NOON,
        "made_at": NOON,
        "conviction": 71.3,
        "tier": "MODERATE",
        "evidence": "PROVEN",
        "decision": "LONG",
        "simulated": False,
        "payload": {"stop": 1.0712, "tiny": 1e-17, "zero": -0.0, "who": "Zoë", "parts": [1, 2.0]},
    }
    return SignalRow(**{**values, **changes})


def change(journal: Journal, *statements: str | sa.Executable) -> None:
    """Do what only someone outside the journal does."""
    with journal.database.write() as connection:
        for statement in statements:
            if isinstance(statement, str):
                connection.exec_driver_sql(statement)
            else:
                connection.execute(statement)


def fill(journal: Journal, count: int = 6) -> None:
    for i in range(count):
        journal.append("forecast", {"i": i, "p": 0.1 * i, "text": "naïve | \n"}, f"sig-{i % 2}")


def test_entries_are_numbered_and_chained(journal: Journal) -> None:
    fill(journal)

    entries = journal.last(10)

    assert [entry.no for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert [entry.prev_digest for entry in entries[1:]] == [e.digest for e in entries[:-1]]
    assert entries[2].payload == {"i": 2, "p": 0.2, "text": "naïve | \n"}
    assert entries[2].at == NOON
    assert [entry.no for entry in journal.entries("sig-1")] == [2, 4, 6]
    assert journal.entry(4) == entries[3]
    check = journal.verify()
    assert (check.intact, check.entries, check.notes) == (True, 6, ())


def test_pages_go_backwards_and_keep_to_one_signal(journal: Journal) -> None:
    fill(journal, 6)
    own = journal.append("note", {"of": "the signal"}, "sig-x")

    newest, next_ones = journal.page(3), journal.page(3, before=5)

    assert [entry.no for entry in newest] == [7, 6, 5]
    assert [entry.no for entry in next_ones] == [4, 3, 2]
    assert journal.page(9, signal_id="sig-x") == (own,)
    assert journal.page(9, before=1) == ()


def test_an_empty_journal_is_intact(journal: Journal) -> None:
    assert journal.verify().intact
    assert journal.head() is None
    with pytest.raises(NotFoundError):
        journal.entry(1)


def test_the_digest_covers_every_column(journal: Journal) -> None:
    entry = journal.append("view", {"x": 1}, "sig-1")
    row: dict[str, Any] = {
        "no": 1,
        "at": "2026-03-02T12:00:00.000000+00:00",
        "stage": "view",
        "signal_id": "sig-1",
        "payload": '{"x":1}',
        "prev_digest": "0" * 64,
    }

    others = [entry_digest({**row, name: "other"}) for name in row]

    assert entry.digest == entry_digest(row)
    assert len({entry.digest, *others}) == 7


def test_a_sealed_view_names_its_entry(journal: Journal) -> None:
    journal.append("brief", {"bars": "ab"})
    view = View(
        "EURUSD", NOON, 0.6, "calm", (Point("b1", "up", Stance.UP),), (), "rules", "brief-1"
    )

    sealed = journal.seal(view, "sig-1")

    assert (sealed.view, sealed.entry) == (view, 2)
    entry = journal.entry(2)
    assert entry.digest == sealed.digest
    assert entry.stage == "view"
    assert entry.payload["evidence"] == [{"ref": "b1", "claim": "up", "stance": "up"}]


def test_entries_appended_together_are_those_appended_one_by_one(
    journal: Journal, tmp_path: Path
) -> None:
    stages: list[tuple[str, dict[str, Any]]] = [("conviction", {"p": 0.4}), ("verdict", {})]
    database = open_database(sqlite_url(tmp_path / "other.db"))
    other = Journal(database, tmp_path / "other.head", CLOCK)

    with journal.writing() as (_, append):
        last = append.all(stages, "sig-1")
    ones = [other.append(stage, payload, "sig-1") for stage, payload in stages]

    assert journal.last(5) == tuple(ones)
    assert last == journal.head() == Mark(2, ones[1].digest)
    database.close()


def test_entries_of_which_one_cannot_be_written_are_not_there(journal: Journal) -> None:
    with journal.writing() as (_, append):
        append("brief", {})
        with pytest.raises(DataError, match="only finite"):
            append.all([("conviction", {}), ("verdict", {"p": float("nan")})], "sig-1")

    assert [entry.stage for entry in journal.last(5)] == ["brief"]
    assert journal.verify().intact


def test_what_follows_from_a_sealed_view_is_written_behind_it_or_not_at_all(
    journal: Journal,
) -> None:
    view = View("EURUSD", NOON, 0.6, "calm", (), (), "rules", "brief-1")
    with journal.sealing(view, "sig-1") as (sealed, (_, append)):
        behind = append("verdict", {"sealed": sealed.digest}, "sig-1")

    def broken_off() -> None:
        with journal.sealing(view, "sig-2") as (_, (_, append)):
            append("verdict", {}, "sig-2")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken_off()

    assert (sealed.entry, behind.no) == (1, 2)
    assert behind.prev_digest == sealed.digest
    assert journal.entries("sig-2") == ()
    assert journal.verify().intact
    assert journal.append("view", {}).no == 3


def test_a_signal_is_issued_within_the_write_that_sealed_its_view(journal: Journal) -> None:
    signals = Signals(journal)
    view = View("EURUSD", NOON, 0.6, "calm", (), (), "rules", "brief-1")

    with journal.sealing(view, "sig-aa11") as (_, writing):
        row = signals.issue(make_signal(), [("conviction", {"p": 0.5})], writing)

    assert signals.get("sig-aa11") == row
    stages = [entry.stage for entry in journal.entries("sig-aa11")]
    assert stages == ["view", "conviction", "signal"]
    assert journal.verify().intact


def test_what_json_cannot_hold_is_refused_and_nothing_is_written(journal: Journal) -> None:
    fill(journal, 1)

    with pytest.raises(DataError, match="nan"):
        journal.append("forecast", {"p": float("nan")})

    assert journal.verify().entries == 1
    assert journal.append("forecast", {}).no == 2


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("payload", '{"i":2,"p":0.9,"text":""}'),
        ("stage", "verdict"),
        ("signal_id", "sig-9"),
        ("signal_id", None),
        ("at", "2026-03-02T12:00:01.000000+00:00"),
        ("digest", "f" * 64),
        ("prev_digest", "f" * 64),
    ],
)
def test_an_altered_entry_is_named(journal: Journal, column: str, value: str | None) -> None:
    fill(journal)
    change(journal, sa.update(JOURNAL).where(JOURNAL.c.no == 3).values({column: value}))

    problem = journal.verify().problem

    assert problem
    assert (problem.no, problem.damage) == (3, Damage.ALTERED)


def test_an_altered_entry_with_a_fresh_digest_breaks_the_chain(journal: Journal) -> None:
    fill(journal)
    with journal.database.read() as connection:
        query = sa.select(JOURNAL).where(JOURNAL.c.no == 3)
        row = dict(connection.execute(query).mappings().one())
    row["payload"] = '{"i":2,"p":0.9}'
    row["digest"] = entry_digest(row)
    change(journal, sa.update(JOURNAL).where(JOURNAL.c.no == 3).values(row))

    problem = journal.verify().problem

    assert problem
    assert (problem.no, problem.damage) == (4, Damage.ALTERED)
    assert "entry 3" in problem.sentence


def test_a_whole_chain_rewritten_is_betrayed_by_the_head(journal: Journal) -> None:
    fill(journal)
    rewrite(journal, start=2)

    problem = journal.verify().problem

    assert problem
    assert (problem.no, problem.damage) == (6, Damage.ALTERED)


def rewrite(journal: Journal, start: int) -> None:
    """Alter entry `start` and give everything after it digests that fit."""
    with journal.database.read() as connection:
        rows = [
            dict(r)
            for r in connection.execute(sa.select(JOURNAL).order_by(JOURNAL.c.no)).mappings()
        ]
    rows[start - 1]["payload"] = '{"forged":true}'
    for row, before in zip(rows[start - 1 :], rows[start - 2 :], strict=False):
        row["prev_digest"] = before["digest"]
        row["digest"] = entry_digest(row)
        change(journal, sa.update(JOURNAL).where(JOURNAL.c.no == row["no"]).values(row))


@pytest.mark.parametrize("gone", [1, 3, 5])
def test_a_missing_entry_is_named(journal: Journal, gone: int) -> None:
    fill(journal)
    change(journal, sa.delete(JOURNAL).where(JOURNAL.c.no == gone))

    problem = journal.verify().problem

    assert problem
    assert (problem.no, problem.damage) == (gone, Damage.MISSING)


@pytest.mark.parametrize("kept", [0, 3, 5])
def test_a_cut_off_end_is_named(journal: Journal, kept: int) -> None:
    fill(journal)
    change(journal, sa.delete(JOURNAL).where(JOURNAL.c.no > kept))

    problem = journal.verify().problem

    assert problem
    assert (problem.no, problem.damage) == (kept + 1, Damage.CUT_OFF)
    said = f"last {6 - kept} were cut off" if kept else "every entry is lost"
    assert said in problem.sentence
    with pytest.raises(JournalError, match="verify"):
        journal.append("forecast", {})


def test_two_entries_that_changed_places_are_named(journal: Journal) -> None:
    fill(journal)
    change(
        journal,
        "UPDATE journal SET no = 99 WHERE no = 2",
        "UPDATE journal SET no = 2 WHERE no = 5",
        "UPDATE journal SET no = 5 WHERE no = 99",
    )

    problem = journal.verify().problem

    assert problem
    assert (problem.no, problem.damage) == (2, Damage.REORDERED)
    assert "written as entry 5" in problem.sentence


def test_a_forged_entry_at_the_end_is_named_though_it_fits(journal: Journal) -> None:
    fill(journal)
    last = journal.last()[0]
    row: dict[str, Any] = {
        "no": 7,
        "at": NOON.isoformat(),
        "stage": "decision",
        "signal_id": None,
        "payload": "{}",
        "prev_digest": last.digest,
    }
    change(journal, sa.insert(JOURNAL).values({**row, "digest": entry_digest(row)}))

    problem = journal.verify().problem

    assert problem
    assert (problem.no, problem.damage) == (7, Damage.ADDED)


def test_a_missing_head_is_said_and_stops_the_journal(journal: Journal, tmp_path: Path) -> None:
    fill(journal)
    (tmp_path / "journal.head").unlink()

    problem = journal.verify().problem

    assert problem
    assert (problem.no, problem.damage) == (None, Damage.HEAD)
    with pytest.raises(JournalError, match="is missing"):
        journal.append("forecast", {})


def test_a_damaged_head_is_said(journal: Journal, tmp_path: Path) -> None:
    fill(journal)
    head = tmp_path / "journal.head"
    original = head.read_text()
    damaged = [original[:-9], "", "[]", "{}", "null", original.replace('"no": 6', '"no": 5')]

    problems = []
    for text in damaged:
        head.write_text(text)
        problems.append(journal.verify().problem)

    assert all(p and p.damage is Damage.HEAD for p in problems)


def test_an_older_head_is_not_taken_for_a_write_cut_short(journal: Journal, tmp_path: Path) -> None:
    fill(journal, 5)
    older = (tmp_path / "journal.head").read_bytes()
    fill(journal, 1)
    (tmp_path / "journal.head").write_bytes(older)

    problem = journal.verify().problem

    assert problem
    assert (problem.no, problem.damage) == (6, Damage.ADDED)


def test_a_lost_head_can_be_adopted_and_that_is_written_down(
    journal: Journal, tmp_path: Path
) -> None:
    fill(journal)
    (tmp_path / "journal.head").unlink()

    entry = journal.adopt("The disk with the head was replaced")

    assert (entry.no, entry.stage) == (7, "adopted")
    assert entry.payload["reason"] == "The disk with the head was replaced"
    assert journal.verify().intact
    assert journal.append("forecast", {}).no == 8


def test_a_lost_database_can_be_adopted_and_begins_anew(empty_url: str, tmp_path: Path) -> None:
    head = tmp_path / "journal.head"
    first = open_database(sqlite_url(tmp_path / "a.db"))
    fill(Journal(first, head, CLOCK))
    first.close()
    lost = Journal(open_database(empty_url, create=False), head, CLOCK)

    before = lost.verify()
    entry = lost.adopt("The disk failed")

    assert before.problem
    assert before.problem.damage is Damage.LOST
    assert "every one of its 6 entries is lost" in before.problem.sentence
    assert (entry.no, entry.payload["head"]["no"]) == (1, 6)
    assert lost.verify().intact
    lost.database.close()


def test_adopting_needs_a_reason(journal: Journal, tmp_path: Path) -> None:
    fill(journal)
    (tmp_path / "journal.head").unlink()

    with pytest.raises(DataError, match="needs a reason"):
        journal.adopt(" ")


def test_verifying_what_is_not_there_makes_nothing(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path / "no" / "a.db"), create=False)

    assert Journal(database, tmp_path / "no" / "journal.head", CLOCK).verify().intact
    assert list(tmp_path.iterdir()) == []


def test_a_broken_chain_cannot_be_adopted(journal: Journal) -> None:
    fill(journal)
    change(journal, sa.delete(JOURNAL).where(JOURNAL.c.no == 2))

    with pytest.raises(JournalError, match="Entry 2 is missing"):
        journal.adopt("never mind")


def test_an_issued_signal_comes_back_as_it_was(journal: Journal) -> None:
    signals = Signals(journal)

    issued = signals.issue(make_signal())

    assert issued.entry == 1
    assert signals.find("sig-aa11") == issued
    assert repr(signals.find("sig-aa11").payload) == repr(issued.payload)
    assert journal.entries("sig-aa11")[0].payload["conviction"] == 71.3
    assert journal.verify().intact


def test_issuing_again_is_harmless_and_changing_is_refused(journal: Journal) -> None:
    signals = Signals(journal)
    first = signals.issue(make_signal())

    assert signals.issue(make_signal()) == first
    with pytest.raises(DataError, match="never changed"):
        signals.issue(make_signal(decision="SHORT"))

    assert journal.verify().entries == 1


def test_signals_are_found_by_a_unique_beginning(journal: Journal) -> None:
    signals = Signals(journal)
    for name in ("sig-aa11", "sig-ab22", "sig-b%33"):
        signals.issue(make_signal(name))

    assert signals.find("sig-ab").id == "sig-ab22"
    assert signals.find("b%").id == "sig-b%33"
    for text, said in (("sig-a", "Several"), ("sig-z", "newest are"), ("", "Several"), ("%", "No")):
        with pytest.raises(NotFoundError, match=said):
            signals.find(text)


@pytest.mark.parametrize(("column", "text"), [("payload", "{"), ("as_of", "xx")])
def test_a_row_with_a_flipped_byte_is_no_bug_of_ours(
    tmp_path: Path, column: str, text: str
) -> None:
    journal = Journal(open_database(sqlite_url(tmp_path / "a.db")), tmp_path / "head", CLOCK)
    Signals(journal).issue(make_signal())
    change(journal, f"UPDATE signals SET {column} = '{text}'")

    with pytest.raises(StoreError, match="cannot be read; restore a copy"):
        Signals(journal).list()


def test_the_latest_signal_of_a_series(journal: Journal) -> None:
    signals = Signals(journal)
    older = make_signal("sig-1", made_at=datetime(2026, 1, 1, tzinfo=UTC))
    for signal in (make_signal("sig-2"), older, make_signal("sig-3", "GBPUSD", tier=None)):
        signals.issue(signal)

    assert [s.id for s in signals.list()] == ["sig-3", "sig-2", "sig-1"]
    assert [s.id for s in signals.list("EURUSD", limit=1)] == ["sig-2"]
    latest = signals.latest("GBPUSD", Timeframe.H1)
    assert latest
    assert (latest.id, latest.tier) == ("sig-3", None)
    assert signals.latest("GBPUSD", Timeframe.M5) is None


@pytest.mark.parametrize(
    "statement",
    [
        SECOND.values(conviction=99.0),
        SECOND.values(decision="SHORT"),
        SECOND.values(payload={"stop": 1.0}),
        SECOND.values(entry=1),
        SECOND.values(as_of=datetime(2020, 1, 1, tzinfo=UTC)),
        SECOND.values(simulated=True),
        SECOND.values(id="sig-9"),
        sa.delete(SIGNALS).where(SIGNALS.c.id == "sig-2"),
    ],
)
def test_a_changed_signal_is_found(journal: Journal, statement: sa.Executable) -> None:
    for name in ("sig-1", "sig-2", "sig-3"):
        Signals(journal).issue(make_signal(name))
    change(journal, statement)

    problem = journal.verify().problem

    assert problem
    assert problem.damage is Damage.SIGNAL


def test_a_signal_and_its_entry_are_stored_together_or_not_at_all(journal: Journal) -> None:
    def broken(journal: Journal) -> Iterator[None]:
        with journal.writing() as (connection, append):
            append("signal", {"id": "sig-1"}, "sig-1")
            connection.exec_driver_sql("INSERT INTO signals (id) VALUES ('sig-1')")
            yield

    with pytest.raises((StoreError, sa.exc.DBAPIError)):
        list(broken(journal))

    check = journal.verify()
    assert (check.intact, check.entries) == (True, 0)
    assert journal.append("forecast", {}).no == 1


def test_processes_that_append_at_once_make_one_chain(url: str, tmp_path: Path) -> None:
    code = f"""
from datetime import UTC, datetime
from pathlib import Path
from assay.core.clock import FixedClock
from assay.store.database import open_database
from assay.store.journal import Journal
import sys
journal = Journal(open_database({url!r}), Path({str(tmp_path / "journal.head")!r}),
                  FixedClock(datetime(2026, 1, 1, tzinfo=UTC)))
for i in range(25):
    journal.append("forecast", {{"i": i}}, sys.argv[1])
"""
    running = [
        subprocess.Popen([sys.executable, "-c", code, f"sig-{i}"], stderr=subprocess.PIPE)
        for i in range(3)
    ]
    errors = [process.communicate(timeout=60)[1] for process in running]
    database = open_database(url)
    journal = Journal(database, tmp_path / "journal.head", CLOCK)

    check = journal.verify()

    assert errors == [b""] * 3
    assert (check.intact, check.entries) == (True, 75)
    assert [len(journal.entries(f"sig-{i}")) for i in range(3)] == [25] * 3
    order = [entry.payload["i"] for entry in journal.entries("sig-1")]
    assert order == sorted(order)
    database.close()


def test_the_head_is_readable_by_people(journal: Journal, tmp_path: Path) -> None:
    fill(journal, 2)

    found = json.loads((tmp_path / "journal.head").read_text())

    head = journal.head()
    assert head
    assert found["mark"] == {"no": 2, "digest": head.digest}
    assert found["pending"] is None


def test_an_announced_head_names_the_last_entry_until_it_is_settled(tmp_path: Path) -> None:
    head, first, second = Head(tmp_path / "head"), Mark(1, "a" * 64), Mark(2, "b" * 64)
    head.write(first)
    before = head.path.read_bytes()

    head.announce(first, second)
    announced = head.read()
    head.settle(second)

    assert announced == Found(first, second)
    assert head.read() == Found(second, None)
    assert len(head.path.read_bytes()) == len(before)
    with pytest.raises(StoreError, match="could not be written"):
        Head(tmp_path / "none").settle(first)


def test_a_database_gone_under_the_head_is_a_cut_off_journal(tmp_path: Path) -> None:
    first = open_database(sqlite_url(tmp_path / "a.db"))
    fill(Journal(first, tmp_path / "journal.head", CLOCK))
    first.close()
    second = open_database(sqlite_url(tmp_path / "b.db"))

    problem = Journal(second, tmp_path / "journal.head", CLOCK).verify().problem
    second.close()

    assert problem
    assert (problem.no, problem.damage) == (1, Damage.CUT_OFF)
