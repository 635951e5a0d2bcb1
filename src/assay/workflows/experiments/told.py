"""Say in sentences what is wrong in a file: where, what was found, and what to write instead."""

import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from functools import cached_property
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError

from assay.core.errors import SettingsError
from assay.core.names import listed
from assay.workflows.experiments.plain_yaml import Document, Place

MOST_SENTENCES = 20
MOST_CHOICES = 20
_SURE = 0.75  # how near (0 to 1) a key must be to be meant, though the name exists elsewhere

Node = Mapping[str, Any]
"""A part of a pydantic core schema (`model.__pydantic_core_schema__`)."""
_WRAPPERS = ("schema", "lax_schema", "python_schema")
_WANTED = {  # by the beginning of pydantic's error type; the first that fits
    "int": "a whole number",
    "float": "a number",
    "finite": "a finite number",
    "decimal": "a number",
    "bool": "true or false",
    "date_past": "a day in the past",
    "date_future": "a day in the future",
    "datetime": "a time as 2024-01-31T14:00:00Z",
    "date": "a day as 2024-01-31",
    "timezone": "a time with its zone, as 2024-01-31T14:00:00Z",
    "time_delta": "a length of time as 02:30:00",
    "time": "a time of day as 14:30",
    "none_required": "nothing after the colon",
}
_LIMITS = {
    "greater_than": ("gt", "a value above {}"),
    "greater_than_equal": ("ge", "a value of {} or more"),
    "less_than": ("lt", "a value below {}"),
    "less_than_equal": ("le", "a value of {} or less"),
    "multiple_of": ("multiple_of", "a multiple of {}"),
    "too_short": ("min_length", "{} or more items"),
    "too_long": ("max_length", "{} or fewer items"),
    "string_too_short": ("min_length", "a text of {} or more characters"),
    "string_too_long": ("max_length", "a text of {} or fewer characters"),
    "string_pattern_mismatch": ("pattern", "a text that fits the pattern {}"),
}
_LISTS = ("list", "tuple", "set", "frozen_set", "deque", "iterable")
_GROUPS = ("model", "dict", "mapping", "dataclass")


def refuse(error: ValidationError, model: type[BaseModel], document: Document) -> NoReturn:
    """Raise a `SettingsError` with every sentence of `sentences`, each on a line.

    Of more than `MOST_SENTENCES` the first are said and the rest are counted.
    """
    groups = _groups(error, model, document)
    told = _lines(groups[:MOST_SENTENCES], document)  # a hostile file may hold thousands
    if len(groups) > MOST_SENTENCES:
        told.append(f"and {len(groups) - MOST_SENTENCES} more: mend these first")
    raise SettingsError("\n".join(told)) from error


def sentences(error: ValidationError, model: type[BaseModel], document: Document) -> list[str]:
    """Return one sentence for each thing wrong, in the order of the file's lines.

    Each begins with `file:line:` and the dotted key (items of lists counted from 0). What any
    member of a union might have been is one sentence. A validator's own message follows the key,
    so it should read on from it: "is in 'days', but is counted in bars".
    """
    return _lines(_groups(error, model, document), document)


def _groups(
    error: ValidationError, model: type[BaseModel], document: Document
) -> list[list["_Wrong"]]:
    """Return the errors in the order of lines, those of one union together."""
    shape = _Shape(model)
    found = [shape.wrong(each, document) for each in error.errors(include_url=False)]
    found = [wrong for wrong in found if not _only_by_its_items(wrong, found)]
    groups: dict[object, list[_Wrong]] = {}
    for number, wrong in enumerate(found):
        groups.setdefault(number if wrong.union is None else wrong.union, []).append(wrong)
    return sorted(groups.values(), key=lambda group: document.line(group[0].path))


def _lines(groups: Sequence[Sequence["_Wrong"]], document: Document) -> list[str]:
    told = dict.fromkeys(pair for group in groups for pair in _told(group))
    lined = [(document.line(path), sentence) for path, sentence in told]
    return [f"{document.name}:{at}: {said}" for at, said in sorted(lined, key=lambda pair: pair[0])]


def _only_by_its_items(wrong: "_Wrong", others: Sequence["_Wrong"]) -> bool:
    """Say whether a list is too short for pydantic alone, which does not count items it refused."""
    given = len(wrong.found) if isinstance(wrong.found, (list, Mapping)) else 0
    if wrong.kind != "too_short" or given < wrong.context["min_length"]:
        return False
    length = len(wrong.path)
    return any(len(o.path) > length and o.path[:length] == wrong.path for o in others)


