"""Text of every writing becomes the rows that stand in it, and nothing is made up."""

import gzip
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal, assert_series_equal

from assay.core.errors import DataError, NotFoundError
from assay.sources.reading.cells import looks_like_data
from assay.sources.reading.lines import Lines, careful, straight
from assay.sources.reading.raw import Raw, read_raw, read_tables
from assay.sources.reading.shape import shape_of

PLAIN = "Date,Open,Close\n2024-01-02,1.5,1.6\n2024-01-03,1.6,1.7\n"
NAMES = ["Date", "Open", "Close"]
ROWS = [("2024-01-02", "1.5", "1.6"), ("2024-01-03", "1.6", "1.7")]


def read(folder: Path, content: str | bytes, name: str = "bars.csv") -> Raw:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_raw(path)


def codes(raw: Raw) -> list[str]:
    return [note.code for note in raw.notes]


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", "|"),
        PLAIN.replace(",", ";").replace(".", ","),
        PLAIN.replace(",", "\t").replace(".", ","),
        "sep=;\n" + PLAIN.replace(",", ";"),
        "SEP=^\n" + PLAIN.replace(",", "^"),
        '"sep=,"\n' + PLAIN,
        "sep=\\t\n" + PLAIN.replace(",", "\t"),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        "".join(f'"{line.replace(",", chr(34) + "," + chr(34))}"\n' for line in PLAIN.split()),
        PLAIN.replace("\n", "\n\n"),
        "\n \n" + PLAIN + "\n\n",
        PLAIN + " \n , \n",
    ],
)
def test_every_separator_and_line_end_gives_the_same_table(tmp_path: Path, text: str) -> None:
    raw = read(tmp_path, text)

    assert raw.frame.columns == NAMES
    assert raw.frame.rows() == ROWS
    assert (raw.named, raw.unit, raw.rows, raw.ragged) == (True, "line", 2, ())
    assert raw.name == str(tmp_path / "bars.csv")


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le-bom", "utf-16-be-bom", "cp1252"]
)
def test_encodings_are_told_apart(tmp_path: Path, encoding: str) -> None:
    text = PLAIN.replace("Open", "Eröffnung")
    if encoding.endswith("bom"):
        content = f"\ufeff{text}".encode(encoding.removesuffix("-bom"))
    else:
        content = text.encode(encoding)

    raw = read(tmp_path, content)

    assert raw.frame.columns == ["Date", "Eröffnung", "Close"]
    assert raw.frame.rows() == ROWS
    assert codes(raw) == ([] if encoding == "utf-8-sig" else ["encoding"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\n1,2\x00\n", "neither Parquet nor text: byte 8 is zero"),
        (PLAIN.encode("utf-32"), "UTF-32 text; save it as UTF-8"),
        (PLAIN.encode("utf-16")[:-1], "damaged UTF-16 text: byte 109 cannot be read"),
        (
            "Date,Café\n2024-01-02,1\n".encode() + "Zürich,2\n".encode("cp1252"),
            r"two encodings: byte 9 is UTF-8 and byte 26 \(0xfc\) is not",
        ),
        (b"a,b\n1,2\n" + bytes(range(0xA1, 0xFF)), "neither Parquet nor UTF-8 text: byte 9 "),
        (b"Date,Open\n2024-01-02,1\n2024-01-03,\x81\n" * 9, r"byte 35 \(0x81\) cannot be read"),
        (
            PLAIN.encode() + b"2024-01-04,1.7,1\xb78\n",
            "line 4 holds '1·8' in the column 'Close' of numbers or times",
        ),
    ],
)
def test_bytes_nobody_can_read_are_named(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        read(tmp_path, content)


def test_odd_letters_beside_the_data_are_read(tmp_path: Path) -> None:
    rows = "".join(f"2024-01-{day:02d},1.5,Société\n" for day in range(1, 30))

    raw = read(tmp_path, ("Date,Close,Name\n" + rows).encode("latin-1"))

    assert raw.frame["Name"].unique().to_list() == ["Société"]
    assert "58 bytes are no UTF-8, the first byte 36 (0xe9)" in raw.notes[0].sentence


@pytest.mark.parametrize(
    ("above", "lines"),
    [
        ("Apple Inc.\n", [1]),
        ("Apple Inc.,,\n\n,,\nexported 2024-02-01,,\n", [1, 4]),
        ("Apple, Inc.\n", [1]),
        ("https://www.CryptoDataDownload.com\n", [1]),
    ],
)
def test_titles_above_the_header_are_passed_over_by_line(
    tmp_path: Path, above: str, lines: list[int]
) -> None:
    raw = read(tmp_path, above + PLAIN)

    assert raw.frame.columns == NAMES
    assert raw.frame.rows() == ROWS
    assert [note.line for note in raw.notes] == lines
    assert set(codes(raw)) == {"title"}
    assert raw.numbers.to_list() == [above.count("\n") + 2, above.count("\n") + 3]


def test_what_a_spreadsheet_leaves_at_the_edges_is_dropped_with_a_note(tmp_path: Path) -> None:
    wide = PLAIN.replace("\n", ",,\n") + ",,,,\n,,,,\n"

    for text in (wide, wide.replace("Close,,", "Close"), wide.replace("7,,", '7,"",')):
        raw = read(tmp_path, text)
        assert raw.frame.columns == NAMES
        assert raw.frame.rows() == ROWS
        assert codes(raw) == ["empty_rows", "empty_columns"]
        assert raw.rows == 2
    narrow = read(tmp_path, PLAIN.replace("Close", "Close,,"))
    assert (narrow.frame.columns, narrow.frame.rows()) == (NAMES, ROWS)
    assert codes(narrow) == ["empty_columns"]
    (note,) = [note for note in raw.notes if note.code == "empty_rows"]
    assert note.sentence.startswith("2 lines that hold nothing but separators")
    assert note.sentence.endswith("first line 4")
    with pytest.raises(DataError, match="line 103 has 4 fields, the header has 3"):
        read(tmp_path, "a,b,c\n" + "1,2,3,\n" * 101 + "1,2,3,4\n")


@pytest.mark.parametrize(
    "text", [",a,b\nx,1,2\n", '"","a","b"\n"x","1","2"\n', ',a,b\nx,"1",2\ny,",",z,z\n']
)
def test_a_column_may_have_no_name(tmp_path: Path, text: str) -> None:
    raw = read(tmp_path, text)

    assert raw.frame.to_dict(as_series=False) == {"": ["x"], "a": ["1"], "b": ["2"]}


@pytest.mark.parametrize(
    "first",
    [
        "1518048000000,7599.00,7600.1",
        "20191020 170000,1.11607,1.11612",
        "2012.02.01,00:00,1.3064",
        "01/02/2024 05:00 PM,1,nan",
        "2024-01-01T00:00:00Z,,1e5",
        '"Jan 02, 2024","1,234.50",2',
    ],
)
def test_a_first_line_of_data_is_no_header(tmp_path: Path, first: str) -> None:
    raw = read(tmp_path, f"{first}\n{first}\n")

    assert raw.frame.columns == ["column_1", "column_2", "column_3"]
    assert raw.frame.height == raw.rows == 2
    assert not raw.named
    assert raw.numbers.to_list() == [1, 2]


def test_decimal_commas_in_every_line_do_not_separate(tmp_path: Path) -> None:
    raw = read(tmp_path, "20240102 000000;1,5;1,6\n20240102 000100;1,6;1,7\n")

    assert raw.frame.row(0) == ("20240102 000000", "1.5", "1.6")


def test_a_name_that_every_line_repeats_makes_no_header(tmp_path: Path) -> None:
    raw = read(tmp_path, "EURUSD,20240102,1.5,1.6\nEURUSD,20240103,1.6,1.7\n")

    assert (raw.named, raw.rows) == (False, 2)
    assert read(tmp_path, "EURUSD,1,2,3\nGBPUSD,1,2,3\n").named


def test_a_line_that_only_numbers_the_columns_is_passed_over(tmp_path: Path) -> None:
    raw = read(tmp_path, "0,1,2\n2024-01-02,1.5,1.6\n")

    assert (raw.named, raw.rows, codes(raw)) == (False, 1, ["title"])
    assert raw.numbers.to_list() == [2]


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("1.1", True),
        ("-1,234.5", True),
        ("3.4K", True),
        ("12:30", True),
        ("2024-01-01 00:00:00+00:00", True),
        ("3 Mar 2024", True),
        ("Market 1", False),
        ("ma20", False),
        ("close", False),
        ("<DATE>", False),
        ("", False),
    ],
)
def test_numbers_and_times_are_told_from_words(text: str, data: bool) -> None:
    assert looks_like_data(text) == data


