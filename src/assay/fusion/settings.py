"""What a person may choose about fusion; saved with everything that is fitted."""

from dataclasses import asdict, dataclass
from typing import Any

from assay.core.errors import SettingsError


@dataclass(frozen=True, slots=True)
class FusionSettings:
    """How weights are learned, when a pool counts as proven, and where the tiers begin.

    `half_life_bars` is in bars of the producer's own timeframe. `cut_correlation` is the average
    correlation of evidence from which producers count as one. `learn_share` of the labelled rows
    comes before the first row of the proof, which is walked in `segments` refits. `level` is the
    one-sided error rate of the proof; `least_effective` the non-overlapping outcomes and
    `least_days` the days under which nothing is proven. `high` and `moderate` are scores,
    `low_agreement` an agreement, `least_family_weight` the weight with which a family counts,
    `least_present_weight` the share of the fitted weight that must be there for the proof to hold.
    `draws` bootstrap refits (from `seed`) give the interval.
    """

    half_life_bars: float = 4.0
    cut_correlation: float = 0.9
    learn_share: float = 1 / 3
    segments: int = 6
    level: float = 0.04
    least_effective: int = 200
    least_days: int = 10
    high: float = 80.0
    moderate: float = 60.0
    low_agreement: float = 25.0
    least_family_weight: float = 0.05
    least_present_weight: float = 0.5
    draws: int = 200
    seed: int = 0

    def __post_init__(self) -> None:
        shares = {
            "cut_correlation": self.cut_correlation,
            "learn_share": self.learn_share,
            "level": self.level,
        }
        for name, value in shares.items():
            if not 0.0 < value < 1.0:
                raise SettingsError(f"Fusion: {name} lies between 0 and 1; found {value}")
        for name in ("least_family_weight", "least_present_weight"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise SettingsError(f"Fusion: {name} lies in [0, 1]; found {getattr(self, name)}")
        if not self.half_life_bars > 0:
            raise SettingsError(
                f"Fusion: the half-life is above 0 bars; found {self.half_life_bars}"
            )
        if self.segments < 1 or self.draws < 20:
            raise SettingsError(
                f"Fusion: at least 1 segment and 20 draws are needed; found {self.segments} "
                f"and {self.draws}"
            )
        if not 0.0 <= self.low_agreement <= 100.0 or not 0 < self.moderate <= self.high <= 100:
            raise SettingsError(
                "Fusion: low_agreement lies in 0..100 and 0 < moderate <= high <= 100; found "
                f"{self.low_agreement}, {self.moderate} and {self.high}"
            )

    def plain(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        return asdict(self)
