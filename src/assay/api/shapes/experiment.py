"""How runs of experiments are answered: in a line, whole, and side by side."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Self

from fastapi import Path
from pydantic import BaseModel, Field, JsonValue

from assay.api.shapes.common import LEVEL, PRINTED, Basis, Figure, Number, Unit, as_json

ESTIMATES = (
    ("net_sharpe", "Net Sharpe", Unit.RATIO),
    ("net_return", "Net return", Unit.SHARE),
    ("drawdown", "Deepest drawdown", Unit.SHARE),
)
COUNTS = ("trades", "won", "long", "ambiguous", "stopped", "answered", "asked")
BY_SEED = ("net_sharpe_by_seed", "hit_rate", "log_loss_gain", "information_coefficient", *COUNTS)
Seeds = dict[str, Number]
"""One number a seed, by the seed."""

RunInPath = Annotated[
    str,
    Path(
        max_length=80,
        pattern=PRINTED,
        description="The id of a run, or how only one begins.",
        examples=["trial-e38aed4c49ea"],
    ),
]


class RunRow(BaseModel):
    """One run of an experiment in a few words; failed ones count like any other."""

    no: int = Field(description="Its place in the ledger of trials.", examples=[12])
    id: str = Field(examples=["trial-e38aed4c49ea"])
    title: str = Field(examples=["drift-goes-on (ridge)"])
    name: str = Field(description="Of its experiment.", examples=["drift-goes-on"])
    tag: str = Field(description="What sets it apart from its siblings.", examples=["ridge"])
    family: str = Field(description="What it is judged with.", examples=["drift"])
    status: str = Field(examples=["finished", "failed", "running", "aborted"])
    reason: str | None = Field(description="Why it failed or was stopped.")
    started_at: datetime
    finished_at: datetime | None
    seconds: Number
    simulated: bool | None = Field(description="Of simulated bars; null until it has finished.")
    net_sharpe: Figure | None = Field(description="Out of sample; null until it has finished.")
    primary_metric: str = Field(description="What its family is compared by.")
    primary: Number
    verdict: str | None = Field(
        description="What the gate said last: FAIL, INSUFFICIENT, PAPER, PILOT or LIVE.",
        examples=["FAIL"],
    )

    @classmethod
    def told(cls, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of a run in a few words."""
        found = {name: row[name] for name in RunRow.model_fields}
        ratio = found["net_sharpe"]
        if ratio:
            found["net_sharpe"] = _figure(ratio, *ESTIMATES[0], simulated=row["simulated"])
        return found


