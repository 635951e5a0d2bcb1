"""Read YAML as plain values that mean one thing only, and remember on which line each stands."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

import yaml  # type: ignore[import-untyped] # PyYAML ships no types; the events used are few

from assay.core.errors import SettingsError

Place = tuple[str | int, ...]
"""Keys and places in lists (counted from 0) from the root of a document down to a value."""
MOST_BYTES = 1_000_000
MOST_NODES = 20_000
"""Keys and values together; a list or a group of keys counts as one more."""
MOST_DEPTH = 20
SMALLEST_INT, LARGEST_INT = -(2**63), 2**63 - 1

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"[-+]?0[0-9]+|0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_HIDDEN = re.compile("[\x85\u2028\u2029\ufeff]")  # line breaks to some readers and not to others
_BREAK = re.compile(r"\r\n|\r|\n")
_TAB_INDENT = re.compile(r" *\t")
_PROBLEMS = {
    "mapping values are not allowed": (
        "a ':' stands where none can; put the text in quotes or begin a new line under its key"
    ),
    "unexpected end of stream": "a quotation mark is never closed; close it",
    "',' or ']'": "a list is not closed; separate its items with ',' and end it with ']'",
    "',' or '}'": "a group of keys is not closed; separate them with ',' and end it with '}'",
    "could not find expected ':'": "there is a key without ':'; write `key: value`",
    "expected key": "there is no key where one must stand; indent keys of one group alike",
    "block end": "there is no key where one must stand; indent keys of one group alike",
    "cannot start any token": (
        "a value or key begins with a character YAML keeps for itself; put the text in quotes"
    ),
    "node content": "a value is missing; write it, or delete what announces it",
    "unknown escape": (
        "a backslash in double quotes begins an escape; use single quotes, or write it twice"
    ),
    "<document start>": "the file goes on after its last key; keep one document in a file",
}
_OPENED = ("unexpected end of stream", "',' or ']'", "',' or '}'", "could not find expected ':'")
"""Problems whose cause is where a thing was opened, not where its end was missed."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says: plain values, and the line on which each key and item stands.

    `value` holds dict, list, str, int, float, bool and None alone; no two places share an object.
    `lines` are counted from 1. `moved` says of keys that were set later where the file gives them.
    """

    name: str
    value: dict[str, Any]
    lines: Mapping[Place, int] = field(repr=False)
    moved: Mapping[Place, Place] = field(default_factory=dict, repr=False)

    def line(self, path: Place) -> int:
        """Return the line of a key or an item, or of its nearest parent; from 1."""
        heads = [path[:length] for length in range(len(path), -1, -1)]
        if moved := next((head for head in heads if head in self.moved), None):
            return replace(self, moved={}).line(self.moved[moved] + path[len(moved) :])
        return next((self.lines[head] for head in heads if head in self.lines), 1)

    def at(self, path: Place) -> str:
        """Return the place of a key as `file:line`."""
        return f"{self.name}:{self.line(path)}"

    def with_value(self, value: dict[str, Any], moved: Mapping[Place, Place]) -> "Document":
        """Return the same file with another value; `moved` maps keys set to where they stand."""
        return replace(self, value=value, moved=moved)


def read_file(path: Path) -> Document:
    """Read a file of at most `MOST_BYTES` bytes of UTF-8; see `read_yaml`.

    A `SettingsError` says what is wrong with a path: missing, a folder, no regular file, too large
    (known before a byte is read), not UTF-8, or kept from us by the system.
    """
    name = str(path) if str(path).isprintable() else repr(str(path))
    try:
        if path.is_dir():
            raise SettingsError(f"{name} is a folder; name a YAML file in it")
        if not path.exists():
            raise SettingsError(f"{name} does not exist; check the name and the folder")
        if not path.is_file():
            raise SettingsError(f"{name} is no regular file; name a YAML file")
        _check_size(name, path.stat().st_size)
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)  # one more, should the file have grown meanwhile
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SettingsError(f"{name} cannot be read: {reason}; check the path") from error
    return read_bytes(raw, name)


def read_bytes(raw: bytes, name: str) -> Document:
    """Read bytes of UTF-8; see `read_yaml`."""
    _check_size(name, len(raw))
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = 1 + raw.count(b"\n", 0, error.start)
        found = f"the byte 0x{raw[error.start]:02x} was found"
        raise SettingsError(f"{name}:{line}: not UTF-8, {found}; save the file as UTF-8") from error
    return read_yaml(text, name)


def read_yaml(text: str, name: str) -> Document:
    """Read one YAML document whose root is a group of keys; `name` stands before every refusal.

    Plain scalars are those of the YAML 1.2 core schema (yaml.org/spec/1.2.2, 10.3) in decimal:
    `NO`, `on`, `12:30`, `1_000` and dates stay text, `1e-3` is a number. What means one thing
    to one reader and another to the next is refused, and so is what can grow, run code or hide:
    leading zeros, hexadecimals, tabs as indentation, keys given twice or that are no text,
    anchors, aliases, merge keys, tags, directives, several documents, control characters,
    infinities, NaN, whole numbers beyond 64 bits; more than `MOST_BYTES`, `MOST_NODES` or
    `MOST_DEPTH`. Every refusal is a `SettingsError` of one sentence with file and line.
    """
    text = text.removeprefix("\ufeff")
    _check_size(name, len(text) if len(text) > MOST_BYTES else len(text.encode(errors="replace")))
    for pattern in (_CONTROL, _HIDDEN):
        if found := pattern.search(text):
            line = 1 + len(_BREAK.findall(text[: found.start()]))
            told = f"the character U+{ord(found.group()):04X}"
            _refuse(name, line, f"{told} cannot stand in the file; delete it")
    builder = _Builder(name)
    rows = _BREAK.split(text)
    for event in _events(text, name, rows):
        builder.take(event)
    builder.check_tabs(rows)
    if builder.root is None:
        raise SettingsError(f"{name}:1: the file is empty; write keys into it")
    return Document(name, builder.root, builder.lines)


def _check_size(name: str, size_bytes: int) -> None:
    if size_bytes > MOST_BYTES:
        raise SettingsError(
            f"{name} holds {size_bytes:,} bytes, an experiment at most {MOST_BYTES:,}; "
            "name data in the file instead of writing it there"
        )


def _refuse(name: str, line: int, sentence: str) -> NoReturn:
    raise SettingsError(f"{name}:{line}: {sentence}")


def _events(text: str, name: str, rows: list[str]) -> Iterator[Any]:
    """Yield PyYAML's events one by one, so that a bomb is refused before it has been unfolded."""
    try:
        yield from yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problem = str(error.problem)
        if _TAB_INDENT.match(rows[min(line, len(rows)) - 1]) or "a tab character" in problem:
            _refuse(name, line, "a tab stands in the indentation; use spaces")
        told = next((say for part, say in _PROBLEMS.items() if part in problem), None)
        told = told or f"the line cannot be read as YAML: {problem}; mend it"
        opened = error.context_mark.line + 1 if error.context_mark else line
        if opened < line and any(part in problem for part in _OPENED):
            _refuse(name, opened, f"{told} (noticed on line {line})")
        _refuse(name, line, told)
    except yaml.YAMLError as error:
        raise SettingsError(f"{name}:1: the file cannot be read as YAML; save it anew") from error


