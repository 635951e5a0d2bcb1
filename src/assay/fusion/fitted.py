"""A fitted fusion: plain numbers, named by their content."""

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import ArtefactError
from assay.core.ids import canonical, digest
from assay.core.values.conviction import Evidence
from assay.core.values.timeframe import Timeframe
from assay.fusion.combine import Learned
from assay.fusion.evidence import Floats, Integers, Producer
from assay.fusion.proof import Proof
from assay.fusion.rivals import Compared, Contest
from assay.fusion.settings import FusionSettings

FORMAT = 2
"""Raised whenever the meaning of a field changes."""


@dataclass(frozen=True)
class FittedFusion:
    """What `fit` learned about one instrument on one fuse span; an artefact of its own.

    One entry a producer: `slope`, `skill`, `strength`, `cluster` (-1: weighs nothing), `share` (in
    its cluster), with errors. `correlation` is between clusters. `base` is the climatology used
    where a moment has none. `covariance` is of the base's shift and of the weighing producers'
    coefficients. `score_values` are absolute log-odds less the base, increasing, at
    `score_percentiles` 0..100 of the fuse span. `tau` is the evidence (log-odds) a side must carry
    to be heard in a disagreement. `first` and `last` are the span's decision times, UTC
    microseconds; `effective_outcomes` those that do not overlap. `promoted` names the artefacts
    that had passed the gate, None where there was none yet. `contests` are those between champions
    and challengers that it was fitted after.
    """

    symbol: str
    timeframe: Timeframe
    horizon_bars: int
    producers: tuple[Producer, ...]
    horizon_minutes: tuple[float, ...]
    slope: tuple[float, ...]
    slope_error: tuple[float, ...]
    skill: tuple[float, ...]
    skill_error: tuple[float, ...]
    strength: tuple[float, ...]
    cluster: tuple[int, ...]
    share: tuple[float, ...]
    correlation: tuple[tuple[float, ...], ...]
    effective: float
    kappa: float
    base: float
    covariance: tuple[tuple[float, ...], ...]
    score_values: tuple[float, ...]
    score_percentiles: tuple[float, ...]
    tau: float
    proof: Proof
    proven: bool
    rows: int
    effective_outcomes: int
    first: int
    last: int
    promoted: tuple[str, ...] | None
    settings: FusionSettings
    contests: tuple[Contest, ...] = ()

    @cached_property
    def id(self) -> str:
        """Return the name made from the content (SHA-256, hex)."""
        return digest(self.plain())

    @property
    def evidence(self) -> Evidence:
        """Return PROVEN, UNPROVEN, or NONE where no producer weighs."""
        if self.proven:
            return Evidence.PROVEN
        return Evidence.UNPROVEN if max(self.cluster, default=-1) >= 0 else Evidence.NONE

    @cached_property
    def learned(self) -> Learned:
        """Return the learned numbers as arrays."""
        return Learned(
            np.array(self.slope),
            np.array(self.slope_error),
            np.array(self.skill),
            np.array(self.skill_error),
            np.array(self.strength),
            np.array(self.cluster, dtype=np.int64),
            np.array(self.share),
            np.array(self.correlation).reshape((len(self.correlation),) * 2),
            self.effective,
            self.kappa,
        )

    @cached_property
    def families(self) -> tuple[Integers, ...]:
        """Return which producers are of each family."""
        names = sorted({p.family for p in self.producers})
        return tuple(np.flatnonzero([p.family == name for p in self.producers]) for name in names)

    @cached_property
    def timeframes(self) -> tuple[Timeframe, ...]:
        """Return the timeframes that the producers are on, the shortest first."""
        return tuple(sorted({p.timeframe for p in self.producers}, key=tuple(Timeframe).index))

    @cached_property
    def on_timeframe(self) -> NDArray[np.bool_]:
        """Return which producers are on each of `timeframes`: (timeframes, M)."""
        return np.array([[p.timeframe is t for p in self.producers] for t in self.timeframes])

    @cached_property
    def horizons(self) -> Floats:
        """Return `horizon_minutes` as an array (M,)."""
        return np.array(self.horizon_minutes)

    @cached_property
    def scores(self) -> tuple[Floats, Floats]:
        """Return `score_values` and `score_percentiles` as arrays."""
        return np.array(self.score_values), np.array(self.score_percentiles)

    @cached_property
    def covariance_array(self) -> Floats:
        """Return `covariance` as an array (1 + k, 1 + k)."""
        return np.array(self.covariance)

    def plain(self) -> dict[str, Any]:
        """Return everything as JSON-ready data, with the format's number."""
        told = asdict(self)
        if not self.contests:  # fusions from before there were any keep their names
            del told["contests"]
        return {"format": FORMAT, **told}

    def to_json(self) -> str:
        """Return the one JSON text of this fusion."""
        return canonical(self.plain()).decode()

    @staticmethod
    def from_json(text: str, *, expected_id: str | None = None) -> "FittedFusion":
        """Read what `to_json` wrote; one that is damaged, of another format or id is refused."""
        try:
            data = json.loads(text)
            if data.pop("format") != FORMAT:
                raise ArtefactError(f"A fitted fusion was of another format than {FORMAT}; refit")
            fused = _built(data)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ArtefactError(f"A fitted fusion could not be read: {error}; refit it") from error
        if expected_id is not None and fused.id != expected_id:
            raise ArtefactError(
                f"The fitted fusion of {fused.symbol} was altered: its content is {fused.id[:12]}, "
                f"its name {expected_id[:12]}; refit it"
            )
        return fused


def _built(data: dict[str, Any]) -> FittedFusion:
    producers = tuple(
        Producer(p["member"], p["family"], Timeframe(p["timeframe"]), p["artefact"])
        for p in data.pop("producers")
    )
    contests = tuple(
        Contest(
            each["member"],
            Timeframe(each["timeframe"]),
            each["champion"],
            each["challenger"],
            Compared(**each["found"]),
        )
        for each in data.pop("contests", ())
    )
    proof = data.pop("proof")
    proof["kappas"] = tuple(proof["kappas"])
    return FittedFusion(
        timeframe=Timeframe(data.pop("timeframe")),
        producers=producers,
        proof=Proof(**proof),
        settings=FusionSettings(**data.pop("settings")),
        contests=contests,
        **{name: _tupled(value) for name, value in data.items()},
    )


def _tupled(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    return tuple(_tupled(item) for item in value) if isinstance(value, list) else value
