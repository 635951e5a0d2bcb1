"""Names made from content: the same content always has the same name."""

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from assay.core.errors import DataError

_AS_THEY_ARE = frozenset({type(None), str, bool, int})
_CANONICAL = json.JSONEncoder(
    sort_keys=True,
    separators=(",", ":"),
    ensure_ascii=False,
    allow_nan=False,
    check_circular=False,  # plain data was made by a walk through it
)


def plain(value: Any) -> Any:  # noqa: ANN401 - any value that JSON can be made of
    """Return `value` as JSON-ready data: times in ISO 8601, enums by value, tuples as lists.

    NaN and infinity are refused (`DataError`): a number that is none is written as null by its
    owner, on purpose.
    """
    kind = type(value)  # what nearly everything is comes first: a signal has thousands of values
    if kind in _AS_THEY_ARE:
        return value
    if kind is float:
        return value if math.isfinite(value) else _finite(value)
    if kind is dict:
        return {
            key if type(key) is str else str(plain(key)): plain(item) for key, item in value.items()
        }
    if kind is list or kind is tuple:
        return [plain(item) for item in value]
    return _plain_of_others(value)


def _plain_of_others(value: Any) -> Any:  # noqa: ANN401 - see `plain`
    """Return what `plain` does of anything, kinds of our own too."""
    if isinstance(value, (str, bool, int)) and not isinstance(value, Enum):
        return value
    if isinstance(value, float):
        return _finite(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(plain(item) for item in value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise DataError(f"A number to be stored was {value}; only finite ones can be")
    return value


def canonical(value: Any) -> bytes:  # noqa: ANN401 - see `plain`
    """Return the one JSON text of `value`: sorted keys, no spaces, UTF-8, shortest floats."""
    return canonical_of_plain(plain(value))


def canonical_of_plain(data: Any) -> bytes:  # noqa: ANN401 - what `plain` returned, or JSON
    """Return what `canonical` does of data that is plain already, without a walk through it."""
    try:
        return _CANONICAL.encode(data).encode()
    except ValueError:
        plain(data)  # says which number is none
        raise


def digest(value: Any) -> str:  # noqa: ANN401 - see `plain`
    """Return the SHA-256 of the canonical JSON of `value`, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def short_id(prefix: str, value: Any) -> str:  # noqa: ANN401 - see `plain`
    """Return `prefix` and the first 12 hex digits of the digest: for people to type."""
    return f"{prefix}-{digest(value)[:12]}"
