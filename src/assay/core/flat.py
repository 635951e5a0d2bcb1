"""Values as plain data, quickly."""

from typing import Any


def flat(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any of our slotted values
    """Return the fields of a slotted value that holds no other value, by name.

    What `dataclasses.asdict` says of it, without a copy of everything inside.
    """
    return {name: getattr(value, name) for name in value.__slots__}


def deep(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any of our slotted values
    """Return the fields of a slotted value, those of the values in it and in its tuples too."""
    return {name: _deep(getattr(value, name)) for name in value.__slots__}


def _deep(item: Any) -> Any:  # noqa: ANN401 - any field
    if type(item) is tuple:
        return tuple(_deep(one) for one in item)
    return deep(item) if hasattr(item, "__dataclass_fields__") else item
