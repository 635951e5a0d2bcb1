"""Archives, packed streams and files of columns: read where they are safe, else named."""

import bz2
import gzip
import io
import lzma
import resource
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assay.core.errors import DataError
from assay.sources.reading import size as file_size
from assay.sources.reading.raw import read_raw, read_tables
from assay.sources.reading.size import GIB, refuse_beyond_memory, unpacked

CSV = b"time,open,close\n2024-01-02,1.5,1.6\n2024-01-03,1.6,1.7\n"
JSON = b'[{"time": 1, "open": 1.5}]'
GAPS = b"HistData.com (c) 2019\nGap of 61s found between 20191001000100 and 20191001000202.\n" * 3
FRAME = pl.DataFrame({"time": ["2024-01-02", "2024-01-03"], "open": [1.5, 1.6], "volume": [1, 2]})


def zipped(path: Path, members: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def saved(folder: Path, content: bytes, name: str = "bars") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_text_is_read_and_told_by_its_bytes(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    for content, columns in ((CSV, ["time", "open", "close"]), (JSON, ["time", "open"])):
        raw = read_raw(saved(tmp_path, pack(content)))
        assert raw.frame.columns == columns
        assert raw.name == str(tmp_path / "bars")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_text_that_is_damaged_or_packed_twice_is_refused(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    whole = pack(CSV * 50)

    with pytest.raises(DataError, match=r"is cut off: its \w+ stream has no end"):
        read_raw(saved(tmp_path, whole[:-9]))
    with pytest.raises(DataError, match=r"is damaged: .*; fetch it again"):
        read_raw(saved(tmp_path, whole[:20] + bytes(20) + whole[40:]))
    with pytest.raises(DataError, match="is packed twice, with gzip inside; unpack it once"):
        read_raw(saved(tmp_path, pack(gzip.compress(CSV))))
    with pytest.raises(DataError, match="is a tar archive; unpack it"):
        read_raw(saved(tmp_path, pack(bytes(257) + b"ustar\x0000" + bytes(600))))


def test_every_table_of_a_zip_archive_is_read_by_its_name(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "bars.zip",
        {
            "readme.md": b"# Bars\n",
            "folder/": b"",
            "folder/a.csv": CSV,
            "__MACOSX/folder/._a.csv": b"\x00\x05\x16\x07",
            "b.txt": CSV.replace(b",", b"\t"),
            "b.log": GAPS,
            "c.json": JSON,
        },
    )

    tables = list(read_tables(path))

    assert [raw.name for raw in tables] == [
        f"{path}: folder/a.csv",
        f"{path}: b.txt",
        f"{path}: c.json",
    ]
    assert [raw.frame.height for raw in tables] == [2, 2, 1]
    for raw in tables:
        assert [note.sentence for note in raw.notes] == [
            "readme.md in the archive is no table of bars",
            "b.log in the archive is no table of bars",
        ]
    with pytest.raises(DataError, match=r"holds 3 tables \(folder/a.csv, b.txt, c.json\) where"):
        read_raw(path)


def test_the_only_table_of_a_zip_archive_is_the_file_s(tmp_path: Path) -> None:
    headless = CSV.partition(b"\n")[2]
    histdata = zipped(
        tmp_path / "a.zip", {"DAT_ASCII_EURUSD_M1.txt": GAPS, "DAT_ASCII_EURUSD_M1.csv": headless}
    )
    columns = io.BytesIO()
    FRAME.write_parquet(columns)

    raw = read_raw(histdata)

    assert (raw.named, raw.rows) == (False, 2)
    assert [note.code for note in raw.notes] == ["skipped_member"]
    inside = read_raw(zipped(tmp_path / "b.zip", {"a.parquet": columns.getvalue()}))
    assert_frame_equal(inside.frame, FRAME)


def test_prose_with_commas_is_no_table_in_an_archive(tmp_path: Path) -> None:
    prose = b"Well, this\nis, prose\nof, two\nparts, each\n"
    counts = b"Lines, Rows, Gaps\n1,2,3\n" + b"in all, 2\n" * 3
    path = zipped(tmp_path / "a.zip", {"notes.txt": prose, "counts.txt": counts, "a.csv": CSV})

    assert [raw.name for raw in read_tables(path)] == [f"{path}: a.csv"]


def encrypted(path: Path) -> Path:
    content = bytearray(zipped(path, {"a.csv": CSV}).read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    return path


def method_97(path: Path) -> Path:
    content = bytearray(zipped(path, {"a.csv": CSV}).read_bytes())
    content[8] = content[content.index(b"PK\x01\x02") + 10] = 97
    path.write_bytes(content)
    return path


def wrong_sum(path: Path) -> Path:
    content = bytearray(zipped(path, {"a.csv": CSV}, zipfile.ZIP_STORED).read_bytes())
    content[content.index(b"2024")] ^= 1
    path.write_bytes(content)
    return path


def members(contents: dict[str, bytes]) -> Callable[[Path], Path]:
    return lambda path: zipped(path, contents)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (encrypted, "a.csv is protected by a password"),
        (method_97, "packed in a way that is not read"),
        (wrong_sum, "is a damaged zip archive: Bad CRC-32"),
        (lambda path: saved(path.parent, b"PK\x03\x04rest"), "is a damaged zip archive"),
        (members({}), "without a table; it holds nothing"),
        (members({"a.pdf": b"x", "b.png": b"x"}), "without a table; it holds a.pdf, b.png"),
        (members({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b""}), "is a spreadsheet or"),
        (
            members({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "c.xml": b""}),
            "is a spreadsheet or another Office file; save it as CSV",
        ),
        (members({"a.csv": CSV, "inner.zip": b"PK"}), "inner.zip is an archive in an archive"),
        (members({"a.csv": gzip.compress(CSV)}), "a.csv is packed twice, with gzip inside"),
        (members({"../a.csv": CSV}), "a name that leads out of the archive"),
        (members({"/etc/a.csv": CSV}), "a name that leads out of the archive"),
        (members({"C:\\a.csv": CSV}), "a name that leads out of the archive"),
        (members({"..\\a.csv": CSV}), "a name that leads out of the archive"),
        (members({"a.csv": b"<html>log in</html>"}), "a.csv is a web page"),
        (members({"a.csv": b""}), "a.csv is empty"),
        (members({"a.txt": b"once\nupon\n"}), "a.txt: line 1 is no header of a table"),
        (members({f"{number}": b"" for number in range(10_001)}), "holds 10,001 files"),
    ],
)
def test_archives_that_are_not_safe_or_not_tables_are_refused(
    tmp_path: Path, make: Callable[[Path], Path], said: str
) -> None:
    path = make(tmp_path / "bars.zip")

    with pytest.raises(DataError, match=said) as caught:
        list(read_tables(path))

    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    million = bytes(1024**2)
    squeezed = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(squeezed, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.csv", "w") as member,
    ):
        for _ in range(60):
            member.write(million)
    content = bytearray(squeezed.read_bytes())
    content[1000:2000] = b"\xff" * 1000  # whoever unpacks it finds it damaged
    squeezed.write_bytes(content)
    packed = saved(tmp_path, gzip.compress(million * 60), "bomb.gz")

    for path in (squeezed, packed):
        with pytest.raises(DataError, match="more than 200 times its size, as a bomb does"):
            list(read_tables(path))


def test_an_archive_that_claims_too_much_is_refused_unread(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bars.zip", {"a.csv": CSV})
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    content[entry + 20 : entry + 28] = (2**31).to_bytes(4, "little") + (2**32 - 2).to_bytes(
        4, "little"
    )
    path.write_bytes(content)

    with pytest.raises(DataError, match=r"holds 4.0 GB of text and at most 2.0 GB are read"):
        read_raw(path)


def test_a_stream_is_read_to_its_limit_and_no_further() -> None:
    endless = io.BytesIO(bytes(10 * file_size.CHUNK))

    with pytest.raises(DataError, match=r"unpacks to more than 0\.0 GB"):
        unpacked(endless, 10**6, "bars.gz", most=file_size.CHUNK)

    assert endless.tell() == 2 * file_size.CHUNK
    assert unpacked(io.BytesIO(CSV), 10, "bars.gz") == CSV


def test_text_of_five_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for head in (b"", CSV, b"[[1,2],"):
        with path.open("wb") as file:
            file.write(head)
            file.truncate(5 * GIB)
        with pytest.raises(DataError, match=r"holds 5.0 GB of text and at most 2.0 GB .*split it"):
            read_raw(path)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * 1024 < GIB


def test_what_does_not_fit_in_memory_is_refused() -> None:
    said = r"bars.csv needs about 4.0 GB of memory to be read and 3.0 GB are free: split it"
    with pytest.raises(DataError, match=said):
        refuse_beyond_memory("bars.csv", GIB, 4, 3 * GIB)

    refuse_beyond_memory("bars.csv", GIB, 4, 4 * GIB)
    refuse_beyond_memory("bars.csv", GIB, 4, None)
    assert (file_size.available_memory() or 0) > 10 * 1024**2


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
def test_arrow_files_are_read(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "bars.feather"
    coded = FRAME.with_columns(pl.Series("symbol", ["A", "B"], dtype=pl.Categorical))
    coded.write_ipc(path, compression=compression)  # type: ignore[call-overload]  # the names are literals

    raw = read_raw(path)

    assert_frame_equal(raw.frame, coded)
    assert (raw.unit, raw.numbers.to_list(), raw.name) == ("row", [1, 2], str(path))


def test_what_pandas_writes_as_feather_is_read(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas", reason="its exports are what is read (extra oracle)")
    pytest.importorskip("pyarrow", reason="writes pandas' Feather (extra oracle)")
    path = tmp_path / "bars.feather"
    pandas.DataFrame(FRAME.to_dict(as_series=False)).to_feather(path)

    assert_frame_equal(read_raw(path).frame, FRAME)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.95, 0.999])
def test_a_cut_off_arrow_file_is_refused(tmp_path: Path, share: float) -> None:
    whole = io.BytesIO()
    FRAME.write_ipc(whole)
    content = whole.getvalue()

    with pytest.raises(DataError, match="damaged or unfinished Arrow file"):
        read_raw(saved(tmp_path, content[: int(len(content) * share)]))


def test_arrow_lengths_that_cannot_be_are_refused_before_memory_is_taken(tmp_path: Path) -> None:
    whole = io.BytesIO()
    pl.DataFrame({"text": ["a long text to be packed " * 9] * 99}).write_ipc(
        whole, compression="lz4"
    )
    content = whole.getvalue()
    packed = content.index(b"\x04\x22\x4d\x18") - 8
    footer = len(content) - 10

    for place, claim in ((packed, 2**60), (packed, -7), (footer, 2**31 - 1), (footer, -1)):
        size = 4 if place == footer else 8
        spoilt = bytearray(content)
        spoilt[place : place + size] = claim.to_bytes(size, "little", signed=True)
        with pytest.raises(DataError, match=r"damaged Arrow file|needs about .* GB of memory"):
            read_raw(saved(tmp_path, bytes(spoilt)))


KNOWN = [
    (b"Rar!\x1a\x07\x01\x00", "is a RAR archive; unpack it"),
    (b"7z\xbc\xaf\x27\x1c\x00\x04", "is a 7-Zip archive; unpack it"),
    (b"\x28\xb5\x2f\xfd\x24", "is packed with Zstandard; unpack it with zstd -d"),
    (b"\x5d\x00\x00\x80\x00", "Dukascopy's .bi5 ticks"),
    (b"\x89HDF\r\n\x1a\n", "is an HDF5 file; save the table as CSV or Parquet"),
    (b"SQLite format 3\x00", "is an SQLite database; export its table as CSV"),
    (b"\x80\x04\x95", "is a Python pickle"),
    (b"\x93NUMPY\x01", "is a NumPy array"),
    (b"%PDF-1.7", "is a PDF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"is an old Excel workbook \(.xls\); save it as CSV"),
    (b"FEA1\x00", "is a Feather file of version 1; write it again as version 2"),
    (b"\xff\xff\xff\xff\x78\x00", "is an Arrow stream"),
    (b"PARE", "is an encrypted Parquet file"),
    (b"\n<!DOCTYPE html><html>", "is a web page, such as a log-in"),
    (b"\xef\xbb\xbf<HTML><body>Sign in", "is a web page, such as a log-in"),
    (b'<?xml version="1.0"?><bars/>', "is XML"),
    (b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
    (b"\x91\x01\x00\x00Copyright 2003, MetaQuotes Software", r"is MetaTrader 4 history \(.hst\)"),
    (
        b"\xf5\x01\x00\x00" + "Copyright 2000, MetaQuotes".encode("utf-16-le"),
        r"is MetaTrader 5 history \(.hcc\)",
    ),
]


@pytest.mark.parametrize(("content", "said"), KNOWN)
def test_files_of_other_kinds_are_named(tmp_path: Path, content: bytes, said: str) -> None:
    path = saved(tmp_path, content + bytes(20))

    with pytest.raises(DataError, match=said):
        read_raw(path)


def test_history_of_metatrader_is_known_by_its_name_too(tmp_path: Path) -> None:
    for name, version, said in (("a.hst", 400, "MetaTrader 4"), ("2019.hcc", 501, r"5 .*\(.hcc\)")):
        with pytest.raises(DataError, match=said):
            read_raw(saved(tmp_path, version.to_bytes(4, "little") + bytes(200), name))
