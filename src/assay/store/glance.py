"""What a shell may offer: names read from files in milliseconds, with no store opened."""

import contextlib
import sqlite3
from pathlib import Path
from urllib.parse import quote, unquote

NEWEST = 200
"""More names help nobody who presses a key."""
WAIT_SECONDS = 0.05


def symbols(home: Path) -> list[str]:
    """Return the symbols of which bars are stored under `home`, in order."""
    folders = (home / "bars").glob("symbol=*")
    return sorted(unquote(folder.name.partition("=")[2]) for folder in folders)


def timeframes(home: Path, symbol: str | None = None) -> list[str]:
    """Return the timeframes that are stored of `symbol`, or of any."""
    named = "*" if symbol is None else quote(symbol.upper(), safe="")
    folders = (home / "bars").glob(f"symbol={named}/timeframe=*")
    return sorted({folder.name.partition("=")[2] for folder in folders})


def signals(home: Path) -> list[str]:
    """Return the ids of the newest signals, the newest first; none where a server keeps them."""
    return _ids(home, "SELECT id FROM signals ORDER BY entry DESC LIMIT ?")


def artefacts(home: Path) -> list[str]:
    """Return the ids of the newest models, the newest first; none where a server keeps them."""
    return _ids(home, "SELECT id FROM artefacts ORDER BY made_at DESC LIMIT ?")


def trials(home: Path) -> list[str]:
    """Return the ids of the newest trials, the newest first; none where a server keeps them."""
    return _ids(home, "SELECT id FROM trials ORDER BY no DESC LIMIT ?")


def _ids(home: Path, query: str) -> list[str]:
    """Read the SQLite file of a workspace; one that is not there, locked or damaged has none."""
    file = home / "assay.db"
    if not file.is_file():
        return []
    found: list[str] = []
    with contextlib.suppress(sqlite3.Error):  # a key pressed in a shell is no place to complain
        place = f"file:{quote(str(file.absolute()))}?mode=ro"
        with contextlib.closing(sqlite3.connect(place, uri=True, timeout=WAIT_SECONDS)) as opened:
            found = [str(row[0]) for row in opened.execute(query, (NEWEST,))]
    return found