def test_names_of_metatrader_stay_as_they_stand(tmp_path: Path) -> None:
    raw = read(tmp_path, "<DATE>\t<TIME>\t<OPEN>\n2024.01.02\t00:00\t1.5\n".encode("utf-16"))

    assert raw.frame.columns == ["<DATE>", "<TIME>", "<OPEN>"]
    assert raw.named


@pytest.mark.parametrize(
    ("header", "lines"),
    [
        ("Price,Close,High\nTicker,AAPL,AAPL\nDate,,\n", 3),
        ("Ticker,AAPL,AAPL\nPrice,Close,High\nDate,,\n", 3),
        (",Close,High\n,AAPL,AAPL\nDate,,\n", 3),
        ("Date,Close,High\n,AAPL,AAPL\n", 2),
    ],
)
def test_headers_of_yfinance_are_joined(tmp_path: Path, header: str, lines: int) -> None:
    raw = read(tmp_path, header + "2024-01-02,1.5,1.6\n")

    assert raw.frame.columns == ["Date", "Close", "High"]
    assert raw.frame.rows() == [("2024-01-02", "1.5", "1.6")]
    assert raw.numbers.to_list() == [lines + 1]
    assert raw.metadata == {"ticker": "AAPL"}
    assert codes(raw) == ["joined_header"]


