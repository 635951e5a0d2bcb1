"""The files of the terminal as they were built, each read and packed once."""

import gzip
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent / "terminal"
INDEX = "index.html"
ASSETS = "assets/"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
}
PACKED = frozenset({".html", ".js", ".css", ".svg", ".webmanifest", ".txt"})
NOT_BUILT = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Assay</title><h1>Assay</h1><p>The "
    "service answers, but this copy of Assay came without the terminal: run <code>make "
    "terminal</code> in its folder, then load this page again. <a href=/api/openapi.json>The API"
    "</a> is complete.</html>"
)


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent; `packed` is it in gzip, None where that saves nothing."""

    content: bytes
    packed: bytes | None
    media_type: str
    is_named_by_content: bool


@lru_cache(maxsize=256)
def file_of(path: str, folder: Path = FOLDER) -> File | None:
    """Return the file at `path` under `folder`, None where there is none of a known kind.

    What a browser names is never followed out of the folder.
    """
    place = (folder / path).resolve()
    kind = KINDS.get(place.suffix)
    if kind is None or not place.is_relative_to(folder.resolve()) or not place.is_file():
        return None
    content = place.read_bytes()
    packed = gzip.compress(content, 9, mtime=0) if place.suffix in PACKED else None
    return File(content, packed, kind, path.startswith(ASSETS))


def page(folder: Path = FOLDER) -> File:
    """Return the terminal's one page; a sentence where it was not built."""
    return file_of(INDEX, folder) or File(
        NOT_BUILT.encode(), None, KINDS[".html"], is_named_by_content=False
    )
