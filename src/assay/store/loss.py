"""What a database that is gone leaves behind, and what must be said of it."""

import contextlib
from pathlib import Path

from assay.core.errors import JournalError
from assay.store.files import set_aside
from assay.store.head import Head

LOG = "-wal"
"""What the name of SQLite's log adds to that of its file."""
WAY_OUT = "restore it from a copy, or accept the loss for good with assay journal adopt"
ELSEWHERE = " (is it on a server? ASSAY_DATABASE_URL names it)"


def has_content(file: Path) -> bool:
    """Say whether a SQLite file is more than a name; a folder in its place counts as content."""
    try:
        return file.is_dir() or file.stat().st_size > 0
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # it cannot be looked at: whoever opens it says why


def record_lost(name: str, file: Path | None, head: Path) -> str | None:
    """Return the sentence for a database called `name` that is not there, but once was.

    It was if the journal's head names an entry, if the SQLite `file` is there without content (we
    never leave it so), or if its log is there. None where nothing was lost: it is only new.
    """
    emptied = file is not None and file.exists()
    missing = f"is missing{ELSEWHERE}" if file else "holds no tables"
    state = "is empty (0 bytes)" if emptied else missing
    try:
        found = Head(head).read()
        count = found.mark.no if found else 0
    except JournalError:
        return f"{name} {state}, and the journal's head {head} is damaged; {WAY_OUT}"
    if count:
        every = "its only entry is" if count == 1 else f"every one of its {count:,} entries is"
        return (
            f"{name} {state}, but the journal's head {head} names entry {count:,}: {every} lost, "
            f"and with it what was trained and issued; {WAY_OUT}"
        )
    log = _log_of(file)
    if log and has_content(log):
        return f"{name} {state}, but its log {log} is there; {WAY_OUT}"
    return f"{name} {state}, which Assay never leaves it; {WAY_OUT}" if emptied else None


def set_aside_log(file: Path) -> None:
    """Rename the log that a lost SQLite `file` left: a new file must not be read together with it.

    SQLite would delete it, or take its pages for the new file's.
    """
    log = _log_of(file)
    if log and has_content(log):
        set_aside(log)
    with contextlib.suppress(FileNotFoundError):
        file.with_name(f"{file.name}-shm").unlink()


def _log_of(file: Path | None) -> Path | None:
    return file.with_name(f"{file.name}{LOG}") if file else None
