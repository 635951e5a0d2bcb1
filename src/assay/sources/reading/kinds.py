"""What a file is, told by its first bytes: what can be read, and what is named and refused."""

from enum import Enum

from assay.core.errors import DataError

HEAD_BYTES = 1024
"""As many bytes as `kind_of` wants to see."""


class Kind(Enum):
    """How a file is read; whatever is not known by its first bytes is taken for text."""

    TEXT = "text"
    PARQUET = "Parquet"
    ARROW = "Arrow"
    ZIP = "zip"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"


READ = (
    (b"PAR1", Kind.PARQUET),
    (b"ARROW1", Kind.ARROW),
    (b"PK\x03\x04", Kind.ZIP),
    (b"PK\x05\x06", Kind.ZIP),
    (b"PK\x07\x08", Kind.ZIP),
    (b"\x1f\x8b", Kind.GZIP),
    *(
        (b"BZh%d" % level + mark, Kind.BZIP2)
        for level in range(1, 10)
        for mark in (b"1AY", b"\x17rE")
    ),
    (b"\xfd7zXZ\x00", Kind.XZ),
)
UNPACK = "unpack it and import the files in it"
AS_CSV = "save the table as CSV or Parquet"
PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
REFUSED = (
    (0, b"Rar!\x1a\x07", "a RAR archive", UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "packed with Zstandard", "unpack it with zstd -d, or pack with gzip"),
    (0, b"\x04\x22\x4d\x18", "packed with LZ4", "unpack it with lz4 -d, or pack it with gzip"),
    (0, b"\x1f\x9d", "packed with compress (.Z)", "unpack it, or pack it with gzip"),
    (0, b"\x5d\x00\x00", "packed with LZMA, as Dukascopy's .bi5 ticks are", "export bars as CSV"),
    (257, b"ustar", "a tar archive", UNPACK),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file", AS_CSV),
    (0, b"SQLite format 3\x00", "an SQLite database", "export its table as CSV"),
    *((0, mark, "a Python pickle, which could run code", AS_CSV) for mark in PICKLES),
    (0, b"\x93NUMPY", "a NumPy array", AS_CSV),
    (0, b"%PDF", "a PDF document", "fetch the data as CSV"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls)", "save it as CSV"),
    (0, b"\x89PNG\r\n", "a picture", "fetch the data as CSV"),
    (0, b"\xff\xd8\xff", "a picture", "fetch the data as CSV"),
    (0, b"FEA1", "a Feather file of version 1", "write it again as version 2 or as Parquet"),
    (0, b"\xff\xff\xff\xff", "an Arrow stream", "write it as an Arrow file (Feather) or Parquet"),
    (0, b"PARE", "an encrypted Parquet file", "write it without encryption"),
    (0, b"Obj\x01", "an Avro file", AS_CSV),
    (0, b"version https://git-lfs", "a Git LFS pointer, not the file", "fetch it: git lfs pull"),
)  # fmt: skip
PAGES = (b"<!doctype", b"<html", b"<head", b"<script")
"""How web pages begin; one is what a log-in or an error leaves where a file was asked for."""
HISTORY_VERSIONS = (400, 401)


def kind_of(head: bytes, name: str, suffix: str = "") -> Kind:
    """Return what a file that begins with `head` is; `DataError` where it is known and not read.

    `suffix` of its name, as ".hst", tells where the bytes alone do not.
    """
    for mark, kind in READ:
        if head.startswith(mark):
            return kind
    for place, mark, what, way_out in REFUSED:
        if head[place : place + len(mark)] == mark:
            raise DataError(f"{name} is {what}; {way_out}")
    _refuse_pages(head, name)
    _refuse_terminals(head, name, suffix.lower())
    return Kind.TEXT


def _refuse_pages(head: bytes, name: str) -> None:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(PAGES):
        raise DataError(
            f"{name} is a web page, such as a log-in or an error in place of the file; "
            "fetch it again"
        )
    if start.startswith(b"<?xml"):
        raise DataError(f"{name} is XML; {AS_CSV}")


def _refuse_terminals(head: bytes, name: str, suffix: str) -> None:
    version = int.from_bytes(head[:4], "little")
    history = b"MetaQuotes" in head or suffix == ".hst"
    if version in HISTORY_VERSIONS and history:
        raise DataError(
            f"{name} is MetaTrader 4 history (.hst); export it as CSV in its History Center (F2)"
        )
    wide = "MetaQuotes".encode("utf-16-le") in head
    if wide or (suffix in {".hcc", ".hcs", ".tkc"} and b"\x00" in head):
        raise DataError(
            f"{name} is MetaTrader 5 history ({suffix or '.hcc'}); export the bars as CSV from its "
            "Symbols window (Ctrl+U)"
        )
