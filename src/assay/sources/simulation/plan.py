"""Who is given what: the planted edges and the decoys, drawn before the first price."""

from dataclasses import dataclass
from enum import StrEnum

from assay.core.instruments import FX_PAIRS, KNOWN
from assay.core.values.instrument import AssetClass, Instrument
from assay.sources.simulation.chance import stream


class Kind(StrEnum):
    """Where the planted edge of an instrument can be found."""

    PRICE = "price"
    NEWS = "news"
    MACRO = "macro"
    NONE = "none"


class Decoy(StrEnum):
    """What looks like an edge and is none."""

    FIRST_HALF = "first_half"
    UNDER_COST = "under_cost"
    VOLATILITY = "volatility"
    FOLLOWS_PRICE = "follows_price"


class Form(StrEnum):
    """What sets a drift in motion."""

    NOTHING = "nothing"
    EVERY_BAR = "every_bar"
    LARGE_MOVES = "large_moves"
    DAY_SESSIONS = "day_sessions"
    SIGN = "sign"
    NEWS = "news"
    MACRO = "macro"


@dataclass(frozen=True, slots=True)
class Plan:
    """The part of one instrument.

    `sign` is +1 where the drift goes on with what set it in motion and -1 where it goes back;
    `weights` is the share of the drift that each following hour brings (sums to 1); `target` is
    the information coefficient it is made for; `words` say it to a person.
    """

    symbol: str
    kind: Kind
    decoy: Decoy | None
    form: Form
    sign: int
    weights: tuple[float, ...]
    target: float
    words: str

    @property
    def has_drift(self) -> bool:
        """Say whether prices are moved at all."""
        return self.form is not Form.NOTHING


PLANTED = (*[Kind.PRICE] * 4, *[Kind.NEWS] * 4, *[Kind.MACRO] * 2)
DECOYS = (*Decoy, Decoy.FIRST_HALF, Decoy.FOLLOWS_PRICE)
UNDER_COST_TARGET = 0.031
LOWEST_TARGET, HIGHEST_TARGET = 0.055, 0.0592
PATIENCE, LESS_AN_ATTEMPT, SMALLEST = 8, 0.012, 0.75
"""After so many attempts an edge that breaks a cap is made a little smaller each time."""
EVENT_DISCOUNT = 0.95
"""Edges of news and figures are rarer and larger: a little less, for the same hit rate."""

PRICE_EDGES: tuple[tuple[Form, int, tuple[float, ...], str], ...] = (
    (Form.LARGE_MOVES, -1, (1.0,), "an hour of more than 1 sigma is partly taken back in the next"),
    (Form.LARGE_MOVES, 1, (1.0,), "an hour of more than 1 sigma goes on in the next"),
    (Form.DAY_SESSIONS, -1, (1.0,), "moves of London and New York hours are partly taken back"),
    (Form.EVERY_BAR, 1, (0.8, 0.2), "each hour's move goes on for two hours"),
    (Form.EVERY_BAR, -1, (1.0,), "each hour's move is partly taken back in the next"),
)
NEWS_WEIGHTS = (0.45, 0.35, 0.2)
MACRO_HOURS = (2, 3)
NO_MACRO = "USDCAD"
"""Its two countries publish at the same minutes: too few hours of its own to plant anything in."""


def plan_of(seed: int, instrument: Instrument, attempt: int = 0) -> Plan:
    """Return the part of `instrument` under `seed`; it does not depend on who else takes part.

    Another `attempt` is another edge of the same kind, for when the realised one breaks a cap.
    """
    if instrument.symbol in KNOWN:
        kind, decoy = _known_parts(seed)[instrument.symbol]
    else:
        kind, decoy = _own_part(seed, instrument)
    return _filled(seed, instrument.symbol, kind, decoy, attempt)