@dataclass(slots=True)
class _Open:
    """A list or a group of keys that has not ended yet."""

    value: dict[str, Any] | list[Any]
    path: Place
    key: str | None = None


class _Builder:
    """Turns events into values without recursion; refuses on the first event that is not plain."""

    def __init__(self, name: str) -> None:
        self.root: dict[str, Any] | None = None
        self.lines: dict[Place, int] = {}
        self._name = name
        self._stack: list[_Open] = []
        self._nodes = 0
        self._documents = 0
        self._texts: list[tuple[int, int]] = []  # first and last line of quoted and block texts

    def take(self, event: Any) -> None:  # noqa: ANN401 - PyYAML has no types
        """Take the next event."""
        line = event.start_mark.line + 1
        if isinstance(event, yaml.NodeEvent):
            self._check(event, line)
        if isinstance(event, yaml.DocumentStartEvent):
            self._begin(event, line)
        elif isinstance(event, yaml.MappingStartEvent):
            self._open({}, line)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._open([], line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._stack.pop()
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)

    def check_tabs(self, rows: list[str]) -> None:
        """Refuse tabs before anything but the inside of a quoted or block text."""
        inside = {line for first, last in self._texts for line in range(first + 1, last + 1)}
        for line, row in enumerate(rows, 1):
            if _TAB_INDENT.match(row) and row.strip() and line not in inside:
                _refuse(self._name, line, "a tab stands in the indentation; use spaces")

    def _begin(self, event: Any, line: int) -> None:  # noqa: ANN401 - PyYAML has no types
        self._documents += 1
        if self._documents > 1:
            self._no(line, "a second document begins here; keep one document in a file")
        if event.version or event.tags:
            self._no(line, "a directive (a line that begins with %) is not read; delete it")

    def _check(self, event: Any, line: int) -> None:  # noqa: ANN401 - PyYAML has no types
        if isinstance(event, yaml.AliasEvent):
            self._no(line, f"the alias *{_short(event.anchor)} is not read; {_REPEAT}")
        if event.anchor is not None:
            self._no(line, f"the anchor &{_short(event.anchor)} is not read; {_REPEAT}")
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._no(line, f"the tag {_short(tag)} is not read; write a plain value")
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self._no(line, f"there are more than {MOST_NODES:,} keys and values; make it smaller")

    def _open(self, value: dict[str, Any] | list[Any], line: int) -> None:
        if len(self._stack) == MOST_DEPTH:
            self._no(line, f"values are nested more than {MOST_DEPTH} deep; make them flatter")
        if not self._stack and isinstance(value, list):
            self._no(line, "the file is a list; begin with keys, each on a line as `key: value`")
        if self._wants_key():
            self._no(line, "a list or a group of keys is used as a key; use text as a key")
        self._stack.append(_Open(value, self._place(value, line)))

    def _scalar(self, event: Any, line: int) -> None:  # noqa: ANN401 - PyYAML has no types
        text = event.value
        plain = event.implicit[0]
        if not plain:
            self._texts.append((line, event.end_mark.line + 1))
        if found := _CONTROL.search(text):
            told = f"the character U+{ord(found.group()):04X}"
            self._no(line, f"a text holds {told}, which nothing here can show; take it out")
        if not self._stack:
            if plain and text in _NULL:
                self._no(line, "the file is empty; write keys into it")
            self._no(line, f"the file is one value, {_short(text)!r}; write it as `key: value`")
        value = self._plain(text, line) if plain else text
        if self._wants_key():
            self._key(value, text, line, plain=plain)
        else:
            self._place(value, line)

    def _wants_key(self) -> bool:
        top = self._stack[-1] if self._stack else None
        return top is not None and isinstance(top.value, dict) and top.key is None

    def _key(self, key: object, text: str, line: int, *, plain: bool) -> None:
        top = self._stack[-1]
        if not isinstance(key, str):
            told = f"the key {_short(text)} is no text" if text else "a key is empty"
            self._no(line, f'{told}; put it in quotes: "{_short(text)}"')
        if plain and key == "<<":
            self._no(line, f"the merge key << is not read; {_REPEAT}")
        if isinstance(top.value, dict) and key in top.value:
            first = self.lines[(*top.path, key)]
            told = f"the key {_short(key)!r} was given on line {first} already"
            self._no(line, f"{told}; keep one of the two")
        self.lines[(*top.path, key)] = line
        top.key = key

    def _place(self, value: Any, line: int) -> Place:  # noqa: ANN401 - any plain value
        """Put a value where it belongs; return its path."""
        if not self._stack:
            self.root = value
            self.lines[()] = line
            return ()
        top = self._stack[-1]
        if isinstance(top.value, list):
            path: Place = (*top.path, len(top.value))
            self.lines[path] = line
            top.value.append(value)
            return path
        assert top.key is not None
        path = (*top.path, top.key)
        top.value[top.key], top.key = value, None
        return path

    def _plain(self, text: str, line: int) -> str | int | float | bool | None:
        """Return what an unquoted scalar means; text where it means nothing else."""
        if text in _NULL:
            return None
        if text in _BOOL:
            return _BOOL[text]
        for pattern, other in ((_OCTAL, "an octal"), (_HEXADECIMAL, "a hexadecimal")):
            if pattern.fullmatch(text):
                told = f"{_short(text)} is {other} number to some readers"
                self._no(line, f"{told}; write it as a decimal number, or in quotes as text")
        if _INT.fullmatch(text):
            return self._int(text, line)
        if _NOT_FINITE.fullmatch(text):
            self._no(line, f"{text} is no number to compute with; write a finite one or leave it")
        if _FLOAT.fullmatch(text):
            number = float(text)
            if math.isinf(number):
                self._no(line, f"{_short(text)} is too large for a number; write a smaller one")
            return number
        return text

    def _int(self, text: str, line: int) -> int:
        # twenty characters are the longest of 64 bits; longer ones are slow to turn into numbers
        if len(text) > 20 or not SMALLEST_INT <= int(text) <= LARGEST_INT:
            self._no(line, f"{_short(text)} does not fit into 64 bits; write a smaller number")
        return int(text)

    def _no(self, line: int, sentence: str) -> NoReturn:
        _refuse(self._name, line, sentence)


_REPEAT = "repeat the values or use for_each"


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
