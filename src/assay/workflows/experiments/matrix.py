"""Make many runs of one experiment file: every combination of what its `for_each` lists."""

import json
import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from assay.core.errors import SettingsError
from assay.workflows.experiments.plain_yaml import MOST_DEPTH, Document, Place

KEY = "for_each"
MOST_RUNS = 1_000
MOST_VALUES = 2_000_000
"""Of all runs together: a file near its own limits is not copied a thousand times."""
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Expanded:
    """One run: plain values without `for_each`, and `tag`, what tells it from the other runs.

    Nothing in `value` is shared with another run or the file. `moved` maps the place of each key
    that was set to where the file gives its value; for `Document.with_value`.
    """

    value: dict[str, Any]
    tag: str
    moved: Mapping[Place, Place]


@dataclass(frozen=True, slots=True)
class _Setting:
    """One key that a run sets, and where in the file its value stands."""

    key: str
    value: Any
    place: Place

    @property
    def path(self) -> tuple[str, ...]:
        """Return the keys on the way down."""
        return tuple(self.key.split("."))


_Choice = tuple[_Setting, ...]
"""Keys that are set together."""


class _WrongError(Exception):
    """What is wrong, and at which place; `expand` adds file and line."""

    def __init__(self, place: Place, sentence: str) -> None:
        super().__init__(sentence)
        self.place = place


def expand(
    value: Mapping[str, Any], document: Document | None = None, known: Collection[str] = ()
) -> list[Expanded]:
    """Return the runs that a file asks for, the last key of `for_each` changing fastest.

    `for_each` maps dotted keys to lists of values, or a name without a dot that is no key of the
    file to a list of groups of dotted keys that are set together; `known` are further keys that a
    file may have at its top, and so no such names. Without `for_each` there is one run with an
    empty tag. Groups of keys on the way are made where absent. `value` is left as it is.

    A `SettingsError` refuses more than `MOST_RUNS` runs, runs that are equal (2 and 2.0 are, 1 and
    true are not), empty lists, a key set twice, a way through a list or a value, and `for_each`
    within itself; it begins with file and line if the `document` is given.
    """
    try:
        return _expanded(value, known)
    except _WrongError as wrong:
        at = f"{document.at(wrong.place)}: " if document else ""
        raise SettingsError(f"{at}{wrong}") from None


def _expanded(value: Mapping[str, Any], known: Collection[str]) -> list[Expanded]:
    base = {key: each for key, each in value.items() if key != KEY}
    if KEY not in value:
        return [Expanded(_copied(base), "", {})]
    axes = _axes(value[KEY], {*base, *known})
    count = math.prod(len(axis) for axis in axes)
    if count > MOST_RUNS:
        sizes = " x ".join(str(len(axis)) for axis in axes)
        asked = f"{sizes} = {count:,}" if len(axes) > 1 else f"{count:,}"
        raise _WrongError(
            (KEY,), f"for_each asks for {asked} runs; at most {MOST_RUNS:,} are made, so list less"
        )
    largest = _size(base) + sum(max(sum(_size(s.value) for s in c) for c in axis) for axis in axes)
    if count * largest > MOST_VALUES:
        told = f"{count:,} runs of {largest:,} values each"
        raise _WrongError((KEY,), f"for_each asks for {told}; make the file or the lists smaller")
    _check_apart(axes)
    combinations = [tuple(setting for c in each for setting in c) for each in product(*axes)]
    runs = [_run(base, settings) for settings in combinations]
    _check_unlike(runs)
    tags = _tags(axes)
    return [
        Expanded(run, tag, _moved(base, settings))
        for run, tag, settings in zip(runs, tags, combinations, strict=True)
    ]


def _axes(asked: object, known: Collection[str]) -> list[list[_Choice]]:
    if not isinstance(asked, Mapping) or not asked:
        raise _WrongError(
            (KEY,), "for_each holds no keys; write `key: [first, second]` under it, or delete it"
        )
    if within := next(_named_again(asked, (KEY,)), None):
        raise _WrongError(within, "for_each stands within for_each; list all keys in one for_each")
    return [_axis(str(name), choices, known) for name, choices in asked.items()]


