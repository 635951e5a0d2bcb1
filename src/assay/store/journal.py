"""The append-only chain of everything said about issued signals."""

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import sqlalchemy as sa

from assay.core.clock import Clock, utc
from assay.core.errors import DataError, JournalError, NotFoundError
from assay.core.flat import deep, flat
from assay.core.ids import canonical
from assay.core.values.view import SealedView, View
from assay.store.database import Database
from assay.store.files import locked
from assay.store.head import GENESIS, Head, Mark
from assay.store.loss import record_lost
from assay.store.statements import Statement
from assay.store.tables import JOURNAL
from assay.store.verify import (
    Damage,
    Problem,
    Verification,
    entry_digest,
    verify,
    walk,
)

VIEW_STAGE = "view"
ADOPTED_STAGE = "adopted"
_END = Statement(sa.select(JOURNAL.c.no, JOURNAL.c.digest).order_by(JOURNAL.c.no.desc()).limit(1))
_ADD = Statement(JOURNAL.insert())


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal.

    `no` counts from 1 without gaps; `at` is UTC; `payload` is JSON data; `digest` is the SHA-256
    of the canonical JSON list [no, at, stage, signal_id, payload text, prev_digest].
    """

    no: int
    at: datetime
    stage: str
    signal_id: str | None
    payload: Mapping[str, Any]
    prev_digest: str
    digest: str


class Append:
    """Appends to the chain that ends at `last`, within a write of the journal."""

    def __init__(self, connection: sa.Connection, last: Mark, clock: Clock) -> None:
        self.last = last
        self._connection = connection
        self._clock = clock

    def __call__(
        self, stage: str, payload: Mapping[str, Any], signal_id: str | None = None
    ) -> Entry:
        """Append one entry and return it."""
        return _entry(self._rows([(stage, payload)], signal_id)[0])

    def all(
        self, stages: Sequence[tuple[str, Mapping[str, Any]]], signal_id: str | None = None
    ) -> Mark:
        """Append entries of several stages, name and JSON data; return where the last one is."""
        self._rows(stages, signal_id)
        return self.last

    def _rows(
        self, stages: Sequence[tuple[str, Mapping[str, Any]]], signal_id: str | None
    ) -> list[dict[str, Any]]:
        last, rows = self.last, []
        for stage, payload in stages:
            row: dict[str, Any] = {
                "no": last.no + 1,
                "at": utc(self._clock.now()).isoformat(timespec="microseconds"),
                "stage": stage,
                "signal_id": signal_id,
                "payload": canonical(payload).decode(),
                "prev_digest": last.digest,
            }
            row["digest"] = entry_digest(row)
            last = Mark(row["no"], row["digest"])
            rows.append(row)
        _ADD.run(self._connection, rows)
        self.last = last
        return rows


Writing: TypeAlias = tuple[sa.Connection, Append]
"""A write of the journal under way: for rows beside its entries, and what appends one."""


class Journal:
    """Entries in `database`, the head of the chain in the file `head` outside it.

    Appending is serialised over threads and processes. The head names the last entry and, while
    a write is under way, the one it will be: after a kill the journal is either as before or
    complete, and nothing else is taken for it. What it cannot see: someone who rewrites the whole
    chain and the head file together; keep a copy of the head elsewhere against that.
    """

    def __init__(self, database: Database, head: Path, clock: Clock) -> None:
        self._database = database
        self._head = Head(head)
        self._clock = clock

    @property
    def database(self) -> Database:
        """Return the database the entries are in."""
        return self._database

    def append(self, stage: str, payload: Mapping[str, Any], signal_id: str | None = None) -> Entry:
        """Add one entry and return it; it is on the disk when this returns.

        `payload` is JSON data (see `core.ids.plain`; NaN is a `DataError`). A journal that does
        not end where its head says is not continued: `JournalError`.
        """
        with self.writing() as (_, add):
            return add(stage, payload, signal_id)

    def seal(self, view: View, signal_id: str | None = None) -> SealedView:
        """Append the analyst's own view and return it sealed: with its entry and digest."""
        with self.sealing(view, signal_id) as (sealed, _):
            return sealed

    @contextlib.contextmanager
    def sealing(
        self, view: View, signal_id: str | None = None
    ) -> Iterator[tuple[SealedView, Writing]]:
        """Seal a view as the first entry of a write, and give it with the rest of that write.

        For who answers at once what follows from the view: it stands before all of it in the
        chain, and none of it can be there without the view. Other writers wait meanwhile.
        """
        with self.writing() as (connection, append):
            mark = append.all([(VIEW_STAGE, deep(view))], signal_id)
            yield SealedView(view, mark.no, mark.digest), (connection, append)

    @contextlib.contextmanager
    def writing(self) -> Iterator[Writing]:
        """Give the connection and a function that appends; all is committed together or not.

        For rows that must exist exactly if their entry does. Ends with the head naming the last
        entry.
        """
        with self._alone():
            with self._database.write() as connection:
                last = self._consistent_end(connection)
                append = Append(connection, last, self._clock)
                yield connection, append
                if append.last != last:
                    self._head.announce(last, append.last)
            if append.last != last:
                self._head.settle(append.last)

    def entries(self, signal_id: str) -> tuple[Entry, ...]:
        """Return the entries of one signal, in order; none if there are none."""
        query = sa.select(JOURNAL).where(JOURNAL.c.signal_id == signal_id).order_by(JOURNAL.c.no)
        with self._database.read() as connection:
            return tuple(_entry(row) for row in connection.execute(query).mappings())

    def entry(self, no: int) -> Entry:
        """Return one entry by its number."""
        query = sa.select(JOURNAL).where(JOURNAL.c.no == no)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            last = self.last()
            there = f"the last is entry {last[0].no:,}" if last else "it is empty"
            raise NotFoundError(
                f"The journal has no entry {no}; {there} (assay journal list shows the newest)"
            )
        return _entry(row)

    def last(self, count: int = 1) -> tuple[Entry, ...]:
        """Return the newest `count` entries, oldest of them first."""
        query = sa.select(JOURNAL).order_by(JOURNAL.c.no.desc()).limit(count)
        with self._database.read() as connection:
            return tuple(reversed([_entry(row) for row in connection.execute(query).mappings()]))

    def page(
        self, count: int, *, before: int | None = None, signal_id: str | None = None
    ) -> tuple[Entry, ...]:
        """Return up to `count` entries, the newest first: those before the entry `before`, if told.

        Of one signal alone if it is named.
        """
        query = sa.select(JOURNAL).order_by(JOURNAL.c.no.desc()).limit(count)
        if before is not None:
            query = query.where(JOURNAL.c.no < before)
        if signal_id is not None:
            query = query.where(JOURNAL.c.signal_id == signal_id)
        with self._database.read() as connection:
            return tuple(_entry(row) for row in connection.execute(query).mappings())

    def head(self) -> Mark | None:
        """Return what the head file says is the last entry; None before the first."""
        found = self._head.read()
        return found.mark if found else None

    def verify(self) -> Verification:
        """Check every entry, the head, and that every signal is what its entry recorded.

        Writers wait meanwhile. Damage is reported, not raised, a database that is gone too; one
        that cannot be read is a `StoreError`. Where there is nothing yet, nothing is made.
        """
        if not self._database.born:
            lost = record_lost(self._database.name, self._database.path, self._head.path)
            return Verification(0, Problem(1, Damage.LOST, lost) if lost else None)
        with self._alone(), self._database.read() as connection:
            return verify(connection, self._head)

    def chain_holds(self) -> bool:
        """Say whether every entry follows from the one before, whatever the head says."""
        with self._database.read() as connection:
            return walk(connection)[2] is None

    def adopt(self, reason: str) -> Entry:
        """Accept an intact chain whose head file is lost or disagrees, and write that down.

        The way back after the head was lost, an older database was restored, or the database is
        gone for good, which begins a new one. The entry it appends says what the head said before
        and why a person accepted the chain; entries cut off before stay lost, and this entry is
        the proof that someone knew. A chain that is itself broken is refused with `JournalError`,
        an empty reason with `DataError`.
        """
        if not reason.strip():
            raise DataError("To adopt a journal needs a reason; none was given")
        with self._alone():
            try:
                before = self._head.read()
                said = flat(before.mark) if before else None
            except JournalError:
                said = {"damaged": True}
            with self._database.write() as connection:
                _, _, problem = walk(connection)
                if problem:
                    raise JournalError(f"The journal cannot be adopted: {problem.sentence}")
                append = Append(connection, _end(connection), self._clock)
                entry = append(ADOPTED_STAGE, {"reason": reason, "head": said})
            self._head.write(append.last)
        return entry

    def resting(self) -> contextlib.AbstractContextManager[None]:
        """Keep every writer of the journal waiting, so that database and head can be copied."""
        return self._alone()

    def _alone(self) -> contextlib.AbstractContextManager[None]:
        return locked(self._head.path.with_name(f"{self._head.path.name}.lock"))

    def _consistent_end(self, connection: sa.Connection) -> Mark:
        """Return the last entry's mark, if it is the one the head names or was about to name."""
        end = _end(connection)
        found = self._head.read()
        if found is None:
            if end.no == 0:
                return end
            raise JournalError(
                f"The journal has {end.no:,} entries, but its head {self._head.path} is missing; "
                "run assay journal verify, and restore the file from a copy"
            )
        if end not in (found.mark, found.pending):
            raise JournalError(
                f"The journal ends at entry {end.no:,}, but its head {self._head.path} names "
                f"entry {found.mark.no:,} or another content; run assay journal verify"
            )
        return end


def _end(connection: sa.Connection) -> Mark:
    rows = _END.rows(connection)
    return Mark(*rows[0]) if rows else GENESIS


def _entry(row: Mapping[Any, Any]) -> Entry:
    try:
        at, payload = datetime.fromisoformat(row["at"]), json.loads(row["payload"])
    except (TypeError, ValueError) as error:
        raise JournalError(
            f"Entry {row['no']} of the journal cannot be read; run assay journal verify"
        ) from error
    rest = (row["stage"], row["signal_id"], payload, row["prev_digest"], row["digest"])
    return Entry(row["no"], at, *rest)
