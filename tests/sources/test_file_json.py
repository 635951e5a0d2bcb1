"""JSON in the shapes that exchanges, brokers and libraries write, as the table that is in it."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assay.core.errors import DataError
from assay.sources.reading.raw import Raw, read_raw

BAR = {"t": 1, "o": 1.5, "v": 10}
NEXT = {"t": 2, "o": 2.0, "v": 20}
TABLE = pl.DataFrame({"t": [1, 2], "o": [1.5, 2.0], "v": [10, 20]})


def read(folder: Path, document: Any) -> Raw:
    path = folder / "bars.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return read_raw(path)


def chart(symbol: str, *times: int) -> dict[str, Any]:
    quote = {"open": [1.5] * len(times), "close": [2] * len(times)}
    meta = {"symbol": symbol, "dataGranularity": "1d", "validRanges": ["1d"]}
    indicators = {"quote": [quote], "adjclose": [{"adjclose": [1.9] * len(times)}]}
    return {"meta": meta, "timestamp": list(times), "indicators": indicators}


NAMED = [
    ([BAR, NEXT], {}),
    (json.dumps(BAR) + "\n" + json.dumps(NEXT) + "\n", {}),
    ([["t", "o", "v"], [1, 1.5, 10], [2, 2.0, 20]], {}),
    ({"bars": [BAR, NEXT], "symbol": "AAPL"}, {"symbol": "AAPL", "ticker": "AAPL"}),
    (
        {"ticker": "AAPL", "adjusted": True, "results": [BAR, NEXT], "count": 2},
        {"ticker": "AAPL", "adjusted": "true", "count": "2"},
    ),
    (
        {"meta": {"symbol": "AAPL", "interval": "1h"}, "values": [BAR, NEXT], "status": "ok"},
        {"symbol": "AAPL", "interval": "1h", "status": "ok", "ticker": "AAPL"},
    ),
    ({"s": "ok", "t": [1, 2], "o": [1.5, 2.0], "v": [10, 20]}, {"s": "ok"}),
    ({"t": {"0": 1, "1": 2}, "o": {"0": 1.5, "1": 2.0}, "v": {"0": 10, "1": 20}}, {}),
    ({"0": BAR, "1": NEXT}, {}),
    ({"columns": ["t", "o", "v"], "index": [0, 1], "data": [[1, 1.5, 10], [2, 2.0, 20]]}, {}),
]


@pytest.mark.parametrize(("document", "metadata"), NAMED)
def test_the_table_is_found_wherever_it_stands(
    tmp_path: Path, document: Any, metadata: dict[str, str]
) -> None:
    raw = read(tmp_path, document)

    assert_frame_equal(raw.frame, TABLE)
    assert raw.metadata == metadata
    assert (raw.unit, raw.named, raw.rows, raw.ragged) == ("row", True, 2, ())
    assert raw.numbers.to_list() == [1, 2]
    assert raw.name == str(tmp_path / "bars.json")


@pytest.mark.parametrize("around", [None, "data", "result.list"])
def test_rows_without_names_have_no_header(tmp_path: Path, around: str | None) -> None:
    document: Any = [[1661990400000, 20048.44, "7.5"], [1661994000000, 20064.0, "8"]]
    for key in reversed(around.split(".") if around else []):
        document = {key: document, "code": "0"}

    raw = read(tmp_path, document)

    assert not raw.named
    assert raw.frame.schema == {
        "column_1": pl.Int64,
        "column_2": pl.Float64,
        "column_3": pl.String,
    }
    assert raw.frame.row(1) == (1661994000000, 20064.0, "8")


def test_tables_under_the_names_of_instruments_are_one_with_a_symbol(tmp_path: Path) -> None:
    both = read(tmp_path, {"bars": {"AAPL": [BAR, NEXT], "MSFT": [BAR]}, "next_page_token": None})
    one = read(tmp_path, {"bars": {"AAPL": [BAR]}})
    bare = read(tmp_path, {"bars": {"AAPL": [[1, 1.5]]}})
    single = read(tmp_path, {"error": [], "result": {"XXBTZUSD": [[1, 1.5]], "last": 7}})

    assert both.frame["symbol"].to_list() == ["AAPL", "AAPL", "MSFT"]
    assert both.numbers.to_list() == [1, 2, 3]
    assert one.frame.row(0, named=True) == {**BAR, "symbol": "AAPL"}
    assert (bare.named, bare.frame.row(0)) == (False, (1, 1.5, "AAPL"))
    assert single.frame.row(0) == (1, 1.5)


def test_answers_of_yahoo_are_read(tmp_path: Path) -> None:
    one = read(tmp_path, {"chart": {"result": [chart("AAPL", 10, 20)], "error": None}})
    two = read(tmp_path, {"chart": {"result": [chart("AAPL", 10), chart("MSFT", 20)]}})

    assert one.frame.to_dict(as_series=False) == {
        "timestamp": [10, 20],
        "open": [1.5, 1.5],
        "close": [2, 2],
        "adjclose": [1.9, 1.9],
    }
    assert one.metadata == {"symbol": "AAPL", "dataGranularity": "1d", "ticker": "AAPL"}
    assert two.frame["symbol"].to_list() == ["AAPL", "MSFT"]


def test_rows_under_their_times_keep_them_as_an_index(tmp_path: Path) -> None:
    named = read(
        tmp_path,
        {
            "Meta Data": {"2. Symbol": "IBM"},
            "Time Series (Daily)": {
                "2024-01-03": {"1. open": "1.5", "4. close": "2"},
                "2024-01-02": {"1. open": "1.4", "4. close": "1"},
            },
        },
    )
    keyed = read(tmp_path, {key: {"1704067200000": 1.5} for key in ("open", "high", "low")})

    assert named.frame.row(0) == ("2024-01-03", "1.5", "2")
    assert named.frame.columns == ["index", "1. open", "4. close"]
    assert named.metadata["ticker"] == "IBM"
    assert keyed.frame.row(0) == (1704067200000, 1.5, 1.5, 1.5)


def test_whole_numbers_stay_whole_and_the_rest_stays_as_it_is(tmp_path: Path) -> None:
    first = {"a": 2**62 + 1, "b": 1, "c": True, "d": None, "e": {"x": 1}, "f": 2**70, "": 1}
    other = {"a": None, "b": 1.5, "c": None, "d": None, "e": "text", "f": 1, "g": "1,5"}

    raw = read(tmp_path, [first, other])

    assert raw.frame.to_dict(as_series=False) == {
        "a": [2**62 + 1, None],
        "b": [1.0, 1.5],
        "c": [True, None],
        "d": [None, None],
        "e": ['{"x": 1}', "text"],
        "f": [str(2**70), "1"],
        "": [1, None],
        "g": [None, "1,5"],
    }


def test_rows_of_another_kind_are_named(tmp_path: Path) -> None:
    lists = read(tmp_path, [[1, 2], [1, 2, 3], [4, 5], 7])
    objects = read(tmp_path, [BAR, 3, NEXT])

    assert lists.frame.rows() == [(1, 2), (4, 5)]
    assert lists.numbers.to_list() == [1, 3]
    assert [note.line for note in lists.ragged] == [2, 4]
    assert lists.rows == 4
    assert objects.ragged[0].sentence == "Row 2 was left out: it is no object as the others are"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("[1, 2, 3]", "it holds a list of 3 plain values"),
        ("[]", "it holds an empty list"),
        ("{}", "it holds an empty object"),
        ('{"a": 1, "b": "x"}', "it holds an object with the keys 'a', 'b'"),
        ('{"error": {"message": "Invalid API key"}}', "an object that says 'Invalid API key'"),
        ('{"s": "no_data", "nextTime": 1}', "an object that says 'no_data'"),
        (
            '{"chart": {"result": null, "error": {"description": "No data, delisted"}}}',
            "an object that says 'No data, delisted'",
        ),
        ('{"chart": {"result": [{"timestamp": [1]}]}}', "answer of Yahoo without prices"),
        ('{"t": [1, 2], "o": [1], "c": [1, 2]}', "different lengths: t 2, o 1, c 2"),
        ('{"t": {"0": 1}, "o": {"1": 1}, "c": {"0": 1}}', "columns of different rows"),
        ('[{"a": 1, "a": 2}]', "an object that has the key 'a' twice"),
        ('[{"a": NaN}]', "holds NaN, which is no number in JSON"),
        ("[[1, -Infinity]]", "holds -Infinity, which is no number in JSON"),
        ('[{"a": 1}, {"a"', "is JSON that is cut off"),
        ('[{"a": "x', "is JSON that is cut off"),
        ('[{"a": 1}\n {"a": 2}]', r"damaged JSON: line 2, character 2: Expecting ',' delimiter"),
        ('{"a": 1}\n{"a": }\n', "damaged JSON: line 2: Expecting value"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        ('{"a":' * 9 + "[[1, 2]]" + "}" * 9, "without a table"),
        ('[{"a": "\\ud800"}]', "half a character"),
        (f"[[{'9' * 5000}, 1]]", "JSON that cannot be read: Exceeds the limit"),
        ('{"a": [[1, 2]], "b": {"c": [[1, 2]]}}', r"with 2 tables \(a, b\.c\); keep one"),
        ('{"x": {"a": [[1, 2]], "b": [{"c": 1}]}}', "2 tables that are not alike"),
        ('{"s": "ok", "t": [], "o": [], "c": []}', "without a table"),
        ('{"columns": ["a", "b"], "data": []}', "a table that has no rows"),
        (json.dumps([{str(n): 1} for n in range(1500)]), "with more than 1,000 columns"),
        ('{"name": "caf\udce9", "bars": [[1, 2]]}', "JSON that is not UTF-8: 1 bytes"),
    ],
)
def test_what_is_no_table_is_said_in_a_sentence(tmp_path: Path, document: str, said: str) -> None:
    path = tmp_path / "bars.json"
    path.write_bytes(document.encode("utf-8", "surrogateescape"))

    with pytest.raises(DataError, match=said) as caught:
        read_raw(path)

    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400
