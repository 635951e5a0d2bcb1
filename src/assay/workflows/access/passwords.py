"""Passwords: what may be one, how it is kept, and how one is checked."""

import string
import unicodedata
from functools import cache
from importlib.resources import files
from threading import Semaphore
from typing import TYPE_CHECKING

from assay.core.errors import SettingsError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LEAST, ADVISED, MOST = 8, 15, 256
"""Characters."""
LONGEST_NAME = 64
FIGURES_AND_SIGNS = string.digits + string.punctuation
_AT_ONCE = Semaphore(2)
"""A hash takes 64 MiB while it is made; more at once would be a way to fill the memory."""


def hashed_password(password: str, name: str) -> str:
    """Return the argon2id hash of a new password; one that is easily guessed is refused."""
    plain = _normal(password)
    if not LEAST <= len(plain) <= MOST:
        raise SettingsError(
            f"The password has {len(plain)} characters; between {LEAST} and {MOST} are taken, and "
            f"{ADVISED} or more are advised"
        )
    if name_key(plain) in {name_key(name), name_key(name)[::-1]}:
        raise SettingsError("The password is the name; choose one that is not so easily guessed")
    if _is_guessed_first(plain):
        raise SettingsError(
            "The password is one of those that are tried first; choose another, for example four "
            "words that have nothing to do with each other"
        )
    with _AT_ONCE:
        return _hasher().hash(plain)


def is_password(password: str, kept: str | None) -> bool:
    """Say whether `password` is the one whose hash was `kept`; None takes as long, and is False."""
    from argon2.exceptions import InvalidHashError, VerificationError

    with _AT_ONCE:
        try:
            _hasher().verify(kept or _nobodys(), _normal(password)[: MOST + 1])
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Say whether a hash was made with weaker parameters than are used now."""
    return _hasher().check_needs_rehash(kept)


def checked_name(name: str) -> str:
    """Return a person's name as it is shown; what cannot be one is a `SettingsError`."""
    shown = " ".join(unicodedata.normalize("NFKC", name).split())
    if not shown or len(shown) > LONGEST_NAME or not shown.isprintable():
        raise SettingsError(
            f"A name has 1 to {LONGEST_NAME} characters, and none that cannot be seen; "
            f"found {len(shown)}"
        )
    return shown


def name_key(name: str) -> str:
    """Return a name as names are compared: case, width and spaces do not count.

    >>> name_key("  Ａnna  Maria ") == name_key("anna maria")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _is_guessed_first(plain: str) -> bool:
    """Say whether it is a common one, or one with figures and signs before or behind it."""
    lower = plain.casefold()
    core = lower.strip(FIGURES_AND_SIGNS)
    return len(set(lower)) < 3 or lower in common() or core in common()


@cache
def common() -> frozenset[str]:
    """Return the passwords, and the words in passwords, that are tried first."""
    text = (files("assay.workflows.access") / "common_passwords.txt").read_text("utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip())


@cache
def _hasher() -> "PasswordHasher":
    """Return argon2id with the parameters of RFC 9106, section 4, for little memory."""
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobodys() -> str:
    """Return a hash that no password fits, to be checked where a name is unknown."""
    return _hasher().hash("no password, for this is no person")


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
