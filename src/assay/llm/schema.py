"""A small, closed part of JSON Schema, checked by ourselves whatever the provider promises.

Objects list every property, require every property and take no other; numbers come as enums; texts
and lists are bounded. What a provider leaves unenforced (bounds, patterns) is caught here.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from assay.core.errors import SettingsError

_KEYWORDS = {
    "object": {"type", "properties", "required", "additionalProperties", "description"},
    "array": {"type", "items", "minItems", "maxItems", "description"},
    "string": {"type", "maxLength", "description"},
    "boolean": {"type", "description"},
    "enum": {"enum", "description"},
}
_MAX_RAW = 100_000


class _RepeatedKeyError(ValueError):
    pass


def refuse_open(schema: Mapping[str, Any]) -> None:
    """Raise `SettingsError` for a schema that leaves anything open."""
    kind = _kind(schema)
    unknown = set(schema) - _KEYWORDS[kind]
    if unknown:
        raise SettingsError(f"A schema may not say {', '.join(sorted(unknown))} of {kind}")
    if kind == "object":
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            raise SettingsError("A schema's object must refuse additional properties")
        if list(schema.get("required", [])) != list(properties):
            raise SettingsError("A schema's object must require all its properties, in their order")
        for inner in properties.values():
            refuse_open(inner)
    elif kind == "array":
        if "maxItems" not in schema or "minItems" not in schema:
            raise SettingsError("A schema's list needs minItems and maxItems")
        refuse_open(schema["items"])
    elif kind == "string" and "maxLength" not in schema:
        raise SettingsError("A schema's text needs maxLength")


def read(raw: str, schema: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, str | None]:
    """Return (value, None) where `raw` is one JSON object that fits `schema`, else (None, why).

    Nothing is repaired: prose around the object, a repeated key, NaN, a wrong type, an extra key, a
    value off its grid or a text over its length is a miss.
    """
    if len(raw) > _MAX_RAW:
        return None, f"the answer is longer than {_MAX_RAW:,} characters"
    try:
        value = json.loads(raw, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        return None, f"the answer is not one JSON object ({type(error).__name__})"
    why = problem(value, schema)
    if why is None and not isinstance(value, dict):
        why = "the answer is not an object"
    return (None, why) if why else (value, None)


def problem(value: object, schema: Mapping[str, Any], where: str = "answer") -> str | None:
    """Return the first thing in `value` that `schema` does not allow, or None."""
    kind = _kind(schema)
    if kind == "enum":
        fits = any(type(value) is type(one) and value == one for one in schema["enum"])
        return None if fits else f"{where} is {_short(value)}, which is not one of the choices"
    if kind == "object":
        return _object_problem(value, schema, where)
    if kind == "array":
        return _array_problem(value, schema, where)
    if kind == "boolean":
        return None if isinstance(value, bool) else f"{where} is not true or false"
    if not isinstance(value, str):
        return f"{where} is not a text"
    return f"{where} is too long" if len(value) > schema["maxLength"] else None


def _object_problem(value: object, schema: Mapping[str, Any], where: str) -> str | None:
    if not isinstance(value, dict):
        return f"{where} is not an object"
    properties = schema["properties"]
    missing = [name for name in properties if name not in value]
    extra = [name for name in value if name not in properties]
    if missing or extra:
        return f"{where} lacks {missing[0]}" if missing else f"{where} has an unknown key"
    for name, inner in properties.items():
        found = problem(value[name], inner, f"{where}.{name}")
        if found:
            return found
    return None


def _array_problem(value: object, schema: Mapping[str, Any], where: str) -> str | None:
    if not isinstance(value, list):
        return f"{where} is not a list"
    if not schema["minItems"] <= len(value) <= schema["maxItems"]:
        return f"{where} has {len(value)} items, not {schema['minItems']} to {schema['maxItems']}"
    for place, item in enumerate(value):
        found = problem(item, schema["items"], f"{where}[{place}]")
        if found:
            return found
    return None


def _kind(schema: Mapping[str, Any]) -> str:
    kind = "enum" if "enum" in schema else schema.get("type")
    if kind not in _KEYWORDS:
        raise SettingsError(f"A schema may not hold the type {kind!r}; numbers are given as enums")
    return str(kind)


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _RepeatedKeyError
    return value


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _short(value: object) -> str:
    return repr(value)[:40]