def test_several_tickers_beside_each_other_are_refused(tmp_path: Path) -> None:
    text = "Price,Close,Close\nTicker,AAPL,MSFT\nDate,,\n2024-01-02,1.5,1.6\n"

    with pytest.raises(DataError, match=r"2 instruments beside each other \(AAPL, MSFT\)"):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "ragged"),
    [
        ("a,b\n1,2\n3\n4,5\n", {3: "it has 1 field, the header has 2"}),
        ("a,b\n1,2\n3,4,5\n4,5", {3: "it has 3 fields, the header has 2"}),
        ("a,b\n1,2\n4,5\n6", {4: "it has 1 field, the file is cut off there"}),
        ("1,2\n4,5,6\n7,8\n9,9\n", {2: "it has 3 fields, the others have 2"}),
        (
            'a,b\n1,2\n"3,4\n5,6\n7,8\n',
            dict.fromkeys((3, 4, 5), "a quotation mark that line 3 opens is not closed there"),
        ),
    ],
)
def test_rows_of_another_length_are_named(
    tmp_path: Path, text: str, ragged: dict[int, str]
) -> None:
    raw = read(tmp_path, text)

    assert {n.line: n.sentence.split("out: ")[1] for n in raw.ragged} == ragged
    assert raw.rows == raw.frame.height + len(ragged)


def test_quoted_fields_hold_separators_quotes_and_line_ends(tmp_path: Path) -> None:
    raw = read(tmp_path, 'a,b\n"x,y","say ""no"""\n"two\nlines",2\n')

    assert raw.frame.rows() == [("x,y", 'say "no"'), ("two\nlines", "2")]
    assert raw.numbers.to_list() == [2, 3]


fields = st.one_of(
    st.sampled_from(
        ["", "1.5", "2024-01-02", " ", "é", "x\x01", "\ufeff", "nan", '"', '"a"', '""']
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), max_size=5),
)
tables = st.lists(st.lists(fields, min_size=1, max_size=4), min_size=1, max_size=8)


def same(one: Lines, other: Lines) -> None:
    assert_frame_equal(one.frame, other.frame)
    assert_series_equal(one.numbers, other.numbers, check_names=False)
    assert (one.rows, one.ragged) == (other.rows, other.ragged)


@settings(max_examples=400, deadline=None)
@given(rows=tables, width=st.integers(2, 4), separator=st.sampled_from(",;\t|"))
@example(rows=[["x\x01", "1"]], width=2, separator=",")
@example(rows=[["\ufeff1", "1"]], width=2, separator=",")
@example(rows=[['"1"', "2"], ["3", '"4"']], width=2, separator=";")
@example(rows=[['"1', '2"'], ["3", "4"]], width=2, separator=",")
@example(rows=[["1", "2", "3"], ["1"]], width=2, separator=",")
@example(rows=[["1", ""], ["1"], ["1", "2", ""]], width=2, separator=",")
@example(rows=[["1", "2"], ["1", "2", ""]], width=2, separator=",")
@example(rows=[['a"b"', "2"]], width=2, separator=",")
def test_the_straight_road_and_the_careful_one_lead_to_the_same_rows(
    rows: list[list[str]], width: int, separator: str
) -> None:
    header = separator.join(f"c{number}" for number in range(width))
    body = "\n".join(separator.join(row) for row in rows)
    content = f"{header}\n{body}\n".encode()
    try:
        shape = shape_of(content, "bars")
    except DataError:
        return

    short = straight(content, shape)

    if short is not None:
        same(short, careful(content, shape, "bars"))


