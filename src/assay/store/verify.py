"""Is the journal what was written? The first thing that is not, and why."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from assay.core.errors import AssayError, JournalError
from assay.core.ids import canonical, canonical_of_plain
from assay.store.head import GENESIS, Found, Head, Mark
from assay.store.tables import JOURNAL, SIGNALS

SIGNAL_STAGE = "signal"
"""The stage of the entry that records a row of the table of signals."""
_HASHED = ("no", "at", "stage", "signal_id", "payload", "prev_digest")
_SEARCHED = 100_000


class Damage(StrEnum):
    """What can be wrong with a journal."""

    ALTERED = "altered"
    MISSING = "missing"
    REORDERED = "reordered"
    CUT_OFF = "cut_off"
    ADDED = "added"
    HEAD = "head"
    SIGNAL = "signal"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Problem:
    """The first bad entry (`no`; None where the head itself is at fault) and why."""

    no: int | None
    damage: Damage
    sentence: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The result: `entries` were read; `notes` are true and harmless, as a write cut short."""

    entries: int
    problem: Problem | None
    notes: tuple[str, ...] = ()

    @property
    def intact(self) -> bool:
        """Say whether nothing is wrong."""
        return self.problem is None


def entry_digest(row: Mapping[Any, Any]) -> str:
    """Return the SHA-256 that an entry with these columns must carry."""
    return hashlib.sha256(canonical([row[name] for name in _HASHED])).hexdigest()


def verify(connection: sa.Connection, head: Head) -> Verification:
    """Check every entry, the chain against its head, and the signals against their entries.

    The caller keeps writers out.
    """
    end, entries, problem = walk(connection)
    notes: tuple[str, ...] = ()
    if not problem:
        problem, notes = _against_head(connection, end, head)
    return Verification(entries, problem or _signals(connection), notes)


def walk(connection: sa.Connection) -> tuple[Mark, int, Problem | None]:
    """Follow the chain: its end, how many entries were read, and the first that breaks it."""
    end, entries = GENESIS, 0
    rows = connection.execute(
        sa.select(JOURNAL).order_by(JOURNAL.c.no), execution_options={"yield_per": 1000}
    )
    for row in rows.mappings():
        entries += 1
        problem = _broken(row, end)
        if problem:
            rows.close()
            return end, entries, _out_of_place(connection, row, problem)
        end = Mark(row["no"], row["digest"])
    return end, entries, None


def issued(signal: Mapping[Any, Any]) -> dict[str, Any]:
    """Return what the journal keeps of a row of signals: its columns, its payload's digest.

    The payload is plain already: it was read from the table, or is about to be written there.
    """
    names = ("id", "symbol", "timeframe", "as_of", "made_at", "conviction", "tier", "evidence")
    kept = {name: signal[name] for name in (*names, "decision", "simulated")}
    times = {key: item.isoformat() for key, item in kept.items() if isinstance(item, datetime)}
    said = canonical_of_plain(signal["payload"])
    return {**kept, **times, "payload_digest": hashlib.sha256(said).hexdigest()}


def _broken(row: Mapping[Any, Any], last: Mark) -> Problem | None:
    no, expected = row["no"], last.no + 1
    if not isinstance(no, int) or no < expected:
        said = f"An entry has the number {no!r} where {expected} was expected; it was added"
        return Problem(expected, Damage.ADDED, said)
    if no > expected:
        gone = (
            f"Entry {expected} is" if no == expected + 1 else f"Entries {expected} to {no - 1} are"
        )
        return Problem(expected, Damage.MISSING, f"{gone} missing: after {last.no} comes {no}")
    if not _is_own(row, no):
        said = f"Entry {no} was altered: its content does not match its digest"
        return Problem(no, Damage.ALTERED, said)
    if row["prev_digest"] != last.digest:
        said = (
            f"Entry {no} does not follow entry {last.no}: one of them was replaced, or one was "
            "put between"
        )
        return Problem(no, Damage.ALTERED, said)
    return None