def _known_parts(seed: int) -> dict[str, tuple[Kind, Decoy | None]]:
    """Return the parts of the known instruments: ten planted, six decoys, the rest nothing."""
    chance = stream(seed, "plan")
    order = [str(name) for name in chance.permutation(sorted(KNOWN))]
    pairs = [name for name in order if name in FX_PAIRS and name != NO_MACRO]
    macro = pairs[: PLANTED.count(Kind.MACRO)]
    others = [name for name in order if name not in macro]
    kinds = [kind for kind in PLANTED if kind is not Kind.MACRO]
    parts: dict[str, tuple[Kind, Decoy | None]] = dict.fromkeys(macro, (Kind.MACRO, None))
    parts |= {name: (kind, None) for name, kind in zip(others, kinds, strict=False)}
    rest = _under_cost_on_a_pair(others[len(kinds) :])
    parts |= {name: (Kind.NONE, decoy) for name, decoy in zip(rest, DECOYS, strict=False)}
    return parts | dict.fromkeys(rest[len(DECOYS) :], (Kind.NONE, None))


def _under_cost_on_a_pair(rest: list[str]) -> list[str]:
    """Return `rest` with a pair in the place of the edge under its costs.

    A coin's volatility can rise so far that even that edge would pay now and then.
    """
    place = DECOYS.index(Decoy.UNDER_COST)
    pair = next(index for index in range(place, len(rest)) if rest[index] in FX_PAIRS)
    rest[place], rest[pair] = rest[pair], rest[place]
    return rest


def _own_part(seed: int, instrument: Instrument) -> tuple[Kind, Decoy | None]:
    """Return the part of an instrument outside the known ones: half of them have nothing."""
    draw = float(stream(seed, "plan", instrument.symbol).random())
    if draw < 0.25:
        return Kind.PRICE, None
    if draw < 0.5:
        is_pair = instrument.asset_class is AssetClass.FX
        return (Kind.MACRO if is_pair and draw < 0.3 else Kind.NEWS), None
    decoys = tuple(Decoy)
    index = int((draw - 0.5) / 0.05)
    return Kind.NONE, decoys[index] if index < len(decoys) else None


def _filled(seed: int, symbol: str, kind: Kind, decoy: Decoy | None, attempt: int) -> Plan:
    chance = stream(seed, "plan", symbol, "edge", str(attempt))
    target = float(chance.uniform(LOWEST_TARGET, HIGHEST_TARGET))
    target *= max(SMALLEST, 1.0 - LESS_AN_ATTEMPT * max(0, attempt - PATIENCE))
    form, sign, weights, words = PRICE_EDGES[int(chance.integers(len(PRICE_EDGES)))]
    if kind is Kind.NEWS:
        form, sign, weights, target = Form.NEWS, 1, NEWS_WEIGHTS, EVENT_DISCOUNT * target
        words = "the tone of a headline moves the price for three hours after it is first seen"
    elif kind is Kind.MACRO:
        form, target = Form.MACRO, EVENT_DISCOUNT * target
        sign = 1 if chance.random() < 0.7 else -1
        hours = int(chance.choice(MACRO_HOURS))
        weights = tuple([1.0 / hours] * hours)
        goes = "goes on" if sign > 0 else "is taken back"
        words = f"the answer to a surprise in either currency's figures {goes} for {hours} hours"
    elif kind is Kind.NONE:
        form, sign, weights, words, target = _decoy(decoy, (form, sign, weights, words, target))
    return Plan(symbol, kind, decoy, form, sign, weights, target, words)


Edge = tuple[Form, int, tuple[float, ...], str, float]


def _decoy(decoy: Decoy | None, edge: Edge) -> Edge:
    form, sign, weights, words, target = edge
    if decoy is Decoy.FIRST_HALF:
        return form, sign, weights, f"in the first half only, {words}; nothing after", target
    if decoy is Decoy.UNDER_COST:
        said = "each hour's move is partly taken back in the next, by less than a trade costs"
        return Form.SIGN, -1, (1.0,), said, UNDER_COST_TARGET
    said = {
        None: "nothing is planted",
        Decoy.VOLATILITY: "large moves make the next hours wilder, in no direction",
        Decoy.FOLLOWS_PRICE: "headlines tell what the price has done, not what it will do",
    }[decoy]
    return Form.NOTHING, 1, (1.0,), said, 0.0