@dataclass(frozen=True, slots=True)
class _Wrong:
    """One error of pydantic, and the place in the file and in the schema that it speaks of.

    `node` is the schema there, `parent` the one above. `union` is the place of the outermost union
    without discriminator on the way and `member` which of its members spoke, else both are None.
    `beside` is the group of keys of the file in which it stands.
    """

    kind: str
    message: str
    context: Mapping[str, Any]
    path: Place
    found: Any
    read: Any
    node: Node
    parent: Node
    union: Place | None
    member: str | None
    beside: Mapping[str, Any]
    shape: "_Shape"


class _Shape:
    """A model's schema, walked along the places that pydantic names in its errors."""

    def __init__(self, model: type[BaseModel]) -> None:
        schema: Node = model.__pydantic_core_schema__
        self._named = {each["ref"]: each for each in schema.get("definitions", ())}
        self.root = self.bare(schema)

    def bare(self, node: Node) -> Node:
        """Return a node without what wraps it: defaults, validators, None, references."""
        while True:
            if node.get("type") == "definition-ref":
                node = self._named.get(node["schema_ref"], {})
            elif node.get("steps"):
                node = node["steps"][0]
            elif inner := next((node[key] for key in _WRAPPERS if key in node), None):
                node = inner
            else:
                return node

    def keys(self, node: Node) -> dict[str, Node]:
        """Return what stands under each key of a group; keys are written as in the file."""
        fields = node.get("fields", {})
        pairs = fields.items() if isinstance(fields, Mapping) else ((f["name"], f) for f in fields)
        named = {}
        for name, each in pairs:
            alias = each.get("validation_alias", name)
            while isinstance(alias, list) and alias:  # AliasChoices: the first is the name to tell
                alias = alias[0]
            named[str(alias)] = each["schema"]
        return named

    def wrong(self, error: Mapping[str, Any], document: Document) -> _Wrong:
        """Return an error with its place; the labels of unions are no part of a place."""
        node, parent, path = self.root, {}, ()  # type: tuple[Node, Node, Place]
        union: Place | None = None
        member = None
        for part in error["loc"]:
            if node.get("type") in ("union", "tagged-union"):
                if node["type"] == "union" and union is None:
                    union, member = path, str(part)
                node = self._member(node, str(part))
            elif part != "[key]":
                parent, node = node, self._under(node, part)
                path = (*path, part)
        read = error["input"]
        found = read if "[key]" in error["loc"] else _value(document.value, path, read)
        above = _value(document.value, path[:-1], None) if path else None
        return _Wrong(
            error["type"],
            error["msg"],
            error.get("ctx", {}),
            path,
            found,
            read,
            node,
            parent,
            union,
            member,
            above if isinstance(above, Mapping) else {},
            self,
        )

    def _member(self, node: Node, label: str) -> Node:
        if node["type"] == "tagged-union":
            tags = {str(_plain(tag)): choice for tag, choice in node["choices"].items()}
            return self.bare(tags.get(label, {}))
        for choice in node["choices"]:
            inner, own = choice if isinstance(choice, tuple) else (choice, None)
            bare = self.bare(inner)
            name = own or bare.get("model_name") or bare.get("dataclass_name") or bare.get("type")
            begins = label.partition("[")[0]  # "str-enum[Group]", "function-after[check(), str]"
            if name and (name == label or begins.endswith(name) or label.endswith(f", {name}]")):
                return bare
        return {}

    def _under(self, node: Node, part: str | int) -> Node:
        if "fields" in node:
            return self.bare(self.keys(node).get(str(part), {}))
        inner = node.get("values_schema") or node.get("items_schema") or {}
        if isinstance(inner, list):  # a tuple: one schema an item, the last for those beyond
            inner = inner[min(int(part), len(inner) - 1)] if inner else {}
        return self.bare(inner)

    @cached_property
    def homes(self) -> Mapping[str, list[Place]]:
        """Return for each key the places at which a group of keys has it, the highest first."""
        found: dict[str, list[Place]] = {}
        seen: set[int] = set()  # a model that holds itself is gone through once
        queue: deque[tuple[Place, Node]] = deque([((), self.root)])
        while queue:
            path, node = queue.popleft()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if node.get("type") == "tagged-union":
                queue.extendleft((path, self.bare(each)) for each in node["choices"].values())
            for name, inner in self.keys(node).items():
                found.setdefault(name, []).append((*path, name))
                queue.append(((*path, name), self.bare(inner)))
        return found


