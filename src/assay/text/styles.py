"""Whether the attributes of an element keep its text from being seen."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
_NEAR = 16
"""Colours whose channels all differ by less than this cannot be told apart by eye."""
_FAR = -100.0
"""A place so far off, in pixels or per cent, is outside every window."""
_SMALLEST = 2.0
"""A letter of fewer pixels cannot be read."""

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_ESCAPE = re.compile(r"\\([0-9a-f]{1,6})[ \t\n]?|\\(.)")
_NUMBER = re.compile(r"(-?(?:\d+\.?\d*|\.\d+))(em|rem|ch)?")
_ZERO = re.compile(r"0*\.?0*(?:[a-z]{1,4}|%)?")
_HEX = re.compile(r"#([0-9a-f]{3,8})")
_CHANNELS = re.compile(r"rgba?\(\s*(\d{1,3})\D+(\d{1,3})\D+(\d{1,3})(?:\D+?([\d.]+)%?)?\s*\)")
_NAMES = {"white": WHITE, "black": BLACK, "snow": (255, 250, 250), "ivory": (255, 255, 240)}
_HIDING = {
    "display": frozenset(["none"]),
    "visibility": frozenset(["hidden", "collapse"]),
    "content-visibility": frozenset(["hidden"]),
}
_PLACES = frozenset(
    ["left", "right", "top", "bottom", "text-indent", "margin", "margin-left", "margin-top",
     "margin-right", "margin-bottom", "transform", "translate", "inset"]
)  # fmt: skip
_SIZES = frozenset(["width", "height", "max-width", "max-height", "font-size", "opacity", "zoom"])


@dataclass(frozen=True, slots=True)
class Ink:
    """The colour of letters and of what is behind them; None where they are transparent."""

    letters: Colour | None = BLACK
    ground: Colour = WHITE

    @property
    def is_faint(self) -> bool:
        """Say whether the letters cannot be told from what is behind them."""
        if self.letters is None:
            return True
        pairs = zip(self.letters, self.ground, strict=True)
        return all(abs(one - other) < _NEAR for one, other in pairs)

    def under(self, attributes: Mapping[str, str]) -> "Ink":
        """Return the ink inside an element with these attributes; what it does not say stays."""
        letters, ground = self.letters, self.ground
        said = [("color", attributes.get("color", "")), ("ground", attributes.get("bgcolor", ""))]
        for name, value in [*said, *_declarations(attributes.get("style", ""))]:
            if name == "color" and value:
                letters = _colour(value, letters)
            elif name in ("ground", "background", "background-color"):
                ground = _colour(value, ground) or ground
        return Ink(letters, ground)


def hides(attributes: Mapping[str, str]) -> bool:
    """Say whether an element with these attributes (lower-case names) shows none of its text.

    Read are `hidden`, `aria-hidden` and the `style` of the element itself: no display, no
    visibility, no size, off the screen, cut away. One declaration that hides is enough, also where
    a later one takes it back. Classes are not read: their style sheet is not at hand.
    """
    if "hidden" in attributes or attributes.get("aria-hidden", "").strip().lower() == "true":
        return True
    return any(_hides(name, value) for name, value in _declarations(attributes.get("style", "")))


def _declarations(style: str) -> Iterator[tuple[str, str]]:
    """Yield the declarations of a style, in lower case, escapes and comments undone."""
    plain = _COMMENT.sub("", style.lower())
    plain = _ESCAPE.sub(_unescaped, plain) if "\\" in plain else plain
    for declaration in plain.split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            yield name.strip(), value.replace("!important", "").strip()


def _unescaped(found: re.Match[str]) -> str:
    if found[1] is None:
        return found[2]
    code = int(found[1], 16)
    return chr(code).lower() if code < 0x110000 else ""


def _hides(name: str, value: str) -> bool:
    if name in _HIDING:
        return value in _HIDING[name]
    if name in _SIZES:
        return _ZERO.fullmatch(value) is not None or (name == "font-size" and _is_tiny(value))
    if name in _PLACES:
        return any(_pixels(found) <= _FAR for found in _NUMBER.finditer(value))
    if name == "font":
        return any(_ZERO.fullmatch(part) for part in re.split(r"[\s/]+", value) if part)
    if name in ("clip", "clip-path"):
        return re.search(r"rect\((?:[01](?:px)?[\s,]*){4}\)|inset\((?:50|100)%", value) is not None
    return name == "filter" and "opacity(0" in value


def _is_tiny(value: str) -> bool:
    found = re.fullmatch(r"(\d*\.?\d+)(?:px|pt)", value)
    return found is not None and float(found[1]) < _SMALLEST


def _pixels(found: re.Match[str]) -> float:
    return float(found[1]) * (16.0 if found[2] else 1.0)


def _colour(value: str, otherwise: Colour | None) -> Colour | None:
    """Return the colour that `value` names, None where it is transparent."""
    plain = value.strip().lower()
    if plain.startswith("transparent"):
        return None
    if (found := _CHANNELS.search(plain)) is not None:
        if found[4] is not None and float(found[4].strip(".") or 0) == 0:
            return None
        return (int(found[1]), int(found[2]), int(found[3]))
    if (found := _HEX.search(plain)) is not None:
        return _of_hex(found[1], otherwise)
    return next((_NAMES[word] for word in plain.split() if word in _NAMES), otherwise)


def _of_hex(digits: str, otherwise: Colour | None) -> Colour | None:
    whole = "".join(2 * digit for digit in digits) if len(digits) in (3, 4) else digits
    if len(whole) not in (6, 8):
        return otherwise
    red, green, blue = (int(whole[at : at + 2], 16) for at in (0, 2, 4))
    return None if whole[6:] == "00" else (red, green, blue)
