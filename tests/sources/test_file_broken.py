"""Whatever is wrong with a file is said in one sentence, by line; no row is lost in silence."""

import gzip
import os
import random
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from assay.core.errors import AssayError, DataError, NotFoundError, UserError
from assay.core.values.timeframe import Timeframe
from assay.sources.adapters.file import File
from assay.sources.contract import Fetched, Note
from assay.sources.file_rows import most_left_out
from tests.sources.files import (
    BTCUSDT,
    EURUSD,
    HEADER,
    as_opened,
    at,
    lines_of,
    market_bars,
    written,
)


def fetch(path: Path) -> Fetched:
    return File(path).bars(BTCUSDT, Timeframe.H1)


def by_code(fetched: Fetched, code: str) -> list[Note]:
    return [note for note in fetched.notes if note.code == code]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "is empty"),
        ("blank.csv", b"\n \n\n", "nothing but blank lines"),
        ("header.csv", f"{HEADER}\n".encode(), "has a header and no rows"),
        ("header_only.csv", HEADER.encode(), "has a header and no rows"),
        ("garbage.bin", bytes(range(256)) * 8, "neither Parquet nor text"),
        ("latin.csv", f"{HEADER}\n".encode() + b"\xe9\x81", "neither Parquet nor UTF-8 text"),
        ("wide.csv", f"{HEADER}\n".encode("utf-16"), "has a header and no rows"),
        ("book.xlsx", b"PK\x03\x04rest", "a damaged zip archive"),
        ("list.json", b"[1, 2, 3]", "JSON without a table"),
        ("words.txt", b"once upon a time\n", "line 1 is no header of a table"),
        ("columns.csv", b"timestamp,open,high,close\n1,2,3,4\n", "lacks the column low; found"),
        ("untimed.csv", b"open,high,low,close\n1,2,3,4\n", "lacks the column time; found"),
        ("twice.csv", f"{HEADER},Close\n1,2,3,4,5,6,7\n".encode(), "two columns called 'close'"),
        ("same.csv", f"{HEADER},close\n1,2,3,4,5,6,7\n".encode(), "two columns called 'close'"),
        ("bare.csv", "\n".join(lines_of(2)).encode(), "has no header line: the first line is data"),
        ("magic.parquet", b"PAR1", "damaged or unfinished Parquet"),
        ("half.parquet", b"PAR1" + b"\x15\x04" * 200, "damaged or unfinished Parquet"),
        ("gzip.csv.gz", b"\x1f\x8b\x08\x00rubbish-rubbish", "is damaged"),
    ],
)
def test_files_that_hold_no_bars_say_what_they_are(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(DataError, match=said) as caught:
        fetch(path)

    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_are_not_there_or_are_folders(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="There is no file at"):
        fetch(tmp_path / "none.csv")
    with pytest.raises(NotFoundError, match="is a folder; name one"):
        fetch(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_nobody_may_read(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, *lines_of())
    path.chmod(0)

    with pytest.raises(DataError, match="cannot be read: Permission denied"):
        fetch(path)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95, 0.999])
def test_a_cut_off_parquet_or_gzip_is_refused(tmp_path: Path, share: float) -> None:
    bars = market_bars("BTCUSDT")
    as_opened(bars).write_parquet(tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[: int(len(whole) * share)])
    packed = gzip.compress("\n".join([HEADER, *lines_of()]).encode())
    (tmp_path / "cut.csv.gz").write_bytes(packed[: max(2, int(len(packed) * share))])

    with pytest.raises(DataError, match="damaged or unfinished Parquet"):
        fetch(tmp_path / "cut.parquet")
    with pytest.raises(DataError, match=r"is cut off|is damaged"):
        fetch(tmp_path / "cut.csv.gz")


def test_a_half_written_last_line_is_left_out_by_name(tmp_path: Path) -> None:
    *rest, last = lines_of()

    fetched = fetch(written(tmp_path, HEADER, *rest, last[:40], end=""))

    assert len(fetched.bars) == len(rest)
    notes = by_code(fetched, "unreadable_row")
    assert [note.line for note in notes] == [61]
    assert notes[0].sentence == "Line 61 was left out: it has 4 fields, the file is cut off there"
    assert by_code(fetched, "no_line_end")