def _told(group: Sequence[_Wrong]) -> list[tuple[Place, str]]:
    """Return the place and the sentence of each error; of a union those of its likeliest member."""
    union = group[0].union
    if union is None:
        return [_sentence(wrong) for wrong in group]
    members: dict[str | None, list[_Wrong]] = {}
    for wrong in group:
        members.setdefault(wrong.member, []).append(wrong)
    deep = [each for each in members.values() if any(wrong.path != union for wrong in each)]
    if deep:  # a member whose own literal (its kind) was not met is the less likely one
        likely = min(
            deep, key=lambda each: (sum(w.kind == "literal_error" for w in each), len(each))
        )
        return [_sentence(wrong) for wrong in likely]
    wanted = list(dict.fromkeys(text for wrong in group if (text := _wanted(wrong))))
    own = [_sentence(wrong)[1] for wrong in group if _wanted(wrong) is None]
    if own and wanted:
        asks = own[0].endswith("?")
        more = ", or ".join(wanted)
        return [(union, f"{own[0][:-1]}, or {more}?" if asks else f"{own[0]}; or write {more}")]
    if own:
        return [(union, own[0])]
    return [(union, f"{_said(union)} was {_found(group[0])}; write {', or '.join(wanted)}")]


def _sentence(wrong: _Wrong) -> tuple[Place, str]:
    key = _said(wrong.path)
    if wrong.kind == "extra_forbidden":
        return wrong.path, _unknown(wrong)
    if wrong.kind == "missing":
        return wrong.path, _missing(wrong)
    if wrong.kind in ("union_tag_invalid", "union_tag_not_found"):
        return _untagged(wrong)
    if wanted := _wanted(wrong):
        return wrong.path, f"{key} was {_found(wrong)}; write {wanted}"
    if wrong.kind in ("value_error", "assertion_error"):
        return wrong.path, f"{key} {_cut(str(wrong.context.get('error') or 'does not hold'), 400)}"
    message = wrong.message.rstrip(".")
    return wrong.path, f"{key} was {_found(wrong)}: {message[:1].lower()}{message[1:]}"


def _unknown(wrong: _Wrong) -> str:
    *parents, key = wrong.path
    above = tuple(parents)
    known = wrong.shape.keys(wrong.parent)
    here = _said(above)
    said = f"{_said(wrong.path)} is no key that {here} knows"
    if near := get_close_matches(str(key), known, n=1, cutoff=_SURE):
        there = near[0] in wrong.beside
        return f"{said}; " + (f"{near[0]} is there, so delete it" if there else f"write {near[0]}")
    homes = wrong.shape.homes.get(str(key), ())
    if home := next((each for each in homes if each != wrong.path), None):
        where = (
            f"under {_said(home[:-1])}, as {_said(home)}" if home[1:] else "at the top of the file"
        )
        return f"{said}; it belongs {where}"
    if near := get_close_matches(str(key), [name for name in known if name not in wrong.beside], 1):
        return f"{said}; write {near[0]}"
    if known:
        return f"{said}; the keys of {here} are {listed(known, 'and')}"
    return f"{said}; delete it"


def _missing(wrong: _Wrong) -> str:
    *parents, key = wrong.path
    above = _said(tuple(parents))
    if isinstance(key, int):
        return f"{above} has {key} of its items; write the others too"
    where = f"under {above}" if parents else "at its top"
    return f"{above} has no {key}; add `{key}: ...` {where}"


def _untagged(wrong: _Wrong) -> tuple[Place, str]:
    choices = [_plain(tag) for tag in wrong.node.get("choices", ())]
    by = wrong.node.get("discriminator")
    if not isinstance(by, str):  # a function tells the members apart: no key to name
        told = listed(map(_yaml, choices), "or") if choices else "another value"
        return wrong.path, f"{_said(wrong.path)} was {_found(wrong)}; write one of {told}"
    path = (*wrong.path, by)
    if isinstance(wrong.found, Mapping) and by in wrong.found:
        found = wrong.found[by]
        return path, f"{_said(path)} was {_described(found)}; write {_chosen(found, choices)}"
    above = _said(wrong.path)
    add = f"add `{by}: ...` under {above}, {_chosen(None, choices)}"
    return path, f"{above} has no {by}; {add}"


