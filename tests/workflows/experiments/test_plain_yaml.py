"""YAML means one thing here, and what could mean two, grow or hide is refused with its line."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # PyYAML ships no types
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import SettingsError
from assay.workflows.experiments.plain_yaml import (
    MOST_BYTES,
    MOST_DEPTH,
    MOST_NODES,
    read_bytes,
    read_file,
    read_yaml,
)

SECONDS = 4.0
"""Far above what the worst file takes (a quarter of a second), for machines under load."""
# what a file may show: no control characters, surrogates or hidden line breaks
SHOWN = st.characters(
    exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufeff\ufffe\uffff"
)
TEXTS = st.text(SHOWN, max_size=12)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(TEXTS, VALUES, min_size=1, max_size=5)


class Quoting(yaml.SafeDumper):  # type: ignore[misc] # PyYAML ships no types
    """Writes every text in quotes: PyYAML writes 1e5 without, being of YAML 1.1."""

    def ignore_aliases(self, data: object) -> bool:
        return True


Quoting.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
)


def exactly(value: Any) -> Any:
    """Return a value in which 1, 1.0 and true differ."""
    if isinstance(value, dict):
        return {key: exactly(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [exactly(inner) for inner in value]
    return type(value), value


def refusal(text: str) -> str:
    with pytest.raises(SettingsError) as refused:
        read_yaml(text, "run.yaml")
    return str(refused.value)


@given(DOCUMENTS, st.booleans())
def test_what_pyyaml_writes_reads_back_the_same(value: dict[str, Any], flow: bool) -> None:
    text = yaml.dump(value, Dumper=Quoting, default_flow_style=flow, width=1000)

    assert exactly(read_yaml(text, "run.yaml").value) == exactly(value)


@given(DOCUMENTS)
def test_json_is_read_as_json_reads_it(value: dict[str, Any]) -> None:
    text = json.dumps(value, ensure_ascii=False)

    assert exactly(read_yaml(text, "run.yaml").value) == exactly(json.loads(text))


@given(st.lists(st.integers(0, 3), min_size=1, max_size=20))
def test_every_key_has_the_line_it_stands_on(gaps: list[int]) -> None:
    rows = [
        row for number, gap in enumerate(gaps) for row in ["# a note"] * gap + [f"k{number}: 1"]
    ]

    document = read_yaml("\n".join(rows), "run.yaml")

    assert [rows[document.line((f"k{n}",)) - 1] for n in range(len(gaps))] == [
        f"k{n}: 1" for n in range(len(gaps))
    ]


def answered(raw: bytes) -> bool:
    """Say whether bytes were read as a group of keys, or refused in one line with a place."""
    try:
        return isinstance(read_bytes(raw, "run.yaml").value, dict)
    except SettingsError as refused:
        return str(refused).startswith("run.yaml:") and "\n" not in str(refused)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_in_one_line(raw: bytes) -> None:
    assert answered(raw)


@given(st.text("ab:-[]{}\"'|>&*!#?,%@` \t\n0.", max_size=60))
def test_any_punctuation_is_read_or_refused_in_one_line(text: str) -> None:
    assert answered(text.encode())


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        # the examples of YAML 1.2.2, section 10.3.2, in decimal and finite
        ("null", None), ("~", None), ("", None), ("Null", None), ("NULL", None),
        ("true", True), ("True", True), ("TRUE", True), ("false", False),
        ("0", 0), ("-19", -19), ("+12", 12), ("0.", 0.0), ("-0.0", -0.0), (".5", 0.5),
        ("+12e03", 12000.0), ("-2E+05", -200000.0), ("1e-3", 0.001), ("1e5", 100000.0),
        ("9223372036854775807", 2**63 - 1), ("-9223372036854775808", -(2**63)),
        # booleans, sexagesimals, dates and grouped digits of YAML 1.1 are text
        ("NO", "NO"), ("no", "no"), ("yes", "yes"), ("on", "on"), ("Off", "Off"), ("y", "y"),
        ("12:30", "12:30"), ("1:20:30", "1:20:30"), ("2024-01-31", "2024-01-31"),
        ("2024-01-31T14:00:00Z", "2024-01-31T14:00:00Z"), ("1_000", "1_000"), ("=", "="),
        ("nULL", "nULL"), ("tRue", "tRue"), ("1e", "1e"), ("e5", "e5"), (".", "."), ("-", [None]),
        ("'5'", "5"), ('"true"', "true"), ("'010'", "010"), ('""', ""), ("4 bars", "4 bars"),
        ("٣", "٣"),
    ],
)  # fmt: skip
def test_a_scalar_means_what_the_core_schema_says(written: str, meant: object) -> None:
    value = read_yaml(f"key: {written}" if written != "-" else "key:\n-", "run.yaml").value

    assert exactly(value) == exactly({"key": meant})


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a:\n\tb: 1", 2, "a tab stands in the indentation; use spaces"),
        ("a: [\n\t1]", 2, "a tab stands in the indentation"),
        ("a: |\n\ttext", 2, "a tab stands in the indentation"),
        ("a: 1\nb:\n  c: 1\n  c: 2", 4, "'c' was given on line 3 already; keep one"),
        ("a: &x [1]\nb: *x", 1, "the anchor &x is not read; repeat the values or use for_each"),
        ("a: 1\nb: *x", 2, "the alias *x is not read; repeat the values or use for_each"),
        ("a:\n  <<: {b: 1}", 2, "the merge key << is not read; repeat"),
        ("a: !!python/object:os.system {}", 1, "the tag !!python/object:os.system is not read"),
        ("a: !!set {b}", 1, "the tag !!set is not read; write a plain value"),
        ("a: !mine 1", 1, "the tag !mine is not read"),
        ("a: 1\n---\nb: 2", 2, "a second document begins here; keep one"),
        ("a: 1\n...\nb: 2", 3, "keep one document in a file"),
        ("%YAML 1.1\n---\na: 1", 1, "a directive (a line that begins with %) is not read"),
        ("", 1, "the file is empty; write keys into it"),
        ("# only a note\n", 1, "the file is empty"),
        ("- a\n- b", 1, "the file is a list; begin with keys"),
        ("EURUSD", 1, "the file is one value, 'EURUSD'; write it as `key: value`"),
        ("a: 1\n1: b", 2, 'the key 1 is no text; put it in quotes: "1"'),
        ("true: b", 1, "the key true is no text"),
        ("? [a]\n: b", 1, "a list or a group of keys is used as a key"),
        ("a: 1\nb: x\x00y", 2, "the character U+0000 cannot stand in the file; delete it"),
        ("a: 1\nb: x\u2028y", 2, "the character U+2028 cannot stand in the file"),
        ('a: 1\nb: "x\\0y"', 2, "a text holds the character U+0000"),
        ("a: .inf", 1, ".inf is no number to compute with"),
        ("a: -.INF", 1, "-.INF is no number to compute with"),
        ("a: .nan", 1, ".nan is no number to compute with"),
        ("a: 1e999", 1, "1e999 is too large for a number"),
        ("a: 9223372036854775808", 1, "does not fit into 64 bits"),
        ("a: -9223372036854775809", 1, "does not fit into 64 bits"),
        ("a: 010", 1, "010 is an octal number to some readers; write it as a decimal number"),
        ("a: 0o17", 1, "0o17 is an octal number"),
        ("a: 0x1F", 1, "0x1F is a hexadecimal number"),
        ("a: b: c", 1, "a ':' stands where none can; put the text in quotes"),
        ('a: 1\nb: "text\nc: 1', 2, "a quotation mark is never closed; close it"),
        ("a: 1\nb: [1, 2\nc: 3", 2, "a list is not closed"),
        ("a: {b: 1\nc: 3", 1, "a group of keys is not closed"),
        ("a:\n    b: 1\n  c: 2", 3, "indent keys of one group alike"),
        ("a: 1\nbc\nd: 1", 2, "there is a key without ':'; write `key: value`"),
        ("a: @b", 1, "begins with a character YAML keeps for itself; put the text in quotes"),
        ('a: "C:\\data"', 1, "a backslash in double quotes begins an escape; use single quotes"),
        ("a: " + "[" * (MOST_DEPTH + 1), 1, f"nested more than {MOST_DEPTH} deep"),
    ],
)  # fmt: skip
def test_what_could_mislead_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    told = refusal(text)

    assert told.startswith(f"run.yaml:{line}: ")
    assert words in told


def test_tabs_inside_texts_and_before_comments_at_the_end_of_a_line_are_fine() -> None:
    document = read_yaml('a: |\n  one\n  \ttwo\nb: "x\n\ty"\t# note\nc: 1', "run.yaml")

    assert document.value == {"a": "one\n\ttwo\n", "b": "x y", "c": 1}


def test_depth_and_number_of_values_are_allowed_up_to_their_limits() -> None:
    deep = "a: " + "[" * (MOST_DEPTH - 1) + "]" * (MOST_DEPTH - 1)
    many = "a: [" + "1," * (MOST_NODES - 3) + "]"

    assert read_yaml(deep, "run.yaml").value["a"]
    assert len(read_yaml(many, "run.yaml").value["a"]) == MOST_NODES - 3
    assert f"more than {MOST_NODES:,} keys and values" in refusal(many.replace("[", "[1,"))


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    document = read_bytes(b"\xef\xbb\xbfa: 1\r\nb:\r\n  c: 2\r\n", "run.yaml")

    assert document.value == {"a": 1, "b": {"c": 2}}
    assert document.line(("b", "c")) == 3


def test_items_have_lines_and_what_is_absent_has_its_parents() -> None:
    document = read_yaml("a: 1\nb:\n  - x\n  - k: 1\n    l: 2\n", "run.yaml")

    assert document.line(("b", 1, "l")) == 5
    assert document.line(("b", 0)) == 3
    assert document.line(("b", 1, "missing", "deeper")) == 4
    assert document.line(("nothing",)) == 1
    assert document.at(("b", 1, "l")) == "run.yaml:5"


def test_a_key_set_from_elsewhere_has_the_line_it_came_from() -> None:
    document = read_yaml("a: [1,\n  2]\nfor_each:\n  a:\n    - [5,\n       6]\n", "run.yaml")

    moved = document.with_value({"a": [5, 6]}, {("a",): ("for_each", "a", 0)})

    assert moved.line(("a", 1)) == 6
    assert document.line(("a", 1)) == 2


ADVERSARIES = {
    "billion laughs": "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}, *{a}, *{a}]\n"
        for a, b in zip("abcdefghijkl", "bcdefghijklm", strict=True)
    ),
    "deep lists": "a: " + "[" * 990_000,
    "deep groups": "{a: " * 240_000,
    "deep items": "a:\n" + "- " * 490_000,
    "deep keys": "? " * 490_000,
    "one long text": "a: " + "x" * 990_000,
    "an open quote": 'a: "' + "x" * 990_000,
    "many escapes": 'a: "' + "\\x41" * 240_000 + '"',
    "many keys": "\n".join(f"k{i}: 1" for i in range(90_000)),
    "many items": "a: [" + "1," * 490_000 + "]",
    "many comments": "#\n" * 490_000,
    "many empty lines": "a: 1" + "\n" * 990_000,
    "many lines of text": "a: |\n" + " x\n" * 330_000,
    "a long number": "a: " + "9" * 990_000,
    "a long fraction": "a: 0." + "9" * 990_000,
    "a long almost number": "a: " + "1" * 990_000 + "x",
    "a long anchor": "a: &" + "x" * 990_000 + " 1",
    "a long tag": "a: !" + "x" * 990_000 + " 1",
    "a long key": "? " + "x" * 990_000 + "\n: 1",
    "growing indentation": "\n".join(" " * i + "a:" for i in range(1_400)),
    "many directives": "%A\n" * 330_000,
    "tabs": "a:\n" + "\t" * 990_000,
}  # fmt: skip


@pytest.mark.parametrize("text", ADVERSARIES.values(), ids=ADVERSARIES.keys())
def test_a_hostile_megabyte_is_answered_at_once(text: str) -> None:
    assert len(text) <= MOST_BYTES
    began = time.perf_counter()

    try:
        read_yaml(text, "run.yaml")
    except SettingsError as refused:
        assert len(str(refused)) < 300  # noqa: PT017 - some of these may be read

    assert time.perf_counter() - began < SECONDS


def test_a_bomb_is_refused_before_it_unfolds() -> None:
    assert "the anchor &a is not read" in refusal(ADVERSARIES["billion laughs"])
    assert f"nested more than {MOST_DEPTH} deep" in refusal(ADVERSARIES["deep lists"])


def test_a_file_is_read_under_its_own_name(tmp_path: Path) -> None:
    file = tmp_path / "run.yaml"
    file.write_text("pair: Ω\n", encoding="utf-8")

    document = read_file(file)

    assert document.value == {"pair": "Ω"}
    assert document.at(("pair",)) == f"{file}:1"


def test_a_path_that_is_no_readable_file_says_why(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("a: 1\nb: é\n".encode("latin-1"))
    large = tmp_path / "large.yaml"
    with large.open("wb") as file:
        file.truncate(50 * 2**30)  # a hole: nothing could read so much
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    expected = {
        tmp_path: "is a folder; name a YAML file in it",
        tmp_path / "none.yaml": "does not exist; check the name and the folder",
        latin: f"{latin}:2: not UTF-8, the byte 0xe9 was found; save the file as UTF-8",
        large: "holds 53,687,091,200 bytes, an experiment at most 1,000,000",
        pipe: "is no regular file",
        Path("a\x00b"): "'a\\x00b' does not exist",
        Path("x" * 5_000): "cannot be read: File name too long",
    }

    for path, words in expected.items():
        with pytest.raises(SettingsError) as refused:
            read_file(path)
        assert words in str(refused.value)


def test_too_much_text_is_refused_by_its_bytes() -> None:
    assert "holds 1,000,005 bytes" in refusal("a: " + "é" * 500_001)