BAD = [
    ("2024-01-01 05:00:00+00:00,,2,1,2,5", "open is empty"),
    ("2024-01-01 05:00:00+00:00,abc,2,1,2,5", "open is 'abc', not a number"),
    ("2024-01-01 05:00:00+00:00,1,NaN,1,2,5", "high is 'NaN', not a number"),
    ("2024-01-01 05:00:00+00:00,1,inf,1,2,5", "high is infinite"),
    ("2024-01-01 05:00:00+00:00,1,2,0,2,5", "low is 0, which no price is"),
    ("2024-01-01 05:00:00+00:00,1,2,-1.5,2,5", "low is -1.5, which no price is"),
    ("2024-01-01 05:00:00+00:00,1,2,1,2,-5", "volume is -5, which no volume is"),
    ("2024-01-01 05:00:00+00:00,1,2,1,2,", "volume is empty"),
    ("2024-01-01 05:00:00+00:00,1,2,1,3,5", "high is not the highest"),
    ("2024-01-01 05:00:00+00:00,3,2,3,2,5", "high is not the highest"),
    ("2024-13-01 05:00:00+00:00,1,2,1,2,5", "time is '2024-13-01 05:00:00+00:00', not a time"),
    ("01/02/2024 05:00,1,2,1,2,5", "time is '01/02/2024 05:00', not a time, year first"),
    (",1,2,1,2,5", "time is empty"),
    ("024-01-01 05:00:00+00:00,1,2,1,2,5", "time is '024-01-01 05:00:00+00:00', not a time"),
    ("20244-01-01 05:00:00+00:00,1,2,1,2,5", "time is '20244-01-01 05:00:00+00:00', not a time"),
    ("2024-01-01 05:00:00+00:00,1,2,1", "it has 4 fields, the header has 6"),
    ("2024-01-01 05:00:00+00:00,1,2,1,2,5,6", "it has 7 fields, the header has 6"),
    ("2024-01-01 05:07:00+00:00,1,2,1,2,5", "its time is not on the 1h grid from 00:00 UTC"),
    ("1,2", "it has 2 fields, the header has 6"),
]


@pytest.mark.parametrize(("line", "reason"), BAD)
@pytest.mark.parametrize("quoted", [False, True])
def test_an_unreadable_row_is_named_by_line_and_reason(
    tmp_path: Path, line: str, reason: str, quoted: bool
) -> None:
    rows = lines_of()
    rows[5] = line
    header = f'"timestamp"{HEADER.removeprefix("timestamp")}' if quoted else HEADER

    fetched = fetch(written(tmp_path, header, *rows))

    assert len(fetched.bars) == len(rows) - 1
    (note,) = by_code(fetched, "unreadable_row")
    assert note.line == 7
    assert note.sentence.startswith(f"Line 7 was left out: {reason}")
    assert at("2024-01-01 06:00") not in fetched.bars.frame["time"]


def test_blank_lines_are_no_rows_but_count_as_lines(tmp_path: Path) -> None:
    first, second, *rest = lines_of()

    fetched = fetch(written(tmp_path, "", HEADER, first, "", second, "x,y", *rest, "", ""))

    assert len(fetched.bars) == 60
    assert [note.line for note in by_code(fetched, "unreadable_row")] == [6]


def test_parquet_rows_are_named_by_their_number(tmp_path: Path) -> None:
    frame = as_opened(market_bars("BTCUSDT"))
    row = pl.int_range(frame.height)
    spoilt = frame.with_columns(
        open=pl.when(row == 7).then(None).otherwise("open"),
        close=pl.when(row == 20).then(float("nan")).otherwise("close"),
        volume=pl.when(row == 30).then(-1.0).otherwise("volume"),
    )
    spoilt.write_parquet(tmp_path / "bars.parquet")

    fetched = fetch(tmp_path / "bars.parquet")

    assert [(note.line, note.sentence) for note in by_code(fetched, "unreadable_row")] == [
        (8, "Row 8 was left out: open is empty"),
        (21, "Row 21 was left out: close is 'nan', not a number"),
        (31, "Row 31 was left out: volume is -1, which no volume is"),
    ]
    assert len(fetched.bars) == frame.height - 3


@pytest.mark.parametrize(
    ("rows", "most"), [(5, 10), (1000, 10), (1001, 10), (5000, 50), (100_000, 1000), (10**7, 1000)]
)
def test_up_to_one_row_in_a_hundred_may_be_left_out(rows: int, most: int) -> None:
    assert most_left_out(rows) == most


def test_too_many_unreadable_rows_refuse_the_file(tmp_path: Path) -> None:
    rows = lines_of(100)
    ten = [*rows[:30], *["x,1,1,1,1,1"] * 10, *rows[40:]]
    eleven = [*rows[:30], *["x,1,1,1,1,1"] * 11, *rows[41:]]
    across = [*rows[:30], *["x,1"] * 5, *["2024-01-02 07:31:00,1,1,1,1,1"] * 6, *rows[41:]]

    assert len(fetch(written(tmp_path, HEADER, *ten)).bars) == 90
    for wrong in (eleven, across):
        with pytest.raises(DataError, match=r"Only 89 of 100 rows can be read .*first: Line 32"):
            fetch(written(tmp_path, HEADER, *wrong))


