"""As much of MessagePack as streams use: https://github.com/msgpack/msgpack/blob/master/spec.md."""

import struct
from datetime import datetime
from typing import Any


def packed(value: Any) -> bytes:
    """Return a value of JSON in MessagePack; an aware datetime is a timestamp."""
    if value is None or isinstance(value, bool):
        return bytes([{None: 0xC0, False: 0xC2, True: 0xC3}[value]])
    if isinstance(value, int):
        return b"\xd3" + struct.pack(">q", value)
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, datetime):
        return b"\xd6\xff" + struct.pack(">I", round(value.timestamp()))
    if isinstance(value, str):
        return b"\xda" + struct.pack(">H", len(value.encode())) + value.encode()
    if isinstance(value, dict):
        pairs = [packed(name) + packed(one) for name, one in value.items()]
        return b"\xde" + struct.pack(">H", len(pairs)) + b"".join(pairs)
    return b"\xdc" + struct.pack(">H", len(value)) + b"".join(packed(one) for one in value)


def unpacked(content: bytes) -> Any:
    """Return what a short message in MessagePack is: maps, lists and texts."""
    value, rest = _taken(content)
    assert not rest, f"{rest!r} is left over"
    return value


def _taken(content: bytes) -> tuple[Any, bytes]:
    """Return the first value of `content` and what comes after it."""
    head, rest = content[0], content[1:]
    if 0x80 <= head <= 0x8F:
        found: dict[str, Any] = {}
        for _ in range(head & 0x0F):
            name, rest = _taken(rest)
            found[name], rest = _taken(rest)
        return found, rest
    if 0x90 <= head <= 0x9F:
        listed: list[Any] = []
        for _ in range(head & 0x0F):
            one, rest = _taken(rest)
            listed.append(one)
        return listed, rest
    length = head & 0x1F
    if head == 0xD9:
        length, rest = rest[0], rest[1:]
    else:
        assert 0xA0 <= head <= 0xBF, f"no short value begins with {head:#x}"
    return rest[:length].decode(), rest[length:]
