"""What each source can give, on which terms, and whether its key is there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assay.core.names import unknown
from assay.core.values.instrument import AssetClass
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import Limit
from assay.workflows.desk import Desk
from assay.workflows.syncing.feeds import ALIASES, BY_VENUE, variable

ANY_VENUE = f"{BY_VENUE}:exchange"
"""Stands for all of ccxt's exchanges."""


@dataclass(frozen=True, slots=True)
class Offered:
    """One source of "bars", "news" or "figures" (`gives`): see `Abilities` and its like.

    `key` says whether its secrets were found: "present", "missing", "optional" (missing, and it
    answers all the same) or "none needed"; `variables` are where they are looked for. `used` is
    how much of each of `limits` is used up now. `a_call` is how many bars or stories one call
    gives, None where that is not told.
    """

    name: str
    gives: str
    title: str
    bars: Mapping[str, tuple[Timeframe, ...]]
    live: Mapping[str, tuple[Timeframe, ...]]
    key: str
    variables: tuple[str, ...]
    limits: tuple[Limit, ...]
    used: tuple[int, ...]
    a_call: int | None
    adjusted: bool
    licence: str
    document: str
    sign_up: str

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        plain = {n: getattr(self, n) for n in self.__dataclass_fields__}
        return {**plain, "limits": [[one.calls, one.seconds] for one in self.limits]}


def offered(desk: Desk, names: Iterable[str] = ()) -> list[Offered]:
    """Return what the sources called `names` give, all of them by default; asks nobody.

    A source of several kinds of data is there once for each; an exchange such as `ccxt:kraken`
    gives what is known of it. An unknown name is a `NotFoundError`.
    """
    reach, names = desk.reach, tuple(names)
    venues = [name for name in names if name.startswith(f"{BY_VENUE}:") and name != ANY_VENUE]
    every = [
        *((name, "bars", reach.kind(_asked(name)).abilities) for name in reach.names()),
        *((name, "bars", reach.provider(name).abilities) for name in venues),
        *((name, "news", reach.news_kind(name).abilities) for name in reach.news_names()),
        *((name, "figures", reach.macro_kind(name).abilities) for name in reach.macro_names()),
    ]
    wanted = [BY_VENUE if name == ANY_VENUE else ALIASES.get(name, name) for name in names]
    known = {name for name, _, _ in every}
    for name in wanted:
        if name not in known:
            raise unknown("source", name, known, listed_by="assay data sources")
    return [_one(desk, *one) for one in every if not wanted or one[0] in wanted]


def _asked(name: str) -> str:
    """Return a name that can be asked for: ccxt's exchanges have one each."""
    return ANY_VENUE if name == BY_VENUE else name


def _one(desk: Desk, name: str, gives: str, abilities: Any) -> Offered:  # noqa: ANN401 - of each kind
    variables = tuple(variable(name, one) for one in abilities.keys)
    terms = desk.reach.terms.get(name)
    limits = abilities.limits if terms is None or terms.limits is None else terms.limits
    return Offered(
        name=_asked(name),
        gives=gives,
        title=abilities.title,
        bars=_by_kind(getattr(abilities, "bars", {})),
        live=_by_kind(getattr(abilities, "live", {})),
        key=_key(desk, variables, is_optional=abilities.key_optional),
        variables=variables,
        limits=limits,
        used=tuple(desk.reach.used(_asked(name), limits, abilities)),
        a_call=getattr(abilities, "bars_a_call", getattr(abilities, "a_call", None)),
        adjusted=getattr(abilities, "adjusted", False),
        licence=abilities.licence,
        document=abilities.document,
        sign_up=abilities.sign_up,
    )


def _key(desk: Desk, variables: tuple[str, ...], *, is_optional: bool) -> str:
    if not variables:
        return "none needed"
    if all(desk.secret(one) for one in variables):
        return "present"
    return "optional" if is_optional else "missing"


def _by_kind(bars: Mapping[AssetClass, Iterable[Timeframe]]) -> dict[str, tuple[Timeframe, ...]]:
    """Return timeframes by kind of instrument, the shortest first."""
    return {
        kind.value: tuple(sorted(bars[kind], key=lambda one: one.minutes))
        for kind in AssetClass
        if bars.get(kind)
    }
