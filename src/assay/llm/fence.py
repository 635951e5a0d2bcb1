"""How data stand in a user turn: one JSON text between two markers made from its own digest."""

import hashlib
import json
import re
from typing import Any

from assay.core.ids import canonical

_FENCED = re.compile(r"<data-([0-9a-f]{32})>\n(.*)\n</data-\1>\Z", re.DOTALL)


def fenced(value: Any) -> str:  # noqa: ANN401 - any value that JSON can be made of
    """Return `value` as canonical JSON between markers that the data cannot contain.

    The marker holds a digest of the data, so equal data give equal bytes and no writer of the data
    can know it beforehand; besides, "<" and ">" are escaped inside, so no marker can be closed.
    """
    text = canonical(value).decode().replace("<", "\\u003c").replace(">", "\\u003e")
    mark = hashlib.sha256(text.encode()).hexdigest()[:32]
    return f"<data-{mark}>\n{text}\n</data-{mark}>"


def unfenced(content: str) -> Any | None:  # noqa: ANN401 - see `fenced`
    """Return the data that stand at the end of a user turn, or None where there are none whole."""
    found = _FENCED.search(content)
    if found is None:
        return None
    text = found.group(2)
    if hashlib.sha256(text.encode()).hexdigest()[:32] != found.group(1):
        return None
    return json.loads(text)