class CountedRun(RunRow):
    """A run of a list."""

    tried_in_family: int = Field(
        description="Configurations ever tried in its family: the gate corrects for them.",
        examples=[5],
    )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return a row of the list."""
        return cls(**cls.told(row), tried_in_family=row["tried_in_family"])


class RunFigures(BaseModel):
    """What a run found, out of sample and after costs."""

    days: int = Field(examples=[820])
    folds: int | None
    simulated: bool
    basis: Basis = Basis.OUT_OF_SAMPLE
    figures: list[Figure]
    p_value: Number = Field(description="Of its net Sharpe, uncorrected for what else was tried.")
    sharpe: dict[str, Number] = Field(
        description="Under other costs and delays, and of the baselines.",
        examples=[{"net": 0.4, "gross": 0.9, "double": -0.1, "delayed": 0.3, "hold": 0.2}],
    )
    inside: Number = Field(description="Share of outcomes inside the outermost quantiles.")
    by_seed: dict[str, Seeds] = Field(
        description="By name, then by seed.", examples=[{"hit_rate": {"1": 0.52, "2": 0.51}}]
    )

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """Return the figures that were kept of a run."""
        simulated = bool(found.get("simulated"))
        return cls(
            days=found["days"],
            folds=found.get("folds"),
            simulated=simulated,
            figures=[_figure(found[one[0]], *one, simulated=simulated) for one in ESTIMATES],
            p_value=found.get("p_value"),
            sharpe=found["sharpe"],
            inside=found.get("inside"),
            by_seed={name: found[name] for name in BY_SEED if name in found},
        )


class RunFold(BaseModel):
    """One finished fold with one seed; shares are null where nothing was judged."""

    fold: int
    seed: int
    first_day: date
    last_day: date
    days: int
    net_return: Number = Field(examples=[0.031])
    trades: int
    won: int
    hit_rate: Number
    log_loss_gain: Number = Field(description="Over climatology, nats a row.")
    seconds: float
    peak_mb: Number
    finished_by: str = Field(description="The run that computed it; runs share equal work.")


class SearchTry(BaseModel):
    """One try of a search inside a fold; `scores` are of its inner folds, less is better."""

    fold: int
    state: str = Field(examples=["finished", "pruned", "failed"])
    reason: str | None
    settings: dict[str, JsonValue] = Field(examples=[{"rows_needed": 80}])
    scores: list[Number]


class RunOut(CountedRun):
    """Everything about one run, so that it can be understood and repeated."""

    hypothesis: str
    file: str = Field(description="The experiment file as it was written.")
    configuration: dict[str, JsonValue] = Field(description="What was asked, every default said.")
    profile: str = Field(description="How hard the gate was.", examples=["standard"])
    seeds: list[int]
    code_version: str = Field(examples=["0.1.0+d3fefe92ad7e"])
    uncommitted_lines: int | None = Field(description="Of code beyond that version.")
    data_fingerprint: str
    libraries: dict[str, str]
    machine: dict[str, JsonValue]
    peak_mb: Number
    figures: RunFigures | None
    folds: list[RunFold]
    tries: list[SearchTry] = Field(description="Of its search, if it had one.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return one run whole."""
        return cls(
            **{name: row[name] for name in _AS_THEY_ARE},
            **cls.told(row),
            configuration=as_json(row["configuration"]),
            machine=as_json(row["machine"]),
            figures=RunFigures.of(row["figures"]) if row["figures"] else None,
        )


_AS_THEY_ARE = (
    "hypothesis", "file", "profile", "seeds", "code_version", "uncommitted_lines", "libraries",
    "data_fingerprint", "peak_mb", "folds", "tried_in_family", "tries",
)  # fmt: skip


class Compared(RunRow):
    """A run beside others."""

    days: int
    first_day: date | None
    last_day: date | None
    figures: RunFigures | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return a run of a comparison."""
        return cls(
            **cls.told(row),
            **{name: row[name] for name in ("days", "first_day", "last_day")},
            figures=RunFigures.of(row["figures"]) if row["figures"] else None,
        )


class Difference(BaseModel):
    """A setting in which the runs differ, with the value of each, in their order."""

    key: str = Field(examples=["model.name"])
    values: list[JsonValue] = Field(examples=[["ridge", "momentum"]])


class Paired(BaseModel):
    """The mean difference of two runs' daily net returns, on the days that both have."""

    first: str = Field(examples=["trial-e38aed4c49ea"])
    second: str = Field(examples=["trial-b45c6481615d"])
    value: Number = Field(description="The first's less the second's, a share of equity a day.")
    low: Number
    high: Number
    level: float = LEVEL
    n: int = Field(description="Days that both have; under 2 there is no figure.")
    basis: Basis = Basis.OUT_OF_SAMPLE
    simulated: bool


class Comparison(BaseModel):
    """Runs side by side."""

    runs: list[Compared]
    differences: list[Difference]
    remarks: list[str] = Field(description="What makes this no plain comparison.")
    paired: list[Paired] = Field(description="The first run and each other.")

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """Return a comparison."""
        simulated = any(one["simulated"] for one in found["runs"])
        return cls(
            runs=[Compared.of(one) for one in found["runs"]],
            differences=[Difference(**one) for one in found["differences"]],
            remarks=found["remarks"],
            paired=[
                Paired(n=one["days"], simulated=simulated, **{k: one[k] for k in _PAIRED})
                for one in found["paired"]
            ],
        )


_PAIRED = ("first", "second", "value", "low", "high")


def _figure(
    estimate: Mapping[str, Any], name: str, title: str, unit: Unit, *, simulated: bool | None
) -> Figure:
    """Return a figure of a run: every fold is judged on what it never learned from."""
    return Figure.of_estimate(
        estimate,
        name=name,
        title=title,
        of="run",
        unit=unit,
        basis=Basis.OUT_OF_SAMPLE,
        simulated=simulated,
    )