def _named_again(value: object, place: Place) -> Iterator[Place]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if KEY in str(key).split("."):
                yield (*place, key)
            yield from _named_again(inner, (*place, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _named_again(inner, (*place, number))


def _axis(name: str, choices: object, known: Collection[str]) -> list[_Choice]:
    place: Place = (KEY, name)
    _check_key(name, place)
    if not isinstance(choices, list):
        raise _WrongError(place, f"for_each.{name} is no list; write {name}: [first, second]")
    if not choices:
        raise _WrongError(place, f"for_each.{name} is an empty list; list values or delete the key")
    groups = [isinstance(choice, Mapping) for choice in choices]
    if "." in name or name in known or not any(groups):
        return [(_Setting(name, each, (*place, n)),) for n, each in enumerate(choices)]
    if not all(groups):
        at = groups.index(False)
        said = f"for_each.{name}[{at}] sets no keys, but others of its list do"
        raise _WrongError((*place, at), f"{said}; write `key: value` in each")
    return [_group(choice, (*place, number)) for number, choice in enumerate(choices)]


def _check_key(key: str, place: Place) -> None:
    parts = key.split(".")
    if not all(parts) or len(parts) > MOST_DEPTH:
        raise _WrongError(place, f"{key[:_LONGEST]!r} is no dotted key; write it as label.horizon")


def _group(choice: Mapping[str, Any], place: Place) -> _Choice:
    if not choice:
        said = f"for_each.{place[1]}[{place[2]}] sets no keys"
        raise _WrongError(place, f"{said}; write `key: value` in it, or delete it")
    for key in choice:
        _check_key(key, (*place, key))
    return tuple(_Setting(key, each, (*place, key)) for key, each in choice.items())


def _check_apart(axes: Sequence[Sequence[_Choice]]) -> None:
    """Refuse keys set for the same run of which one is the other, or lies in it."""
    owner: dict[Place, str] = {}  # keys that an earlier entry sets
    above: dict[Place, str] = {}  # what these lie in, and which of them does
    for axis in axes:
        for choice in axis:
            own = {setting.path: setting.key for setting in choice}
            for setting in choice:
                heads = [setting.path[:length] for length in range(1, len(setting.path))]
                others = [own[head] for head in heads if head in own]
                others += [owner[head] for head in [*heads, setting.path] if head in owner]
                others += [above[setting.path]] if setting.path in above else []
                if others:
                    twice = others[0] == setting.key
                    both = "twice" if twice else f"beside {others[0]}"
                    said = f"{setting.key} is set {both} for the same run; keep one of the two"
                    raise _WrongError(setting.place, said)
        for setting in (each for choice in axis for each in choice):
            owner[setting.path] = setting.key
            for length in range(1, len(setting.path)):
                above[setting.path[:length]] = setting.key


def _run(base: Mapping[str, Any], settings: Sequence[_Setting]) -> dict[str, Any]:
    run: dict[str, Any] = _copied(base)
    for setting in settings:
        *above, last = setting.path
        group = run
        for depth, part in enumerate(above, 1):
            inner = group.setdefault(part, {})
            if not isinstance(inner, dict):
                way = ".".join(above[:depth])
                kind = (
                    "a list" if isinstance(inner, list) else "empty" if inner is None else "a value"
                )
                told = f"{setting.key} cannot be set, because {way} is {kind} in the file"
                raise _WrongError(setting.place, f"{told}; write keys under {way} or delete it")
            group = inner
        group[last] = _copied(setting.value)
    return run


def _moved(base: Mapping[str, Any], settings: Sequence[_Setting]) -> dict[Place, Place]:
    """Return where the keys that were set stand, and those that were made on the way to them."""
    moved: dict[Place, Place] = {}
    for setting in settings:
        group: Any = base
        for length, part in enumerate(setting.path, 1):
            group = group.get(part) if isinstance(group, Mapping) else None
            if group is None or length == len(setting.path):
                moved.setdefault(setting.path[:length], setting.place)
    return moved


def _check_unlike(runs: Sequence[Mapping[str, Any]]) -> None:
    seen: dict[str, int] = {}
    for number, run in enumerate(runs, 1):
        text = json.dumps(_levelled(run), sort_keys=True, default=repr)
        if text in seen:
            said = f"for_each makes runs {seen[text]} and {number} of {len(runs)} equal"
            raise _WrongError((KEY,), f"{said}; delete the value that is listed twice")
        seen[text] = number


def _levelled(value: Any) -> Any:  # noqa: ANN401 - any plain value
    """Return a value in which 2.0 is written as 2, for both are the same setting."""
    if isinstance(value, Mapping):
        return {str(key): _levelled(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_levelled(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _tags(axes: Sequence[Sequence[_Choice]]) -> list[str]:
    """Return for each combination its values that differ; with their keys where needed."""
    # an entry of one value tells no run from another; alone it is all there is to say
    kept = [_differing(axis) for axis in [a for a in axes if len(a) > 1] or axes]
    for keyed in (False, True):
        words = [[", ".join(_word(s, keyed=keyed) for s in c) for c in axis] for axis in kept]
        tags = [", ".join(each) for each in product(*words)]
        if len(set(tags)) == len(tags):
            return tags
    counts = Counter(tags)
    return [f"{tag} (run {n})" if counts[tag] > 1 else tag for n, tag in enumerate(tags, 1)]


def _differing(axis: Sequence[_Choice]) -> list[_Choice]:
    """Return the choices without the keys that all of them set alike."""
    texts = [{s.key: json.dumps(_levelled(s.value), default=repr) for s in c} for c in axis]
    alike = {key for key, text in texts[0].items() if all(o.get(key) == text for o in texts)}
    return [tuple(s for s in choice if s.key not in alike) or choice for choice in axis]


def _word(setting: _Setting, *, keyed: bool) -> str:
    text = _text(setting.value)
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
    if keyed:
        return f"{setting.key} {text}"
    # text speaks for itself; a number, true or nothing says little without its key
    bare = isinstance(setting.value, str) or (isinstance(setting.value, list) and setting.value)
    return text if bare else f"{setting.key.rpartition('.')[2]} {text}"


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{key} {_text(inner)}" for key, inner in value.items()) or "no keys"
    if isinstance(value, list):
        return "+".join(_text(inner) for inner in value) or "none"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "empty"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)


def _copied(value: Any) -> Any:  # noqa: ANN401 - any plain value
    """Return a copy that shares nothing; of plain values ten times faster than `deepcopy`."""
    if isinstance(value, Mapping):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value


def _size(value: object) -> int:
    """Return how many values there are, lists and groups included."""
    if isinstance(value, Mapping):
        return 1 + sum(_size(inner) for inner in value.values())
    return 1 + sum(_size(inner) for inner in value) if isinstance(value, list) else 1