def test_a_file_in_which_nothing_can_be_read_says_so(tmp_path: Path) -> None:
    for count in (1, 8, 500):
        with pytest.raises(DataError, match=f"None of {count} rows can be read.*Line 2"):
            fetch(written(tmp_path, HEADER, *["x,1,1,1,1,1"] * count))
        with pytest.raises(DataError, match=f"None of {count} rows can be read.*2 fields"):
            fetch(written(tmp_path, HEADER, *["1,1"] * count))


def test_exact_copies_are_dropped_by_name(tmp_path: Path) -> None:
    rows = lines_of()

    fetched = fetch(written(tmp_path, HEADER, *rows[:10], rows[3], rows[9], *rows[10:]))

    assert len(fetched.bars) == 60
    assert [(note.line, note.sentence) for note in by_code(fetched, "copy")] == [
        (12, "Line 12 was left out: it is an exact copy of line 5"),
        (13, "Line 13 was left out: it is an exact copy of line 11"),
    ]
    assert len(by_code(fetched, "reordered")) == 1


def test_a_file_written_twice_counts_its_copies(tmp_path: Path) -> None:
    frame = as_opened(market_bars("BTCUSDT"))
    pl.concat([frame, frame]).write_csv(tmp_path / "bars.csv")

    fetched = fetch(tmp_path / "bars.csv")

    assert len(fetched.bars) == frame.height == 1441
    assert len(by_code(fetched, "copy")) == 1000
    assert by_code(fetched, "copies")[0].sentence == "And 441 more exact copies"


def test_rows_that_contradict_each_other_refuse_the_file(tmp_path: Path) -> None:
    rows = lines_of()
    other = rows[3].replace(",4", ",5")

    with pytest.raises(DataError, match=r"1 rows contradict .*lines 5 and 12 at 2024-01-01 04:00"):
        fetch(written(tmp_path, HEADER, *rows[:10], other, *rows[10:]))


def test_order_is_restored_and_said(tmp_path: Path) -> None:
    rows = lines_of()
    expected = fetch(written(tmp_path, HEADER, *rows)).bars.frame

    turned = fetch(written(tmp_path, HEADER, *reversed(rows)))
    moved = fetch(written(tmp_path, HEADER, *rows[1:30], rows[0], *rows[30:]))

    assert_frame_equal(turned.bars.frame, expected)
    assert "ran from the newest to the oldest" in by_code(turned, "reordered")[0].sentence
    assert_frame_equal(moved.bars.frame, expected)
    assert by_code(moved, "reordered")[0].line == 31


def test_rounding_noise_is_widened_and_more_than_noise_is_not(tmp_path: Path) -> None:
    rows = lines_of()
    rows[2] = "2024-01-01 02:00:00+00:00,100,101,99,101.00000001,5"
    rows[4] = "2024-01-01 04:00:00+00:00,100,101,99,101.000001,5"

    fetched = fetch(written(tmp_path, HEADER, *rows))

    assert fetched.bars.frame["high"][2] == 101.00000001
    assert by_code(fetched, "rounding_noise")[0].sentence.startswith("In 1 rows open or close")
    assert [note.line for note in by_code(fetched, "unreadable_row")] == [6]


def test_volume_may_be_absent_or_wholly_empty(tmp_path: Path) -> None:
    rows = [line.rpartition(",")[0] for line in lines_of()]

    absent = fetch(written(tmp_path, HEADER.removesuffix(",volume"), *rows))
    empty = fetch(written(tmp_path, HEADER, *[f"{row}," for row in rows]))

    for fetched in (absent, empty):
        assert fetched.bars.frame["volume"].sum() == 0
        assert len(by_code(fetched, "no_volume")) == 1


def test_columns_that_hold_no_numbers_or_times_are_named(tmp_path: Path) -> None:
    frame = as_opened(market_bars("BTCUSDT"))
    frame.with_columns(open=pl.lit(at("2024-01-01 00:00"))).write_parquet(tmp_path / "a.parquet")
    frame.with_columns(timestamp=pl.lit(value=True)).write_parquet(tmp_path / "b.parquet")
    frame.with_columns(timestamp=pl.lit(12)).write_parquet(tmp_path / "c.parquet")

    with pytest.raises(DataError, match="column 'open' holds Datetime"):
        fetch(tmp_path / "a.parquet")
    with pytest.raises(DataError, match="column 'timestamp' holds Boolean"):
        fetch(tmp_path / "b.parquet")
    with pytest.raises(DataError, match="'timestamp' are no seconds"):
        fetch(tmp_path / "c.parquet")


