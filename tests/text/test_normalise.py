"""Plain text is plain once and for all, and shows everything it holds."""

import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from assay.text.normalise import MAX_MARKS, Invisible, plain_text, shown

EVERY = [chr(code) for code in range(sys.maxunicode + 1)]


@given(st.text())
def test_plain_text_stays_as_it_is(text: str) -> None:
    plain = plain_text(text)

    assert plain_text(plain) == plain


@given(st.text(), st.integers(1, 30))
def test_plain_text_is_never_longer_than_its_limit(text: str, limit: int) -> None:
    assert len(plain_text(text, limit)) <= limit


@given(st.text(alphabet=st.sampled_from("e\u0301\u200b\u0344\u0316\u1100\u1161\u11a8 \u0915")))
def test_what_stood_between_a_letter_and_its_marks_leaves_one_form(text: str) -> None:
    plain = plain_text(text)

    assert unicodedata.is_normalized("NFKC", plain)
    assert plain_text(plain) == plain


def test_no_character_brings_back_what_cannot_be_seen() -> None:
    for block in range(0, len(EVERY), 1_000):
        plain = plain_text("x".join(EVERY[block : block + 1_000]), limit=100_000)

        assert not shown(plain)[1]


def test_each_kind_that_cannot_be_seen_is_counted() -> None:
    text = "a\x00b\u200bc\u202ed\U000e0041\U000e0042e\ufe0ff\ue000g" + "\u0301" * (MAX_MARKS + 2)

    kept, unseen = shown(text)

    assert kept == "abcdefg" + "\u0301" * MAX_MARKS
    assert unseen == {
        Invisible.CONTROL: 1,
        Invisible.ZERO_WIDTH: 1,
        Invisible.BIDIRECTIONAL: 1,
        Invisible.TAG: 2,
        Invisible.SELECTOR: 1,
        Invisible.UNKNOWN: 1,
        Invisible.MARK: 2,
    }


def test_white_space_of_any_kind_becomes_one_space() -> None:
    assert plain_text(" Gold\u2003\n\trises\u00a0 ") == "Gold rises"


def test_blank_letters_and_selectors_go() -> None:
    assert plain_text("g\u3164o\u2800l\ufe0fd\U000e0101") == "gold"
