"""Numbers with commas are read where the file shows what they mean, and refused where not."""

from pathlib import Path

import pytest

from assay.core.errors import DataError
from assay.sources.reading.raw import Raw, read_raw


def read(folder: Path, content: str) -> Raw:
    path = folder / "bars.csv"
    path.write_text(content)
    return read_raw(path)


POINTS = [
    (["1,2345", "0,5", "12"], ["1.2345", "0.5", "12"], ["decimal_comma"]),
    (["1.234,56", "1,5", "999,25"], ["1234.56", "1.5", "999.25"], ["decimal_comma", "thousands"]),
    (["1 234,56", "1\u00a0234,5", "2"], ["1234.56", "1234.5", "2"], ["decimal_comma", "thousands"]),
    (["1,234.56", "12,345", "7"], ["1234.56", "12345", "7"], ["thousands"]),
    (["1,234,567", "1,234", "7"], ["1234567", "1234", "7"], ["thousands"]),
    (["0,123", "-0,456", "1,234"], ["0.123", "-0.456", "1.234"], ["decimal_comma"]),
    (["1,5", "x,5", "2,5"], ["1.5", "x,5", "2.5"], ["decimal_comma"]),
    (["1,5e-3", "", "2,5"], ["1.5e-3", None, "2.5"], ["decimal_comma"]),
    (["a,b", "c,d", "1,5"], ["a,b", "c,d", "1,5"], []),
    (["2024-01-02 00:00:00,5"] * 3, ["2024-01-02 00:00:00,5"] * 3, []),
    (["1.5", "2.25", "3"], ["1.5", "2.25", "3"], []),
]


@pytest.mark.parametrize(("written", "expected", "noted"), POINTS)
@pytest.mark.parametrize("quoted", [False, True])
def test_commas_in_numbers_become_points_where_the_column_is_clear(
    tmp_path: Path, written: list[str], expected: list[str], noted: list[str], quoted: bool
) -> None:
    line = 'x,"{}"' if quoted else "x;{}"
    header = line.format("price").replace("x", "name")

    raw = read(tmp_path, "\n".join([header, *(line.format(text) for text in written), ""]))

    assert raw.frame["price"].to_list() == expected
    assert [note.code for note in raw.notes] == noted


def test_one_clear_column_explains_the_others(tmp_path: Path) -> None:
    comma = read(tmp_path, "a;b;c\n1,5;1,234;1.000\n2,5;1,235;2.000\n")
    point = read(tmp_path, "a;b;c\n1.5;1,234;1.0005\n2.5;1,235;2.0005\n")

    assert comma.frame.rows() == [("1.5", "1.234", "1000"), ("2.5", "1.235", "2000")]
    assert point.frame.rows() == [("1.5", "1234", "1.0005"), ("2.5", "1235", "2.0005")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "day;price\n1;1,234\n2;1,235\n",
            r"line 2, column 'price': '1,234' may mean 1234 or 1\.234, .*save the numbers with po",
        ),
        ('day,price\n1,"1,234"\n', "may mean 1234 or 1.234"),
        (
            "a;b\n1,5;1\n2.5;1\n",
            r"with a comma \(line 2, column 'a': '1,5'\) and with a point \(line 3, column 'a'",
        ),
        ("a;b\n1,5;1.5\n", r"comma \(line 2, column 'a': '1,5'\) and .*column 'b': '1\.5'"),
    ],
)
def test_commas_nobody_can_explain_are_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        read(tmp_path, text)
