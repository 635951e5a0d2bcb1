"""What a sizing rule is: bets in, fractions of the equity at risk out."""

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import DataError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bets:
    """n bets, each seen from the side that is taken.

    `probability` (n,) is of the move going that side, `low` its lower 5 % bound and `base` its
    climatology. `stop`, `target` and `cost` (a round trip) are fractions of the price, above 0
    (`cost` may be 0). `volatility` is the annual standard deviation of log returns. NaN in any of
    them means that the bet cannot be sized.
    """

    probability: Floats
    low: Floats
    base: Floats
    stop: Floats
    target: Floats
    cost: Floats
    volatility: Floats

    def __post_init__(self) -> None:
        sizes = {name: len(getattr(self, name)) for name in self.__dataclass_fields__}
        if len(set(sizes.values())) > 1:
            raise DataError(f"Bets need as many numbers of each kind; found {sizes}")

    def __len__(self) -> int:
        return len(self.probability)

    @property
    def complete(self) -> NDArray[np.bool_]:
        """Return (n,): which bets have every number, and distances above 0."""
        finite = [np.isfinite(getattr(self, name)) for name in self.__dataclass_fields__]
        return np.asarray(
            np.logical_and.reduce(finite)
            & (self.stop > 0)
            & (self.target > 0)
            & (self.cost >= 0)
            & (self.volatility > 0)
        )


class Sizing(ABC):
    """A frozen dataclass whose fields are its settings.

    The promises, checked for every rule by the contract tests: a fraction lies in [0, `cap`]; an
    incomplete bet gets 0; each bet is sized by itself; the fraction never rises when the
    probability moves toward the base, when costs rise, or when volatility rises.
    """

    cap: float

    @abstractmethod
    def fractions(self, bets: Bets) -> Floats:
        """Return (n,): the fraction of the equity lost if the stop is hit at its price."""

    def settings(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        return asdict(self)  # type: ignore[call-overload,no-any-return]
