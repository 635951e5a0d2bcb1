"""Whatever is done to a journal from outside, it is found."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.core.clock import FixedClock
from assay.store.database import Database
from assay.store.journal import Journal
from assay.store.tables import JOURNAL
from assay.store.verify import entry_digest

COUNT = 8
CLOCK = FixedClock(datetime(2026, 3, 2, 12, tzinfo=UTC))
Rows = list[dict[str, Any]]


@pytest.fixture
def journal(database: Database, tmp_path: Path) -> Journal:
    found = Journal(database, tmp_path / "journal.head", CLOCK)
    for i in range(COUNT):
        found.append("forecast", {"i": i, "text": "é|" * i}, f"sig-{i % 3}")
    return found


def flip(rows: Rows, data: st.DataObject) -> Rows:
    """Change one character of one column of one entry."""
    row = dict(rows[data.draw(st.integers(0, COUNT - 1))])
    names = ("at", "stage", "signal_id", "payload", "prev_digest", "digest")
    name = data.draw(st.sampled_from(names))
    at = data.draw(st.integers(0, len(row[name]) - 1))
    other = data.draw(st.sampled_from([c for c in "0aZ {\u00e9" if c != row[name][at]]))
    row[name] = row[name][:at] + other + row[name][at + 1 :]
    if data.draw(st.booleans()):
        row["digest"] = entry_digest(row)
        if row == rows[row["no"] - 1]:  # the digest was flipped and made right again
            row["stage"] += "x"
    return [row if r["no"] == row["no"] else r for r in rows]


def delete(rows: Rows, data: st.DataObject) -> Rows:
    """Remove one entry; perhaps close the gap and give the rest digests that fit."""
    gone = data.draw(st.integers(1, COUNT))
    kept = [dict(r) for r in rows if r["no"] != gone]
    return rechained(kept) if data.draw(st.booleans()) else kept


def swap(rows: Rows, data: st.DataObject) -> Rows:
    """Exchange two entries' places."""
    one = data.draw(st.integers(1, COUNT - 1))
    two = data.draw(st.integers(one + 1, COUNT))
    places = {one: two, two: one}
    moved = [{**r, "no": places.get(r["no"], r["no"])} for r in rows]
    moved.sort(key=lambda r: int(r["no"]))
    return rechained(moved) if data.draw(st.booleans()) else moved


def truncate(rows: Rows, data: st.DataObject) -> Rows:
    """Cut the end off."""
    return rows[: data.draw(st.integers(0, COUNT - 1))]


def insert(rows: Rows, data: st.DataObject) -> Rows:
    """Put a forged entry somewhere, perhaps with digests that fit."""
    at = data.draw(st.integers(1, COUNT + 1))
    forged = {**rows[0], "no": at, "payload": '{"forged":true}', "stage": "decision"}
    moved = [{**r, "no": r["no"] + (r["no"] >= at)} for r in rows]
    whole = sorted([*moved, forged], key=lambda r: int(r["no"]))
    return rechained(whole) if data.draw(st.booleans()) else whole


def rechained(rows: Rows) -> Rows:
    """Number the rows anew and give them digests that fit: what a skilled forger does."""
    last, done = "0" * 64, []
    for no, row in enumerate(rows, start=1):
        new = {**row, "no": no, "prev_digest": last}
        new["digest"] = last = entry_digest(new)
        done.append(new)
    return done


@pytest.mark.parametrize("tamper", [flip, delete, swap, truncate, insert])
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each example restores the rows
)
@given(data=st.data())
def test_tampering_is_always_found(journal: Journal, tamper: Any, data: st.DataObject) -> None:
    query = sa.select(JOURNAL).order_by(JOURNAL.c.no)
    with journal.database.read() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    assert len(rows) == COUNT

    store(journal, tamper(rows, data))
    found = journal.verify()
    store(journal, rows)
    restored = journal.verify()

    assert not found.intact
    assert restored.intact


def store(journal: Journal, rows: Rows) -> None:
    with journal.database.write() as connection:
        connection.execute(sa.delete(JOURNAL))
        if rows:
            connection.execute(sa.insert(JOURNAL), rows)
