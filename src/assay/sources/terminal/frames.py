"""The lines that Assay and a terminal send each other: JSON under a checksum and a seal."""

import hmac
import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from assay.core.errors import CredentialError, DataError, RefusedError, TransientError

TITLE = "MetaTrader 5"
VERSION = 1
MARK = f"assay/{VERSION}"
LONGEST_QUESTION, LONGEST_ANSWER = 2_048, 4 * 2**20
"""Bytes of a line, its end included."""
SAID = 200
"""Characters of a terminal's own words that an error repeats."""
LATER = 30.0
"""Seconds after which asking again may help."""
_MARKED = re.compile(rb"assay/(\d{1,4}) ([0-9a-f]{64}) ([0-9a-f]{64}) (.*)\n", re.DOTALL)


def framed(message: Mapping[str, str | int], token: str) -> bytes:
    """Return the line that carries `message`; the token seals it and is not in it."""
    payload = json.dumps(message, separators=(",", ":")).encode("ascii")
    return (
        f"{MARK} {sha256(payload).hexdigest()} {_seal(payload, token)} ".encode() + payload + b"\n"
    )


def unframed(line: bytes, token: str, where: str) -> Mapping[str, Any]:
    """Return the message of a line.

    A `TransientError` where it was damaged on the way, a `CredentialError` where another token
    sealed it (`where` says where ours is set), a `RefusedError` where it is of another version, a
    `DataError` where it is no message.
    """
    found = _MARKED.fullmatch(line)
    if found is None:
        raise _damaged("is no line of the bridge")
    version, checksum, seal, payload = found.groups()
    if int(version) != VERSION:
        raise RefusedError(
            f"{TITLE}: its AssayBridge speaks version {int(version)} of the bridge and this Assay "
            f"version {VERSION}; copy AssayBridge.mq5 of this Assay to the terminal and compile it"
        )
    if sha256(payload).hexdigest().encode() != checksum:
        raise _damaged("does not have its checksum")
    if not hmac.compare_digest(_seal(payload, token).encode(), seal):
        raise CredentialError(
            f"{TITLE}: AssayBridge does not have the token that Assay has; set the same one in its "
            f"inputs and in {where}, or none in both"
        )
    try:
        message = json.loads(payload)
    except (ValueError, RecursionError):
        raise _damaged("cannot be read") from None
    if not isinstance(message, Mapping) or not isinstance(message.get("id"), str):
        raise DataError(f"{TITLE} answered with something that is no message of the bridge")
    return message


def worded(text: object) -> str:
    """Return a terminal's own words as one short line."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return line[:SAID].rstrip(" .")


def _seal(payload: bytes, token: str) -> str:
    return hmac.new(token.encode(), payload, sha256).hexdigest()


def _damaged(why: str) -> TransientError:
    return TransientError(f"{TITLE}: an answer was damaged on the way (it {why}); try again", LATER)