def _wanted(wrong: _Wrong) -> str | None:
    """Return what should be written; None where only the error's own message can say it."""
    kind = wrong.kind
    if kind in ("literal_error", "enum"):
        choices = wrong.node.get("expected") or wrong.node.get("members")
        if not choices:
            told = str(wrong.context.get("expected", "another value"))
            choices = re.findall(r"'([^']*)'", told) or [told]
        return _chosen(wrong.found, [_plain(choice) for choice in choices])
    if kind in _LIMITS:
        name, text = _LIMITS[kind]
        return text.format(_yaml(wrong.context.get(name)))
    base = re.sub(r"(_attributes|_exact)?_type$", "", kind)
    if kind.startswith("string") and not isinstance(wrong.found, (list, Mapping)):
        return f'text in quotes: "{_yaml(wrong.found)}"' if wrong.found is not None else "a text"
    if kind.startswith("string"):
        return "a text"
    if base in _LISTS:
        single = wrong.found not in (None, "") and not isinstance(wrong.found, Mapping)
        return (
            f"a list, as [{_cut(_yaml(wrong.found), 40)}]"
            if single
            else "a list, as [first, second]"
        )
    if base in _GROUPS:
        known = wrong.shape.keys(wrong.node)
        if isinstance(by := wrong.node.get("discriminator"), str):
            return f"keys under it, `{by}: ...` among them"
        return f"the keys {listed(known, 'or')} under it" if known else "keys under it"
    return _other(wrong)


def _other(wrong: _Wrong) -> str | None:
    for begins, text in _WANTED.items():
        if wrong.kind == begins or wrong.kind.startswith(f"{begins}_"):
            return text
    begins, told = "Input should be ", wrong.message
    return told.removeprefix(begins) if told.startswith(begins) else None


def _chosen(found: object, choices: list[Any]) -> str:
    """Return the choices in words, the one nearest to `found` first."""
    texts = [_yaml(choice) for choice in choices]
    near = get_close_matches(str(found), texts, n=1) if found is not None else []
    if not near:
        lower = {text.lower(): text for text in texts}
        near = [lower[str(found).lower()]] if str(found).lower() in lower else []
    others = [text for text in texts if text not in near]
    more = len(others) - MOST_CHOICES
    others = [*others[:MOST_CHOICES], *([f"{more} more"] if more > 0 else [])]
    if near:
        return f"{near[0]}, or one of {', '.join(others)}" if others else near[0]
    return texts[0] if len(texts) == 1 else f"one of {', '.join(others)}"


def _found(wrong: _Wrong) -> str:
    told = _described(wrong.found)
    read = wrong.read
    if isinstance(wrong.found, str) and isinstance(read, (int, float)):
        return f"{told} (read as {_yaml(read)})"  # a quantity with its unit, limited without it
    if wrong.kind.startswith("string_too"):
        length = len(str(wrong.found))
        return f"{told} ({length} character{'s' if length != 1 else ''})"
    return told


def _described(found: object) -> str:
    if found is None:
        return "empty"
    if isinstance(found, Mapping):
        keys = ", ".join(str(key) for key in list(found)[:5])
        return f"a group of keys ({keys})" if found else "an empty group of keys"
    if isinstance(found, (list, tuple)):
        return f"a list of {len(found)}" if found else "an empty list"
    text = _yaml(found)
    text = _cut(text, 40)
    return repr(text) if isinstance(found, str) else text


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."


def _yaml(value: object) -> str:
    """Return a value as a file would say it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return "null" if value is None else str(value)


def _plain(choice: object) -> Any:  # noqa: ANN401 - an enum's value, whatever it is
    return choice.value if isinstance(choice, Enum) else choice


def _said(path: Place) -> str:
    """Return a place as a dotted key: label.horizon, seeds[0]."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{_cut(part, 60)}" for part in path]
    text = "".join(parts)
    return text.removeprefix(".") or "the file"


def _value(value: Any, path: Place, otherwise: Any) -> Any:  # noqa: ANN401 - any plain value
    for part in path:
        inside = isinstance(value, Mapping) and part in value
        if not inside and not (isinstance(value, list) and isinstance(part, int)):
            return otherwise
        if isinstance(value, list) and isinstance(part, int) and not part < len(value):
            return otherwise
        value = value[part]
    return value
