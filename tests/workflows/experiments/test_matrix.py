"""One file, many runs: every combination once, each its own, and told apart."""

import copy
import json
import math
import time
from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.core.errors import SettingsError
from assay.workflows.experiments.matrix import MOST_RUNS, expand
from assay.workflows.experiments.plain_yaml import read_yaml

FILE = """\
name: momentum
data:
  instruments: [EURUSD]
  timeframe: 1h
label: {kind: direction, horizon: 4 bars}
seeds: [1, 2]
"""
PARTS = st.sampled_from(["data", "label", "trade"])
VALUES = st.lists(
    st.integers(0, 99) | st.text("abc", max_size=3), min_size=1, max_size=4, unique=True
)
AXES = st.dictionaries(
    st.tuples(PARTS, st.sampled_from("uvw")).map(".".join), VALUES, min_size=1, max_size=3
)


def runs_of(text: str) -> list[tuple[str, dict[str, Any]]]:
    return [(run.tag, run.value) for run in expand(read_yaml(FILE + text, "run.yaml").value)]


def tags_of(text: str) -> list[str]:
    return [tag for tag, _ in runs_of(text)]


def refusal(text: str, file: str = FILE) -> str:
    document = read_yaml(file + text, "run.yaml")
    with pytest.raises(SettingsError) as refused:
        expand(document.value, document)
    return str(refused.value)


def at(value: Mapping[str, Any], key: str) -> object:
    found: Any = value
    for part in key.split("."):
        found = found[part]
    return found


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # a busy machine
@given(AXES)
def test_every_combination_is_made_once_in_written_order(axes: dict[str, list[Any]]) -> None:
    value = {"data": {"kept": 1}, "for_each": axes}

    runs = expand(value)

    asked = list(product(*axes.values()))
    assert [tuple(at(run.value, key) for key in axes) for run in runs] == asked
    assert len(runs) == math.prod(map(len, axes.values()))
    assert len({run.tag for run in runs}) == len(runs)


@given(AXES)
def test_the_file_is_left_as_it_is_and_no_run_shares_with_another(
    axes: dict[str, list[Any]],
) -> None:
    value = {"data": {"kept": [1]}, "for_each": axes}
    before = copy.deepcopy(value)

    first, *others = expand(value)
    told = [json.dumps(run.value) for run in others]
    first.value["data"]["kept"].append(2)
    first.value["data"]["new"] = True

    assert value == before
    assert [json.dumps(run.value) for run in others] == told
    assert all("for_each" not in run.value and run.value["data"]["kept"] == [1] for run in others)


def test_without_for_each_there_is_one_run() -> None:
    assert runs_of("") == [("", read_yaml(FILE, "run.yaml").value)]


def test_dotted_keys_are_set_and_said_in_the_tag() -> None:
    runs = runs_of(
        "for_each:\n"
        "  data.instruments: [[EURUSD], [XAUUSD, XAGUSD]]\n"
        "  label.horizon: [4 bars, 12 bars]\n"
    )

    assert [tag for tag, _ in runs] == [
        "EURUSD, 4 bars",
        "EURUSD, 12 bars",
        "XAUUSD+XAGUSD, 4 bars",
        "XAUUSD+XAGUSD, 12 bars",
    ]
    assert runs[3][1] == {
        "name": "momentum",
        "data": {"instruments": ["XAUUSD", "XAGUSD"], "timeframe": "1h"},
        "label": {"kind": "direction", "horizon": "12 bars"},
        "seeds": [1, 2],
    }


def test_a_name_that_is_no_key_lists_groups_of_keys_set_together() -> None:
    runs = runs_of(
        "for_each:\n"
        "  case:\n"
        "    - {data.instruments: [EURUSD], label.horizon: 4 bars, trade.sides: long}\n"
        "    - {data.instruments: [XAUUSD], label.horizon: 12 bars, trade.sides: long}\n"
    )

    assert [tag for tag, _ in runs] == ["EURUSD, 4 bars", "XAUUSD, 12 bars"]
    assert runs[1][1]["data"]["instruments"] == ["XAUUSD"]
    assert runs[1][1]["trade"] == {"sides": "long"}
    assert all("case" not in value for _, value in runs)


def test_a_key_of_the_file_or_a_known_one_is_set_whole() -> None:
    groups = "for_each: {%s: [{kind: direction}, {kind: quantiles}]}"

    of_file = expand(read_yaml(FILE + groups % "label", "run.yaml").value)
    of_model = expand(read_yaml(FILE + groups % "trade", "run.yaml").value, known=["trade"])

    assert [run.value["label"] for run in of_file] == [{"kind": "direction"}, {"kind": "quantiles"}]
    assert [run.value["trade"] for run in of_model] == [
        {"kind": "direction"},
        {"kind": "quantiles"},
    ]
    assert [run.tag for run in of_file] == ["label kind direction", "label kind quantiles"]


