"""The lines of the bridge: whole or refused, sealed or refused."""

import hmac
import json
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.errors import AssayError, CredentialError, DataError, RefusedError, TransientError
from assay.sources.terminal.frames import framed, unframed, worded

TOKENS = st.text(max_size=100)
UNHURRIED = settings(deadline=None, max_examples=50)
MESSAGES = st.dictionaries(st.text(max_size=9), st.text(max_size=9) | st.integers(), max_size=6)


def line_of(payload: bytes, token: str = "", mark: bytes = b"assay/1") -> bytes:
    seal = hmac.new(token.encode(), payload, sha256).hexdigest().encode()
    return b" ".join([mark, sha256(payload).hexdigest().encode(), seal, payload]) + b"\n"


@UNHURRIED
@given(MESSAGES, TOKENS)
def test_what_is_framed_comes_out_again(message: dict[str, str | int], token: str) -> None:
    sent = {**message, "id": "7"}

    line = framed(sent, token)

    assert line.isascii()
    assert line.count(b"\n") == 1
    assert unframed(line, token, "TOKEN") == sent
    assert line == line_of(json.dumps(sent, separators=(",", ":")).encode(), token)


@UNHURRIED
@given(MESSAGES, TOKENS, st.data())
def test_no_changed_byte_goes_unnoticed(
    message: dict[str, str | int], token: str, data: st.DataObject
) -> None:
    line = bytearray(framed({**message, "id": "7"}, token))
    place = data.draw(st.integers(0, len(line) - 1))
    line[place] ^= data.draw(st.integers(1, 255))

    with pytest.raises(AssayError):
        unframed(bytes(line), token, "TOKEN")


@UNHURRIED
@given(MESSAGES, TOKENS, st.integers(0, 150))
def test_no_missing_end_goes_unnoticed(message: dict[str, str | int], token: str, cut: int) -> None:
    line = framed({**message, "id": "7"}, token)

    with pytest.raises(TransientError):
        unframed(line[: max(0, len(line) - 1 - cut)], token, "TOKEN")


@UNHURRIED
@given(MESSAGES, TOKENS, TOKENS)
def test_another_token_is_refused(message: dict[str, str | int], ours: str, theirs: str) -> None:
    padded = [token.encode().ljust(64, b"\0") for token in (ours, theirs)]
    if padded[0] == padded[1]:  # a key of HMAC is filled up with zeros
        return

    with pytest.raises(CredentialError, match="TOKEN"):
        unframed(framed({**message, "id": "7"}, theirs), ours, "TOKEN")


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"", TransientError),
        (b"GET / HTTP/1.1\r\n", TransientError),
        (line_of(b"{"), TransientError),
        (line_of(b"[" * 100_000), TransientError),
        (line_of(b"[]"), DataError),
        (line_of(b'{"id": 7}'), DataError),
        (line_of(b'{"id": "7"}', mark=b"assay/2"), RefusedError),
        (line_of(b'{"id": "7"}', mark=b"other/1"), TransientError),
        (line_of(b'{"id": "7"}').upper(), TransientError),
    ],
)
def test_what_is_no_message_is_one_sentence(line: bytes, kind: type[AssayError]) -> None:
    with pytest.raises(kind) as caught:
        unframed(line, "", "TOKEN")

    assert str(caught.value).startswith("MetaTrader 5")
    assert "\n" not in str(caught.value)


def test_words_from_outside_are_one_short_line() -> None:
    assert worded("a\nb\x1b[31m\tc.") == "a b [31m c"
    assert len(worded("x" * 10_000)) == 200
