"""Hand out the expert that lets a MetaTrader 5 terminal answer."""

from importlib.resources import files
from pathlib import Path

from assay.core.errors import NotFoundError
from assay.store.files import write_atomic

NAME = "AssayBridge.mq5"


def expert() -> Path:
    """Return where the expert's source lies."""
    return Path(str(files("assay.sources.terminal").joinpath(NAME)))


def copied(folder: Path) -> Path:
    """Copy the expert into a terminal's folder of experts, whole or not at all; return its place.

    A folder that is not there is a `NotFoundError`: a terminal has one, and a new one helps nobody.
    """
    place = folder.expanduser()
    if not place.is_dir():
        raise NotFoundError(
            f"There is no folder {place}; in MetaTrader 5 File > Open Data Folder shows it, and "
            "MQL5/Experts is in there"
        )
    write_atomic(place / NAME, expert().read_bytes())
    return place / NAME
