"""Values as plain data, quickly."""

from typing import Any


def flat(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any of our slotted values
    """Return the fields of a slotted value that holds no other value, by name.

    What `dataclasses.asdict` says of it, without a copy of everything inside.
    """
    return {name: getattr(value, name) for name in value.__slots__}
