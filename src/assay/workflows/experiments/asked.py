"""What an experiment file may say, key by key; `reading` makes it from text."""

import dataclasses
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal, Self, get_type_hints

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from assay.core.errors import UserError
from assay.core.names import nearest
from assay.core.values.timeframe import Timeframe
from assay.features.catalog import FEATURES
from assay.features.contract import Group
from assay.models.catalog import MEMBERS
from assay.models.contract import Member as MemberKind
from assay.risk.catalog import SIZINGS
from assay.workflows.experiments.units import ATR, Atr, Bars, BasisPoints, Duration, Share, Sigma

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")]
Text = Annotated[str, Field(min_length=20, max_length=2000)]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]
APART = ("name", "hypothesis", "family", "primary_metric", "seeds", "gate", "lock_box")
"""What a trial may differ in and still be the same trial."""
Metric = Literal["net_sharpe", "net_return", "log_loss_gain", "information_coefficient"]


def _known(catalog: Any, what: str) -> AfterValidator:  # noqa: ANN401 - any catalogue
    def check(name: str) -> str:
        if name not in catalog.names():
            raise ValueError(f"names no {what}: {name!r}{nearest(name, catalog.names())}")
        return name

    return AfterValidator(check)


def _in_order(values: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    """Return names in the order of the alphabet: another order asks the same."""
    return None if values is None else tuple(sorted(values, key=str))


Sorted = AfterValidator(_in_order)
Feature = Annotated[str, _known(FEATURES, "feature")]
Member = Annotated[str, _known(MEMBERS, "model")]
Sizing = Annotated[str, _known(SIZINGS, "sizing rule")]


def _made(kind: type[Any], name: str, settings: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any plug-in
    """Return the plug-in `kind` with `settings`, each of its type; else a `ValueError`."""
    hints = get_type_hints(kind)
    fields = [each.name for each in dataclasses.fields(kind)]
    for key, value in settings.items():
        if key not in fields:
            raise ValueError(f"{name} has no setting {key!r}{nearest(key, fields)}")
        try:
            TypeAdapter(hints[key]).validate_python(value, strict=not isinstance(value, list))
        except ValidationError as error:
            said = error.errors()[0]["msg"].lower()
            raise ValueError(f"{name}.{key} is {value!r}: {said}") from error
    try:
        return kind(**settings)
    except UserError as error:
        raise ValueError(str(error)) from error


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Data(_Part):
    """Which history is looked at."""

    instruments: Annotated[tuple[str, ...], Field(min_length=1), Sorted] = Field(
        description="Symbols, as stored: EURUSD, XAUUSD, BTC-USD."
    )
    timeframe: Timeframe = Field(description="The bars that are decided on.")
    start: date | None = Field(
        default=None, alias="from", description="First day; the first stored one if left out."
    )
    end: date | None = Field(
        default=None, alias="to", description="Last day; the last stored one if out."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        doubled = {s for s in self.instruments if self.instruments.count(s) > 1}
        if doubled:
            raise ValueError(f"names {', '.join(sorted(doubled))} twice")
        if self.start and self.end and self.end <= self.start:
            raise ValueError(f"ends on {self.end}, before it begins on {self.start}")
        return self


class Features(_Part):
    """What a model may read."""

    set: Literal["standard", "full"] = Field(
        default="standard", description="As listed by `assay features list --set`."
    )
    groups: Annotated[tuple[Group, ...] | None, Sorted] = Field(
        default=None, description="Only these groups; all if out."
    )
    only: Annotated[tuple[Feature, ...] | None, Sorted] = Field(
        default=None, description="Only these features."
    )
    without: Annotated[tuple[Feature | Group, ...], Sorted] = Field(
        default=(), description="Features or groups left out."
    )


class Direction(_Part):
    """Whether the price rose or fell: two classes."""

    kind: Literal["direction"]
    horizon: Bars = Field(description="How many bars ahead.")


class ThreeClass(_Part):
    """Down, flat or up: three classes."""

    kind: Literal["three_class"]
    horizon: Bars
    band: Sigma = Field(default=0.25, ge=0, le=3, description="Half the width of flat.")


class Quantiles(_Part):
    """The whole distribution of the return over the horizon, by its quantiles."""

    kind: Literal["quantiles"]
    horizon: Bars


class TripleBarrier(_Part):
    """Which comes first after the next open: profit target, stop, or the holding period's end."""

    kind: Literal["triple_barrier"]
    profit_target: Atr = Field(default=3.0, gt=0, le=50)
    stop: Atr = Field(default=2.0, gt=0, le=50)
    holding_period: Bars = 12


Label = Annotated[Direction | ThreeClass | Quantiles | TripleBarrier, Field(discriminator="kind")]


class Model(_Part):
    """Which member learns, with which hyper-parameters; what is left out is its own default."""

    name: Member = Field(description="A member, as in the reference of members: ridge, lightgbm …")
    settings: Mapping[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _settable(self) -> Self:
        _made(MEMBERS.get(self.name), self.name, self.settings)
        return self

    def make(self, **further: Any) -> MemberKind:  # noqa: ANN401 - its settings
        """Return the member, `further` settings laid over its own."""
        made: MemberKind = _made(MEMBERS.get(self.name), self.name, {**self.settings, **further})
        return made


class Trade(_Part):
    """How what a model says becomes a position: the same rules as everywhere else."""

    act_on: Share = Field(
        default=0.2, gt=0, le=1, description="The most decided share of bars, by the fuse span."
    )
    sides: Literal["both", "long", "short"] = "both"
    stop: Atr | None = Field(default=None, gt=0, le=50, description="The label's own, else 2 atr.")
    profit_target: Atr | None = Field(
        default=None, gt=0, le=50, description="The label's own, else 3 atr."
    )
    holding_period: Bars | None = Field(
        default=None, description="The label's own length if left out."
    )
    cost_multiple: float = Field(
        default=0.0, ge=0, le=100, description="The expected move must exceed so many round trips."
    )
    sizing: Sizing = "fixed_fraction"
    sizing_settings: Mapping[str, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _sizable(self) -> Self:
        _made(SIZINGS.get(self.sizing), self.sizing, self.sizing_settings)
        return self


class Costs(_Part):
    """What a fill costs: what is assumed for the kind of market, times a factor, or one's own."""

    times: float = Field(default=1.0, gt=0, le=100, description="Times the assumed costs.")
    fee: BasisPoints | None = Field(default=None, ge=0, le=1000, description="A side.")
    half_spread: BasisPoints | None = Field(default=None, ge=0, le=1000)
    slippage: BasisPoints | None = Field(default=None, ge=0, le=1000)


class Splits(_Part):
    """How history is cut into what is learned from and what is tested on."""

    kind: Literal["expanding", "rolling", "chronological", "combinatorial"] = "expanding"
    folds: int = Field(default=4, ge=1, le=100, description="Tests in a walk forward.")
    tested: Share = Field(default=0.5, gt=0, lt=1, description="How much of history is tested.")
    embargo: Duration = Field(default=timedelta(days=2), description="Left out between two spans.")
    groups: int = Field(default=10, ge=3, le=20, description="Of a combinatorial split.")
    test_groups: int = Field(default=2, ge=1, le=10, description="Of a combinatorial split.")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.test_groups >= self.groups:
            raise ValueError(
                f"tests {self.test_groups} of {self.groups} groups, which leaves none to learn from"
            )
        return self


class Choice(_Part):
    """One axis of a search: whole numbers, numbers, or choices."""

    whole: tuple[int, int] | None = Field(default=None, description="From and to, both included.")
    number: tuple[float, float] | None = Field(default=None, description="From and to.")
    choice: tuple[Any, ...] | None = Field(default=None, min_length=2)
    log: bool = Field(default=False, description="Even in the logarithm.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [n for n in ("whole", "number", "choice") if getattr(self, n) is not None]
        if len(given) != 1:
            raise ValueError(
                f"is one of whole, number or choice; found {', '.join(given) or 'none'}"
            )
        ends = self.whole or self.number
        if ends and not ends[0] < ends[1]:
            raise ValueError(f"goes from {ends[0]} to {ends[1]}; the second must be larger")
        if self.log and (not ends or ends[0] <= 0):
            raise ValueError("is even in the logarithm, so both its ends must be above 0")
        return self


class Search(_Part):
    """Hyper-parameters to be chosen, inside the training span alone; every try is counted."""

    tries: int = Field(default=20, ge=2, le=1000)
    space: Annotated[Mapping[str, Choice], Field(min_length=1)] = Field(
        description="By the name of the model's setting."
    )
    inner_folds: int = Field(default=3, ge=2, le=10)
    pruned: bool = Field(default=True, description="Give a try up when it lags behind.")


class LockBox(_Part):
    """History that the family keeps from all choosing; only a counted look may touch it."""

    start: date = Field(alias="from", description="First day that is kept away.")
    end: date | None = Field(default=None, alias="to", description="Last day; the last stored one.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end and self.end <= self.start:
            raise ValueError(f"ends on {self.end}, before it begins on {self.start}")
        return self


class Experiment(_Part):
    """One hypothesis, ready to run: all that may change its result, and no more."""

    name: Slug
    hypothesis: Text = Field(description="What is thought to be true, and why, in words.")
    family: Slug = Field(
        description="Experiments that ask the same question; they are judged together."
    )
    primary_metric: Metric = "net_sharpe"
    data: Data
    features: Features = Features()
    label: Label
    model: Model
    trade: Trade = Trade()
    costs: Costs = Costs()
    splits: Splits = Splits()
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1, max_length=100)] = (1, 2, 3, 4, 5)
    gate: Slug = "standard"
    search: Search | None = None
    lock_box: LockBox | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if len(set(self.seeds)) != len(self.seeds):
            raise ValueError(f"names a seed twice: {', '.join(map(str, self.seeds))}")
        if isinstance(self.label, TripleBarrier):
            for name, own in (
                ("stop", self.label.stop),
                ("profit_target", self.label.profit_target),
            ):
                asked = getattr(self.trade, name)
                if asked is not None and asked != own:
                    raise ValueError(
                        f"trades a {name} of {asked:g} atr, but the label was made with {own:g} "
                        "atr: a model that learned other exits answers another question"
                    )
        if self.lock_box and self.data.start and self.lock_box.start <= self.data.start:
            raise ValueError(
                f"keeps everything from {self.lock_box.start} in its lock box, but its data begin "
                f"on {self.data.start}"
            )
        if self.search:
            fields = [f.name for f in dataclasses.fields(self.model.make())]  # type: ignore[arg-type]
            for key in self.search.space:
                if key not in fields:
                    raise ValueError(
                        f"searches {key!r}, but {self.model.name} has no such setting"
                        f"{nearest(key, fields)}"
                    )
        return self

    @property
    def last_day(self) -> date | None:
        """Return the last day that is looked at: the data's own, or the one before the lock box."""
        if self.lock_box is None:
            return self.data.end
        before = self.lock_box.start - timedelta(days=1)
        return before if self.data.end is None else min(before, self.data.end)

    @property
    def sides(self) -> tuple[int, ...]:
        """Return the sides that may be taken: 1 long, -1 short."""
        return {"both": (1, -1), "long": (1,), "short": (-1,)}[self.trade.sides]

    @property
    def horizon_bars(self) -> int:
        """Return how far the label looks ahead, in bars."""
        label = self.label
        return label.holding_period if isinstance(label, TripleBarrier) else label.horizon

    @property
    def stop_atr(self) -> float:
        """Return how far the stop stands from the fill, in ATR(14)."""
        own = self.label.stop if isinstance(self.label, TripleBarrier) else 2.0
        return own if self.trade.stop is None else self.trade.stop

    @property
    def target_atr(self) -> float:
        """Return how far the target stands from the fill, in ATR(14)."""
        own = self.label.profit_target if isinstance(self.label, TripleBarrier) else 3.0
        return own if self.trade.profit_target is None else self.trade.profit_target

    @property
    def limit_bars(self) -> int:
        """Return for how many bars a position may be held."""
        return self.trade.holding_period or self.horizon_bars

    def configuration(self) -> dict[str, Any]:
        """Return all that tells this trial from any other, as plain data; see `of_configuration`.

        The name, the words, the seeds and the gate are no part of it: a trial that differs in them
        alone is the same trial. What was left out is written out.
        """
        told = self.model_dump(mode="json", by_alias=True, exclude=set(APART))
        told["data"]["to"] = None if self.last_day is None else self.last_day.isoformat()
        member = self.model.make()
        told["model"] |= {"settings": member.settings(), "version": member.version}
        sizer = SIZINGS.get(self.trade.sizing)(**self.trade.sizing_settings)
        told["trade"] |= {
            "stop": ATR.write(self.stop_atr),
            "profit_target": ATR.write(self.target_atr),
            "holding_period": f"{self.limit_bars} bars",
            "sizing_settings": sizer.settings(),
        }
        return told

    @classmethod
    def of_configuration(cls, configuration: Mapping[str, Any], **apart: Any) -> Self:  # noqa: ANN401 - fields
        """Return the experiment of a configuration; `apart` are the fields of `APART`."""
        model = {key: configuration["model"][key] for key in ("name", "settings")}
        return cls.model_validate({**configuration, **apart, "model": model})


PARTS: tuple[type[BaseModel], ...] = (
    Experiment,
    Data,
    Features,
    Direction,
    ThreeClass,
    Quantiles,
    TripleBarrier,
    Model,
    Trade,
    Costs,
    Splits,
    Choice,
    Search,
    LockBox,
)
"""Every group of keys that a file may have."""
