"""What an Arrow file claims of itself, checked before it is read: a wrong length would end us.

The reader takes memory as the file says and aborts where there is none, so that a damaged length
could not be answered in words. Layout: the Arrow columnar format 1.5, "IPC File Format", whose
tables are FlatBuffers.
"""

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass

Bytes = bytes | mmap.mmap
FOOTER_END = 10
"""The last bytes: the length of the footer, and the mark."""
BATCHES, DICTIONARIES = 3, 2
"""The fields of the footer that say where the rows and the dictionaries stand."""
RECORD_BATCH, DICTIONARY_BATCH = 3, 2
"""The types of message."""
CELL_BYTES = 8


@dataclass(frozen=True, slots=True)
class _Table:
    """A FlatBuffers table at `place` in `data`; a ValueError is a place outside of it."""

    data: Bytes
    place: int

    def field(self, number: int) -> int | None:
        """Return the place of a field, None where the table has none."""
        layout = self.place - _number(self.data, "i", self.place)
        if 4 + 2 * number >= _number(self.data, "H", layout):
            return None
        beyond = _number(self.data, "H", layout + 4 + 2 * number)
        return self.place + beyond if beyond else None

    def table(self, number: int) -> "_Table | None":
        """Return the table that a field names."""
        place = self.field(number)
        return None if place is None else _Table(self.data, _follow(self.data, place))

    def structs(self, number: int, form: str) -> Iterator[tuple[int, ...]]:
        """Yield the structs of a vector."""
        place = self.field(number)
        if place is None:
            return
        start = _follow(self.data, place)
        size = struct.calcsize(f"<{form}")
        for index in range(_number(self.data, "I", start)):
            yield _numbers(self.data, form, start + 4 + index * size)


def _number(data: Bytes, form: str, place: int) -> int:
    return _numbers(data, form, place)[0]


def _numbers(data: Bytes, form: str, place: int) -> tuple[int, ...]:
    if not 0 <= place <= len(data) - struct.calcsize(f"<{form}"):
        raise ValueError("a length in it points out of the file")
    return struct.unpack_from(f"<{form}", data, place)


def _follow(data: Bytes, place: int) -> int:
    return place + _number(data, "I", place)


def unpacked_bytes(data: Bytes) -> int:
    """Return how many bytes the rows of an Arrow file need; ValueError where it cannot be so."""
    length = _number(data, "i", len(data) - FOOTER_END)
    start = len(data) - FOOTER_END - length
    if length <= 0 or start < 0:
        raise ValueError("its footer is longer than the file")
    footer = _Table(data, _follow(data, start))
    total = 0
    for number in (BATCHES, DICTIONARIES):
        for place, head, _, body in footer.structs(number, "qiiq"):
            total += _batch_bytes(data, place, head, body)
    return total


def _batch_bytes(data: Bytes, place: int, head: int, body: int) -> int:
    if min(place, head, body) < 0 or place + head + body > len(data):
        raise ValueError("a block of rows reaches beyond its end")
    start = place + (8 if _number(data, "I", place) == 0xFFFFFFFF else 4)
    message = _Table(data, _follow(data, start))
    kind = message.field(1)
    batch = message.table(2)
    if kind is None or batch is None:
        raise ValueError("a block of rows is none")
    said = _number(data, "B", kind)
    if said == DICTIONARY_BATCH:
        batch = batch.table(1)
    elif said != RECORD_BATCH:
        raise ValueError("a block of rows is something else")
    if batch is None:
        raise ValueError("a dictionary is empty")
    packed = batch.field(3) is not None
    rows = sum(max(count, missing) for count, missing in batch.structs(1, "qq"))
    start = place + head
    sizes = (_size(data, start, body, *buffer, packed=packed) for buffer in batch.structs(2, "qq"))
    return max(rows * CELL_BYTES, sum(sizes))


def _size(data: Bytes, start: int, body: int, offset: int, length: int, *, packed: bool) -> int:
    """Return how long a buffer is that lies at `offset` in the `body` bytes from `start`."""
    if min(offset, length) < 0 or offset + length > body:
        raise ValueError("a column reaches beyond its block")
    size = _number(data, "q", start + offset) if packed and length else length
    if size < -1:
        raise ValueError("a column has a negative length")
    return length if size == -1 else size