@pytest.mark.parametrize(
    ("asked", "tags"),
    [
        ("trade.fee: [0.5, 2]", ["fee 0.5", "fee 2"]),
        ("search.pruned: [true, false]", ["pruned true", "pruned false"]),
        ("gate: [strict, null]", ["strict", "gate empty"]),
        ("label.horizon: [4 bars], gate: [a, b]", ["a", "b"]),
        ("label.horizon: [6 bars]", ["6 bars"]),
        ("a.x: [u, v], b.x: [u, v]", ["u, u", "u, v", "v, u", "v, v"]),
        ("gate: ['1+2', ['1', '2']]", ["gate 1+2 (run 1)", "gate 1+2 (run 2)"]),
        (
            "gate: ['fee 1', 'x'], a.fee: [1, 2]",
            ["fee 1, fee 1", "fee 1, fee 2", "x, fee 1", "x, fee 2"],
        ),
    ],
)
def test_a_tag_says_what_differs(asked: str, tags: list[str]) -> None:
    assert tags_of(f"for_each: {{{asked}}}") == tags


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("for_each:", 7, "for_each holds no keys; write `key: [first, second]` under it"),
        ("for_each: [a]", 7, "for_each holds no keys"),
        ("for_each:\n  seeds: 5", 8, "for_each.seeds is no list; write seeds: [first, second]"),
        ("for_each:\n  a: [1]\n  gate: []", 9, "for_each.gate is an empty list; list values or"),
        ("for_each:\n  gate: [a, b, a]", 7, "makes runs 1 and 3 of 3 equal; delete the value"),
        ("for_each:\n  t.fee: [2, 2.0]", 7, "makes runs 1 and 2 of 2 equal"),
        ("for_each:\n  case: [{gate: a}, {gate: a, name: momentum}]", 7, "runs 1 and 2 of 2 equal"),
        ("for_each:\n  for_each: [1]", 8, "for_each stands within for_each; list all keys in one"),
        ("for_each:\n  case:\n    - {for_each.a: [1]}", 9, "for_each stands within for_each"),
        ("for_each:\n  a.b: [{for_each: {c: [1]}}]", 8, "for_each stands within for_each"),
        (
            "for_each:\n  seeds.0: [1]",
            8,
            "seeds.0 cannot be set, because seeds is a list in the file",
        ),
        (
            "for_each:\n  name.x: [1]",
            8,
            "name.x cannot be set, because name is a value in the file",
        ),
        (
            "gate:\nfor_each:\n  gate.x: [1]",
            9,
            "because gate is empty in the file; write keys under",
        ),
        ("for_each:\n  a..b: [1]", 8, "'a..b' is no dotted key; write it as label.horizon"),
        ("for_each:\n  .a: [1]", 8, "'.a' is no dotted key"),
        ("for_each:\n  case: [{a.: 1}]", 8, "'a.' is no dotted key"),
        (
            "for_each:\n  case:\n    - {a: 1}\n    - b",
            10,
            "for_each.case[1] sets no keys, but others",
        ),
        ("for_each:\n  case:\n    - {a: 1}\n    - {}", 10, "for_each.case[1] sets no keys; write"),
        (
            "for_each:\n  label: [{}]\n  label.kind: [a]",
            9,
            "label.kind is set beside label for the same run; keep",
        ),
        (
            "for_each:\n  label.kind: [a]\n  label: [{}]",
            9,
            "label is set beside label.kind for the same run",
        ),
        (
            "for_each:\n  gate: [a]\n  case: [{x: 1}, {gate: b}]",
            9,
            "gate is set twice for the same run; keep one of",
        ),
        ("for_each:\n  case: [{a.b.c: 1, a.b: 2}]", 8, "a.b.c is set beside a.b for the same run"),
    ],
)
def test_what_cannot_be_expanded_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    told = refusal(text)

    assert told.startswith(f"run.yaml:{line}: ")
    assert words in told


def test_one_and_true_and_the_text_1_are_three_runs() -> None:
    assert len(runs_of("for_each: {a.b: [1, true, '1']}")) == 3


def test_different_groups_of_one_list_may_set_a_key_and_what_lies_in_it() -> None:
    runs = runs_of("for_each: {case: [{trade: {fee: 1}}, {trade.fee: 2}]}")

    assert [value["trade"] for _, value in runs] == [{"fee": 1}, {"fee": 2}]


def test_too_many_runs_are_refused_with_their_number() -> None:
    numbers = ", ".join(map(str, range(101)))

    told = refusal(f"for_each: {{a.x: [{numbers}], a.y: [{numbers}]}}")

    assert f"for_each asks for 101 x 101 = 10,201 runs; at most {MOST_RUNS:,} are made" in told


def test_a_thousand_runs_are_made_and_a_large_file_a_thousand_times_is_refused() -> None:
    numbers = ", ".join(map(str, range(MOST_RUNS)))
    many = f"for_each: {{a.x: [{numbers}]}}"
    large = "notes: [" + "1, " * 5_000 + "]\n"

    assert len(runs_of(many)) == MOST_RUNS
    assert "1,000 runs of 5,0" in refusal(many, FILE + large)


def test_the_largest_matrix_that_a_file_can_hold_is_answered_at_once() -> None:
    wide = ", ".join(f"k{n}.x.y.z: {n}" for n in range(9_000))
    value = read_yaml(f"for_each: {{case: [{{{wide}}}]}}", "run.yaml").value
    began = time.perf_counter()

    runs = expand(value)

    assert len(runs[0].value) == 9_000
    assert time.perf_counter() - began < 4


def test_a_key_that_was_set_has_the_line_of_its_value_in_for_each() -> None:
    text = "for_each:\n  label.horizon:\n    - 4 bars\n    - 12 bars\n  trade.fee.eu:\n    - 1\n"
    document = read_yaml(FILE + text, "run.yaml")

    run = expand(document.value, document)[1]
    moved = document.with_value(run.value, run.moved)

    assert moved.line(("label", "horizon")) == 10
    assert moved.line(("label", "kind")) == 5
    assert moved.line(("trade", "missing")) == 12
    assert moved.value["label"]["horizon"] == "12 bars"