def spoil(content: bytes, chance: random.Random) -> bytes:
    """Return `content` with a few bytes cut, doubled, moved or changed."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(changed))
        match chance.randrange(5):
            case 0:
                changed[place] = chance.randrange(256)
            case 1:
                changed[place] = chance.choice(b'0123456789,.-\n\r";\tNaeinf ')
            case 2:
                del changed[place : place + chance.randint(1, 30)]
            case 3:
                changed[place:place] = changed[place : place + chance.randint(1, 60)]
            case 4:
                changed[place:place] = bytes(chance.randrange(32, 127) for _ in range(3))
        changed = changed or bytearray(b"x")
    return bytes(changed)


def answer(path: Path) -> tuple[Fetched | None, AssayError | None]:
    """Return what was fetched or the refusal; anything else that is raised is a bug."""
    try:
        return fetch(path), None
    except AssayError as error:
        return None, error


def accounted(fetched: Fetched, rows: int) -> bool:
    named = [n for n in fetched.notes if n.code in {"unreadable_row", "copy"}]
    return len(fetched.bars) + len(named) == rows and len({n.line for n in named}) == len(named)


@settings(max_examples=250, deadline=None)
@given(seed=st.integers(0, 2**32), kind=st.sampled_from(["csv", "gz", "parquet", "quoted"]))
def test_damage_is_answered_in_words_and_every_row_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, seed: int, kind: str
) -> None:
    chance = random.Random(seed)
    text = "\n".join([HEADER, *lines_of(40), ""])
    path = tmp_path_factory.mktemp("spoilt") / f"bars.{kind}"
    if kind == "parquet":
        as_opened(market_bars("BTCUSDT", end="2024-01-03 00:00")).write_parquet(path)
        content = path.read_bytes()
    else:
        text = text.replace("timestamp", '"timestamp"') if kind == "quoted" else text
        content = gzip.compress(text.encode()) if kind == "gz" else text.encode()
    path.write_bytes(spoil(content, chance))

    fetched, refused = answer(path)

    if fetched is None:
        assert isinstance(refused, UserError)
        assert "\n" not in str(refused)
        assert len(str(refused)) < 1000
        return
    if kind == "csv":
        lines = path.read_bytes().replace(b"\r", b"\n").split(b"\n")
        filled = [line for line in lines if line.strip()]
        if b'"' not in path.read_bytes():  # a quote may hold several lines in one row
            assert accounted(fetched, len(filled) - 1)
    for note in fetched.notes:
        assert "\n" not in note.sentence


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_good_rows_survive_whatever_stands_beside_them(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    good = lines_of(60)
    bad = data.draw(st.lists(st.sampled_from([line for line, _ in BAD]), max_size=10))
    places = data.draw(st.lists(st.integers(0, 60), min_size=len(bad), max_size=len(bad)))
    rows = list(good)
    for place, line in sorted(zip(places, bad, strict=True), reverse=True):
        rows.insert(place, line)
    folder = tmp_path_factory.mktemp("mixed")
    clean = fetch(written(folder, HEADER, *good, name="clean.csv"))

    fetched = fetch(written(folder, HEADER, *rows))

    assert_frame_equal(fetched.bars.frame, clean.bars.frame)
    assert accounted(fetched, len(rows))
    said = {note.line for note in fetched.notes if note.code == "unreadable_row"}
    assert said == {number + 2 for number, line in enumerate(rows) if line not in good}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_seven_hundred_thousand_rows_take_seconds_not_minutes(tmp_path: Path, kind: str) -> None:
    count = 700_000
    start = np.datetime64("2020-01-01T00:00:00", "us")
    price = 1.1 + np.round(np.sin(np.arange(count) / 1000) / 10, 5)
    times = pl.Series("timestamp", start + np.arange(count) * np.timedelta64(60, "s"))
    prices = {"open": price, "high": price + 1e-4, "low": price - 1e-4, "close": price}
    frame = pl.DataFrame({"timestamp": times.dt.replace_time_zone("UTC"), **prices})
    path = tmp_path / f"bars.{kind}"
    frame.write_csv(path) if kind == "csv" else frame.write_parquet(path)

    took = []
    for _ in range(2):
        begun = time.process_time()
        fetched = File(path).bars(BTCUSDT, Timeframe.M1)
        took.append(time.process_time() - begun)

    assert len(fetched.bars) == count
    assert min(took) < 4.0  # 1.1 s of CSV and 0.3 s of Parquet on an idle core


def test_the_wrong_market_s_hours_are_doubted(tmp_path: Path) -> None:
    as_opened(market_bars("BTCUSDT")).write_csv(tmp_path / "bars.csv")

    fetched = File(tmp_path / "bars.csv").bars(EURUSD, Timeframe.H1)

    assert "lie in hours in which FX is closed" in by_code(fetched, "outside_hours")[0].sentence
