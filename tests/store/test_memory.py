"""What a source remembers is the newest alone, or nothing: never something between."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.store.answers import Memory

KEY = "feed https://wire.example/rss"


def test_the_newest_takes_the_place_of_all(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.put(KEY, b"one")
    memory.put(KEY, b"two\nlines")

    assert Memory(tmp_path).get(KEY) == b"two\nlines"
    assert memory.get("feed https://other.example/") is None
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize("damage", [b"", b"no zlib", b"x\x9c"])
def test_what_is_damaged_counts_as_never_kept(tmp_path: Path, damage: bytes) -> None:
    memory = Memory(tmp_path)
    memory.put(KEY, b"one")
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)

    assert memory.get(KEY) is None


@given(st.binary(max_size=200))
def test_any_bytes_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    memory = Memory(tmp_path_factory.mktemp("memory"))

    memory.put(KEY, content)

    assert memory.get(KEY) == content