def _is_own(row: Mapping[Any, Any], no: int) -> bool:
    try:
        return bool(entry_digest({**row, "no": no}) == row["digest"])
    except (AssayError, TypeError, ValueError):  # columns of kinds that we never wrote
        return False


def _out_of_place(connection: sa.Connection, row: Mapping[Any, Any], problem: Problem) -> Problem:
    """Say so if the altered entry is an untouched one that stood elsewhere."""
    if problem.damage is not Damage.ALTERED:
        return problem
    newest = connection.execute(sa.select(sa.func.max(JOURNAL.c.no))).scalar_one()
    for no in range(1, min(newest, _SEARCHED) + 1):
        if no != row["no"] and _is_own(row, no):
            said = f"Entry {row['no']} is out of place: it was written as entry {no}"
            return Problem(problem.no, Damage.REORDERED, said)
    return problem


def _against_head(
    connection: sa.Connection, end: Mark, head: Head
) -> tuple[Problem | None, tuple[str, ...]]:
    try:
        found = head.read()
    except JournalError as error:
        return Problem(None, Damage.HEAD, str(error)), ()
    if found is None:
        if end == GENESIS:
            return None, ()
        said = f"The head {head.path} is missing, so a cut-off end could not be seen"
        return Problem(None, Damage.HEAD, said), ()
    if end == found.mark:
        return None, ()
    if end == found.pending:
        said = (
            f"A write was ended by force after entry {end.no} was stored; the head names entry "
            f"{found.mark.no} and announced this one, and will catch up with the next entry"
        )
        return None, (said,)
    return _beyond_head(connection, end, found), ()


def _beyond_head(connection: sa.Connection, end: Mark, found: Found) -> Problem:
    mark = found.mark
    if end == GENESIS and mark.no > 1:
        said = f"The journal is empty, but its head names entry {mark.no:,}: every entry is lost"
        return Problem(1, Damage.CUT_OFF, said)
    if end.no < mark.no:
        said = (
            f"The journal ends at entry {end.no}, but its head names entry {mark.no}: the last "
            f"{mark.no - end.no} were cut off"
        )
        return Problem(end.no + 1, Damage.CUT_OFF, said)
    there = connection.execute(
        sa.select(JOURNAL.c.digest).where(JOURNAL.c.no == mark.no)
    ).scalar_one_or_none()
    if there != (mark.digest if mark.no else None):
        said = f"Entry {mark.no} is not the one its head names: the chain was rewritten"
        return Problem(mark.no, Damage.ALTERED, said)
    said = f"Entry {mark.no + 1} was added by something else than the journal"
    return Problem(mark.no + 1, Damage.ADDED, said)


def _signals(connection: sa.Connection) -> Problem | None:
    """Return the first signal that is not what its entry says, or whose row is gone."""
    query = (
        sa.select(SIGNALS, JOURNAL.c.payload.label("said"), JOURNAL.c.no, JOURNAL.c.signal_id)
        .select_from(SIGNALS.outerjoin(JOURNAL, SIGNALS.c.entry == JOURNAL.c.no))
        .order_by(SIGNALS.c.entry)
    )
    try:
        for row in connection.execute(query).mappings():
            if row["said"] != canonical(issued(row)).decode() or row["signal_id"] != row["id"]:
                said = f"Signal {row['id']} is not what journal entry {row['entry']} recorded"
                return Problem(row["no"], Damage.SIGNAL, said)
    except (AssayError, TypeError, ValueError, AttributeError):  # kinds that we never wrote
        return Problem(None, Damage.SIGNAL, "A row of the table of signals cannot be read")
    lost = connection.execute(
        sa.select(JOURNAL.c.no, JOURNAL.c.signal_id)
        .where(JOURNAL.c.stage == SIGNAL_STAGE)
        .where(JOURNAL.c.no.not_in(sa.select(SIGNALS.c.entry)))
        .order_by(JOURNAL.c.no)
    ).first()
    if lost:
        said = f"Signal {lost.signal_id}, recorded by journal entry {lost.no}, was deleted"
        return Problem(lost.no, Damage.SIGNAL, said)
    return None
