"""How the figures came out against what was expected, fading."""

from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.recursive import Recursive, half_life_weight
from assay.features.windows import Parts


@dataclass(frozen=True, slots=True)
class Surprise(Recursive):
    """Decayed sum of (surprises of the base currency - those of the quote currency), within ±20.

    Standardised as the join does it; halved every h bars, for each h of `half_lives`; 0 before the
    first. Source: announcement surprises in exchange rates, Andersen, Bollerslev, Diebold & Vega
    (2003).
    """

    half_lives: tuple[int, ...] = (4, 24)
    group: ClassVar[Group] = Group.MACRO
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.MACRO})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return tuple(f"surprise_{half_life}" for half_life in self.half_lives)

    @property
    def weights(self) -> tuple[float, ...]:
        """See `Recursive.weights`."""
        return tuple(half_life_weight(half_life) for half_life in self.half_lives)

    @property
    def seeds(self) -> tuple[float | None, ...]:
        """See `Recursive.seeds`."""
        return (0.0,) * len(self.weights)

    def drives(self, frames: Frames) -> Parts:
        """See `Recursive.drives`."""
        net = frames.numbers(Input.MACRO, "surprise_base") - frames.numbers(
            Input.MACRO, "surprise_quote"
        )
        return (net,) * len(self.half_lives)

    def read(self, frames: Frames, first: Parts, second: Parts) -> Parts:
        """See `Recursive.read`; an average divided by its weight is the decayed sum."""
        sums = (average / weight for average, weight in zip(first, self.weights, strict=True))
        return tuple(decayed.clip(-20.0, 20.0) for decayed in sums)