def test_a_clean_file_takes_the_straight_road_and_a_ragged_one_does_not() -> None:
    clean, quoted, ragged = PLAIN, PLAIN.replace("1.5", '"1.5"'), PLAIN + "1\n"

    roads = [straight(text.encode(), shape_of(text.encode(), "x")) for text in (clean, quoted)]

    assert [road and road.rows for road in roads] == [2, 2]
    assert straight(ragged.encode(), shape_of(ragged.encode(), "x")) is None


@pytest.mark.parametrize(
    "text",
    ["once upon a time\n", "a\nb\nc\n", "sep=;\n", "x" * 300_000, "x" * 300_000 + ",1\n2,3\n"],
)
def test_text_without_a_table_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError, match=r"line \d+ is (no header|longer)|nothing below"):
        read(tmp_path, text)


def test_empty_and_missing_files_and_folders(tmp_path: Path) -> None:
    for content, said in ((b"", "is empty"), (b" \n\n", "blank lines"), (b"a,b\n", "and no rows")):
        with pytest.raises(DataError, match=said):
            read(tmp_path, content)
    for path in (tmp_path, tmp_path / "none.csv", tmp_path / "no\x00name"):
        with pytest.raises(NotFoundError):
            read_raw(path)
    with pytest.raises(DataError, match="is a device or a pipe"):
        read_raw(Path("/dev/zero"))


def answer(path: Path) -> tuple[list[Raw], DataError | None]:
    """Return the tables or the refusal; anything else that is raised is a bug."""
    try:
        return list(read_tables(path)), None
    except DataError as error:
        return [], error


STARTS = (
    *(b"", b"PAR1", b"ARROW1\x00\x00", b"PK\x03\x04", b"\x1f\x8b\x08\x00", b"BZh91AY&SY"),
    *(b"\xfd7zXZ\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"sep=", b'"', b"[", b"{", b"a,b\n"),
    b"Price,\nTicker,",
)


@settings(max_examples=300, deadline=2000)
@given(
    start=st.sampled_from(STARTS),
    rest=st.one_of(st.binary(max_size=300), st.text('[]{}":,;\n\t1.aé ', max_size=80)),
)
def test_whatever_the_bytes_the_answer_is_a_table_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, start: bytes, rest: bytes | str
) -> None:
    path = tmp_path_factory.getbasetemp() / "anything"
    path.write_bytes(start + (rest if isinstance(rest, bytes) else rest.encode()))

    tables, refused = answer(path)

    assert bool(tables) != (refused is not None)
    assert "\n" not in str(refused)
    for raw in tables:
        assert raw.rows == raw.frame.height + len(raw.ragged) > 0
        assert len(raw.numbers) == raw.frame.height


def test_a_million_rows_take_less_than_a_second(tmp_path: Path) -> None:
    count = 1_000_000
    start = np.datetime64("2020-01-01T00:00:00", "us")
    price = 1.1 + np.round(np.sin(np.arange(count) / 1000) / 10, 5)
    times = pl.Series(start + np.arange(count) * np.timedelta64(60, "s"))
    columns = dict.fromkeys(("open", "high", "low", "close"), price)
    frame = pl.DataFrame({"time": times.dt.to_string("iso:strict"), **columns, "volume": 1})
    path = tmp_path / "bars.csv"
    frame.write_csv(path)

    took = []
    for _ in range(3):
        begun = time.process_time()
        raw = read_raw(path)
        took.append(time.process_time() - begun)

    assert_frame_equal(raw.frame.cast(frame.schema), frame)
    assert min(took) < 1.5  # 0.4 s on two idle cores


def test_a_packed_text_is_the_text(tmp_path: Path) -> None:
    raw = read(tmp_path, gzip.compress(PLAIN.encode()), "bars.csv.gz")

    assert raw.frame.rows() == ROWS
