"""Providers' answers that can no longer change, as they came: nobody is asked for them twice."""

import json
import zlib
from hashlib import sha256
from pathlib import Path

from assay.store.files import read_bytes, write_atomic


class Answers:
    """Answers under `root`, packed, each content once; a small file for each question names one.

    That file also says the question, for people. What is read is checked against its hash: a file
    that is missing or damaged counts as never kept, and the provider is asked again. Writes are
    atomic and safe to repeat.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def get(self, key: str) -> bytes | None:
        """Return the answer kept under `key`, None if there is none that is whole."""
        try:
            named = json.loads(read_bytes(self._question(key)))
            content = zlib.decompress(read_bytes(self._content(named["content"])))
        except (FileNotFoundError, ValueError, KeyError, TypeError, zlib.error):
            return None
        return content if _hash(content) == named["content"] else None

    def put(self, key: str, content: bytes) -> None:
        """Keep `content` under `key` in place of what was there; a full disk is a `StoreError`."""
        name = _hash(content)
        write_atomic(self._content(name), zlib.compress(content))
        said = json.dumps({"key": key, "content": name}, ensure_ascii=False)
        write_atomic(self._question(key), said.encode())

    def _question(self, key: str) -> Path:
        name = _hash(key.encode())
        return self._root / "questions" / name[:2] / f"{name}.json"

    def _content(self, name: str) -> Path:
        return self._root / "contents" / name[:2] / name


class Memory:
    """What sources remember under `root`, a file for each key; the newest takes the place of all.

    As with answers: what is missing or damaged counts as never kept. Writes are atomic.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def get(self, key: str) -> bytes | None:
        """Return what was kept last under `key`, None if there is nothing that is whole."""
        try:
            said, content = zlib.decompress(read_bytes(self._file(key))).split(b"\n", 1)
        except (FileNotFoundError, ValueError, zlib.error):
            return None
        return content if said == key.encode() else None

    def put(self, key: str, content: bytes) -> None:
        """Keep `content` under `key`, which is one line; a full disk is a `StoreError`."""
        write_atomic(self._file(key), zlib.compress(key.encode() + b"\n" + content))

    def _file(self, key: str) -> Path:
        return self._root / _hash(key.encode())[:32]


def _hash(content: bytes) -> str:
    return sha256(content).hexdigest()
