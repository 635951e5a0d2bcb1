"""The schema is closed, and what does not fit is a miss, never a repair."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import SettingsError
from assay.llm.schema import problem, read, refuse_open

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "why": {"type": "string", "maxLength": 10},
        "sure": {"type": "boolean"},
        "cap": {"enum": [None, 0, 50, 100]},
        "points": {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 1, "maxItems": 2},
    },
    "required": ["why", "sure", "cap", "points"],
    "additionalProperties": False,
}
GOOD = {"why": "so", "sure": True, "cap": 50, "points": ["a"]}


def test_a_fitting_answer_is_read() -> None:
    assert read(json.dumps(GOOD), SCHEMA) == (GOOD, None)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"why": "x" * 11}, "too long"),
        ({"why": 3}, "not a text"),
        ({"sure": 1}, "true or false"),
        ({"cap": 50.0}, "choices"),
        ({"cap": False}, "choices"),
        ({"cap": 75}, "choices"),
        ({"cap": "50"}, "choices"),
        ({"points": []}, "items"),
        ({"points": ["a", "b", "a"]}, "items"),
        ({"points": "a"}, "not a list"),
        ({"points": ["c"]}, "choices"),
        ({"more": 1}, "unknown key"),
    ],
)
def test_what_does_not_fit_is_named(changes: dict[str, Any], why: str) -> None:
    value, said = read(json.dumps(GOOD | changes), SCHEMA)

    assert value is None
    assert said is not None
    assert why in said


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "Sure! " + json.dumps(GOOD),
        json.dumps(GOOD) + " Hope this helps.",
        "```json\n" + json.dumps(GOOD) + "\n```",
        json.dumps(GOOD)[:-1],
        json.dumps([GOOD]),
        "null",
        "NaN",
        '{"why": "a", "why": "b", "sure": true, "cap": 0, "points": ["a"]}',
        "[" * 5_000,
        json.dumps(GOOD | {"cap": math.nan}),
        " " * 200_000,
    ],
)
def test_prose_fences_repeats_and_fragments_are_misses(raw: str) -> None:
    value, why = read(raw, SCHEMA)

    assert value is None
    assert why


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip
def test_only_what_fits_is_read(value: Any) -> None:
    found, why = read(json.dumps(value), SCHEMA)

    assert (found is None) == (why is not None)
    if found is not None:
        assert problem(found, SCHEMA) is None


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "number"},
        {"type": "string"},
        {"type": "array", "items": {"type": "boolean"}, "maxItems": 3},
        {"type": "object", "properties": {}, "required": []},
        {**SCHEMA, "additionalProperties": True},
        {**SCHEMA, "required": ["why"]},
        {"type": "string", "maxLength": 5, "pattern": "a*"},
        {"anyOf": []},
    ],
)
def test_an_open_schema_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        refuse_open(schema)
