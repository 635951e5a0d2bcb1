"""Comparisons of figures: "EUR 4.7 mn, compared to EUR 5.1 mn" says down without a verb."""

from collections.abc import Mapping, Sequence

REFERENCES = frozenset(["compared", "versus", "vs", "against", "from"])
_UNITS = {
    "m": 1e6, "mn": 1e6, "mln": 1e6, "million": 1e6, "bn": 1e9, "bln": 1e9, "billion": 1e9,
    "thousand": 1e3, "k": 1e3, "tn": 1e12, "trillion": 1e12,
}  # fmt: skip
_SHARES = frozenset(["%", "percent", "pct", "per"])
_LOSSES = frozenset(["loss", "losses", "negative", "deficit"])
_GAINS = frozenset(["profit", "profits", "positive", "surplus", "income", "earnings"])
_NEAR = 9
"""How many tokens a figure may stand from the word that compares it."""


def comparison(tokens: Sequence[str], at: int, nouns: Mapping[str, int]) -> float:
    """Return +1 if the figure compared at token `at` is better than its reference, -1 if worse.

    `tokens[at]` is one of `REFERENCES`. 0 where there is no noun with a sign, where a figure is
    missing on either side, or where the two are of different kinds (a share and an amount).
    """
    sign, noun_at = _noun_before(tokens, at, nouns)
    if not sign:
        return 0.0
    right = _figure(tokens, at + 1, min(len(tokens), at + _NEAR + 3))
    left = _last_figure(tokens, max(0, at - 16), at)
    if tokens[at] == "from":
        towards = _towards(tokens, at)
        if towards is not None:
            left = towards
    if left is None or right is None:
        return _sides(tokens, noun_at, at)
    if left[1] != right[1]:
        return 0.0
    now, then = _signed(left), _signed(right)
    if left[2] or tokens[noun_at] in _LOSSES:
        sign = 1
        if not any(word in _GAINS for word in tokens[at + 1 : at + _NEAR]):
            then = -abs(then)
    return float(sign * ((now > then) - (now < then)))


def _noun_before(tokens: Sequence[str], at: int, nouns: Mapping[str, int]) -> tuple[int, int]:
    for back in range(at - 1, max(-1, at - 22), -1):
        sign = nouns.get(tokens[back], 0)
        if sign:
            return sign, back
    return 0, -1


def _sides(tokens: Sequence[str], noun_at: int, at: int) -> float:
    """Read "a loss ... compared to a profit", where a figure may be missing."""
    after = tokens[at + 1 : at + _NEAR]
    loss_after = any(word in _LOSSES for word in after)
    gain_after = any(word in _GAINS for word in after)
    before = tokens[max(0, noun_at - 3) : at]
    loss_before = any(word in _LOSSES for word in before)
    if loss_before and gain_after and not loss_after:
        return -1.0
    if loss_after and not gain_after and not loss_before and any(w in _GAINS for w in before):
        return 1.0
    return 0.0


def _towards(tokens: Sequence[str], at: int) -> tuple[float, bool, bool] | None:
    """Return the figure after "to" in "from A to B"."""
    for ahead in range(at + 2, min(len(tokens), at + 14)):
        if tokens[ahead] == "to":
            return _figure(tokens, ahead + 1, min(len(tokens), ahead + 5))
    return None


def _figure(tokens: Sequence[str], start: int, stop: int) -> tuple[float, bool, bool] | None:
    """Return the first (value, is a share, is a loss) in the range."""
    loss = False
    for at in range(start, stop):
        if tokens[at] in _LOSSES:
            loss = True
        found = _number(tokens, at)
        if found is not None:
            return found[0], found[1], loss
    return None


def _last_figure(tokens: Sequence[str], start: int, stop: int) -> tuple[float, bool, bool] | None:
    for at in range(stop - 1, start - 1, -1):
        found = _number(tokens, at)
        if found is not None:
            loss = any(word in _LOSSES for word in tokens[max(start, at - 8) : at])
            return found[0], found[1], loss
    return None


def _signed(figure: tuple[float, bool, bool]) -> float:
    value, _, loss = figure
    return -abs(value) if loss else value


def _number(tokens: Sequence[str], at: int) -> tuple[float, bool] | None:
    """Return (value, is a share) if the token is a figure and not a year or a day."""
    word = tokens[at]
    if not word[-1:].isdigit() and not word.endswith("%"):
        return None
    bare = word.rstrip("%").replace(",", "")
    try:
        value = float(bare)
    except ValueError:
        return None
    unit = tokens[at + 1] if at + 1 < len(tokens) else ""
    share = word.endswith("%") or unit in _SHARES
    scale = _UNITS.get(unit, 1.0)
    if scale == 1.0 and not share and "." not in bare and 1900 <= value <= 2100:
        return None
    return value * scale, share
