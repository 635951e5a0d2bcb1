"""What the news of late said, the newest loudest."""

from dataclasses import dataclass
from typing import ClassVar

from assay.features.contract import Frames, Group, Input
from assay.features.recursive import Recursive, half_life_weight
from assay.features.windows import Parts


@dataclass(frozen=True, slots=True)
class ToneDecay(Recursive):
    """S / (N + 1), S the decayed sum of scores, N the decayed number of stories, in [-1, 1].

    Both halve every h bars, for each h of `half_lives`; the 1 is one story without tone, so that
    a single old one does not shout. Source: news momentum by exponential decay, Uhl (2014).
    """

    half_lives: tuple[int, ...] = (4, 24)
    group: ClassVar[Group] = Group.SENTIMENT
    inputs: ClassVar[frozenset[Input]] = frozenset({Input.STORIES})

    @property
    def lookback(self) -> int:
        """See `Feature.lookback`."""
        return 1

    @property
    def names(self) -> tuple[str, ...]:
        """See `Feature.names`."""
        return tuple(f"tone_decay_{half_life}" for half_life in self.half_lives)

    @property
    def weights(self) -> tuple[float, ...]:
        """See `Recursive.weights`: scores, then numbers, a pair for each half-life."""
        return tuple(half_life_weight(h) for h in self.half_lives for _ in range(2))

    @property
    def seeds(self) -> tuple[float | None, ...]:
        """See `Recursive.seeds`."""
        return (0.0,) * len(self.weights)

    def drives(self, frames: Frames) -> Parts:
        """See `Recursive.drives`."""
        pair = frames.numbers(Input.STORIES, "score_sum"), frames.numbers(Input.STORIES, "count")
        return pair * len(self.half_lives)

    def read(self, frames: Frames, first: Parts, second: Parts) -> Parts:
        """See `Recursive.read`; an average divided by its weight is the decayed sum."""
        return tuple(
            score / (number + weight)
            for score, number, weight in zip(
                first[::2], first[1::2], self.weights[::2], strict=True
            )
        )
