"""The same content always has the same name, another content another."""

import json
import math
from collections import OrderedDict
from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError
from assay.core.ids import canonical, canonical_of_plain, digest, plain, short_id
from assay.core.values.timeframe import Timeframe

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
contents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(contents)
def test_canonical_json_reads_back_as_it_was(content: Any) -> None:
    assert json.loads(canonical(content)) == content


@given(contents)
def test_of_plain_data_the_text_is_the_same_without_a_walk(content: Any) -> None:
    assert canonical_of_plain(plain(content)) == canonical(content)


@given(st.dictionaries(st.text(), scalars, max_size=6))
def test_order_of_keys_does_not_matter(content: dict[str, Any]) -> None:
    turned = dict(reversed(content.items()))

    assert digest(turned) == digest(content)


@given(contents, contents)
def test_names_are_equal_only_where_contents_are(first: Any, second: Any) -> None:
    assert (digest(first) == digest(second)) == (canonical(first) == canonical(second))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_none_are_refused_wherever_they_hide(value: float) -> None:
    for content in (value, [value], {"a": {"b": (value,)}}):
        with pytest.raises(DataError, match="only finite ones"):
            digest(content)
        with pytest.raises(DataError, match=f"was {value}; only finite ones"):
            canonical_of_plain(content)


def test_things_of_ours_have_one_writing() -> None:
    content = {
        Timeframe.H1: (Decimal("1.10"), datetime(2024, 1, 2, tzinfo=UTC)),
        "set": frozenset({"b", "a"}),
    }

    assert plain(content) == {"1h": ["1.10", "2024-01-02T00:00:00+00:00"], "set": ["a", "b"]}
    with pytest.raises(TypeError, match="object cannot be written as JSON"):
        plain(object())


def test_one_digest_is_known_and_its_short_form_begins_it() -> None:
    # printf '{"a":1}' | sha256sum
    known = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"

    assert digest({"a": 1}) == known
    assert short_id("sig", {"a": 1}) == f"sig-{known[:12]}"


class Severity(IntEnum):
    """A number with a name, which is written as the number."""

    LOW = 2


class Text(str):
    """A string of a kind of its own."""

    __slots__ = ()


def test_kinds_of_our_own_are_written_as_what_they_are_kinds_of() -> None:
    number, nothing = type("Number", (float,), {}), type("Odd", (float,), {})(math.nan)
    content = OrderedDict({Text("b"): [number(0.5)], Severity.LOW: {2: (None, True)}})

    assert canonical(content) == b'{"2":{"2":[null,true]},"b":[0.5]}'
    with pytest.raises(DataError, match="only finite ones"):
        plain({"a": [nothing]})
