"""Who asks: what they showed, and what they may do."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from assay.core.values.scope import Scope

TOKEN_PREFIX = "assay_"  # noqa: S105 - says what a token is, and is none
SECRET_BYTES = 32
NOBODY = "nobody"
MACHINE = "machine"
"""Who acts on the command line: whoever can write the workspace is its owner."""
_CSRF = b"assay csrf"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a person in a session, or a program with a token.

    `who` is an id that says nothing of a person, for logs and rows; `person_id` is None for a token
    that was made on the machine; `digest` is the hash of what was shown.
    """

    who: str
    kind: Literal["session", "token"]
    scopes: frozenset[Scope]
    person_id: str | None
    digest: str


@dataclass(frozen=True, slots=True)
class Place:
    """From where somebody asks: an address, and what their program calls itself."""

    address: str
    agent: str = ""


def new_secret() -> str:
    """Return 256 bits of chance as text that is safe in a URL."""
    return secrets.token_urlsafe(SECRET_BYTES)


def new_id(kind: str) -> str:
    """Return an id that tells nothing, as person-1f0a3c5e7b9d."""
    return f"{kind}-{secrets.token_hex(6)}"


def hashed(secret: str) -> str:
    """Return what is kept of a secret of 256 bits: one round is enough, for it cannot be guessed.

    >>> hashed("x")[:12]
    '2d711642b726'
    """
    return sha256(secret.encode()).hexdigest()


def csrf_of(session: str) -> str:
    """Return what a page must show besides its cookie: it follows from the cookie, not back.

    >>> csrf_of("a") == csrf_of("a"), csrf_of("a") == csrf_of("b"), len(csrf_of("a"))
    (True, False, 43)
    """
    made = hmac.new(session.encode(), _CSRF, sha256).digest()
    return urlsafe_b64encode(made).decode().rstrip("=")


def same(one: str, other: str) -> bool:
    """Say whether two secrets are the same, in a time that tells nothing."""
    return hmac.compare_digest(one.encode(), other.encode())
