"""The experiments that come with Assay: each can be run, and together they show all there is."""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from pydantic import BaseModel

from assay.core.errors import NotFoundError, SettingsError
from assay.core.instruments import instrument
from assay.core.values.instrument import AssetClass
from assay.evaluation.cuts import CutKind
from assay.features.contract import Group
from assay.features.pipeline import Pipeline
from assay.models.catalog import MEMBERS
from assay.models.zoo.momentum import Momentum
from assay.risk.catalog import SIZINGS
from assay.workflows.desk import Desk
from assay.workflows.executors.library.local import Local
from assay.workflows.experiments import asked
from assay.workflows.experiments.asked import Experiment, Metric
from assay.workflows.experiments.matrix import KEY
from assay.workflows.experiments.plain_yaml import read_file
from assay.workflows.experiments.planning import seeds_of
from assay.workflows.experiments.reading import Planned, library, read_experiments, schema
from assay.workflows.experiments.running import Finished, run_experiments, unfinished
from assay.workflows.gather import pipeline_of
from tests.factories import make_bars
from tests.workflows.workspace import open_at, trending_bars

FILES = library()
DEFINED = {
    "AAPL": AssetClass.EQUITY, "TSLA": AssetClass.EQUITY, "US500": AssetClass.INDEX,
    "XAGUSD": AssetClass.METAL,
    **dict.fromkeys(
        ("AMZN", "BA", "BP", "C", "D", "DIS", "GE", "GOOG", "IEP", "INTC", "JNJ", "JPM", "KO",
         "MSFT", "PFE", "PG", "T", "WMT", "XOM"),
        AssetClass.EQUITY,
    ),
}  # fmt: skip
"""Instruments that a workspace defines when their files are imported."""
LABELS = get_args(get_args(asked.Label)[0])
MOST_RUNS = 12
NET_FOLDS, NET_SEEDS = 3, 5


@cache
def runs_of(name: str) -> tuple[Planned, ...]:
    return tuple(read_experiments([FILES[name]]))


@cache
def every() -> tuple[Experiment, ...]:
    return tuple(run.experiment for name in FILES for run in runs_of(name))


def class_of(symbol: str) -> AssetClass:
    try:
        return instrument(symbol).asset_class
    except NotFoundError:
        return DEFINED[symbol]


def costs_of(experiment: Experiment) -> str:
    """Return whether costs are those assumed for the market, a multiple of them, or named."""
    costs = experiment.costs
    own = {costs.fee, costs.half_spread, costs.slippage} != {None}
    return "own" if own else "times" if costs.times != 1 else "assumed"


def read_pipelines(experiment: Experiment) -> Iterator[Pipeline]:
    """Yield what the experiment's features are chosen from, for each of its instruments."""
    data, which = experiment.data, experiment.features.set
    for kind in {class_of(symbol) for symbol in data.instruments}:
        yield pipeline_of(kind, data.timeframe, which)


def chosen(experiment: Experiment, pipeline: Pipeline) -> set[str]:
    """Return the names of the features that are left, nets' own choice aside."""
    wanted = experiment.features
    groups = {f.group for f in pipeline.features} if wanted.groups is None else set(wanted.groups)
    return {
        name
        for name, feature in zip(pipeline.names, pipeline.features, strict=True)
        if feature.group in groups
        and (wanted.only is None or name in wanted.only)
        and name not in wanted.without
        and feature.group not in wanted.without
    }


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_called_like_its_experiment_and_is_found_by_that_name(name: str) -> None:
    runs = read_experiments([name])

    assert [run.title for run in runs] == [run.title for run in runs_of(name)]
    assert {run.experiment.name for run in runs} == {name}
    assert 1 <= len(runs) <= MOST_RUNS


def test_all_of_them_can_be_run_together() -> None:
    planned = read_experiments([next(iter(FILES.values())).parent])

    assert len(FILES) >= 14
    assert len({run.title for run in planned}) == len(planned) == len(every())


@pytest.mark.parametrize("name", FILES)
def test_a_hypothesis_says_why_and_what_would_refute_it(name: str) -> None:
    said = runs_of(name)[0].experiment.hypothesis

    assert len(said.split()) >= 40
    assert re.search(r"\bbecause\b|\bso\b", said)
    assert re.search(r"It is refuted (if|by) ", said)
    assert FILES[name].read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("name", FILES)
def test_every_run_can_be_stored_and_comes_back_as_it_was(name: str) -> None:
    for run in runs_of(name):
        told = run.experiment.configuration()

        again = Experiment.of_configuration(
            told, name=name, hypothesis=run.experiment.hypothesis, family=run.experiment.family
        )

        assert again.configuration() == told


@pytest.mark.parametrize("name", FILES)
def test_every_member_can_be_made_and_every_feature_is_there_to_be_read(name: str) -> None:
    for experiment in (run.experiment for run in runs_of(name)):
        member = experiment.model.make()
        asked_for = set(experiment.features.only or ())

        for pipeline in read_pipelines(experiment):
            left = chosen(experiment, pipeline)

            assert left
            assert asked_for <= set(pipeline.names)
            if isinstance(member, Momentum):
                assert member.chosen(pipeline.only(left).columns)


def test_a_family_has_one_primary_metric() -> None:
    metrics: dict[str, set[str]] = {}
    for each in every():
        metrics.setdefault(each.family, set()).add(each.primary_metric)

    assert [family for family, own in metrics.items() if len(own) > 1] == []


@pytest.mark.parametrize(
    ("what", "used"),
    [
        (MEMBERS.names(), {each.model.name for each in every()}),
        (SIZINGS.names(), {each.trade.sizing for each in every()}),
        ([str(kind) for kind in CutKind], {each.splits.kind for each in every()}),
        (get_args(Metric), {each.primary_metric for each in every()}),
        ([get_args(kind.model_fields["kind"].annotation)[0] for kind in LABELS],
         {each.label.kind for each in every()}),
        (list(AssetClass), {class_of(s) for each in every() for s in each.data.instruments}),
        (["assumed", "times", "own"], {costs_of(each) for each in every()}),
    ],
    ids=["members", "sizings", "splits", "metrics", "labels", "asset classes", "costs"],
)  # fmt: skip
def test_whatever_there_is_has_an_experiment(what: Collection[str], used: set[str]) -> None:
    assert set(what) - used == set()


@pytest.mark.parametrize("group", [Group.SENTIMENT, Group.MACRO, Group.PEERS])
def test_news_macro_and_peers_are_judged_by_what_is_lost_without_them(group: Group) -> None:
    without = [{group in r.experiment.features.without for r in runs_of(name)} for name in FILES]

    assert {True, False} in without


def test_one_file_can_ask_of_several_horizons_and_of_several_markets() -> None:
    horizons = [{run.experiment.horizon_bars for run in runs_of(name)} for name in FILES]
    markets = [{run.experiment.data.instruments for run in runs_of(name)} for name in FILES]

    assert max(map(len, horizons)) >= 3
    assert max(map(len, markets)) >= 3


def test_shares_are_bought_and_never_sold_short() -> None:
    equities = [e for e in every() if AssetClass.EQUITY in map(class_of, e.data.instruments)]

    assert equities
    assert all(each.trade.sides == "long" for each in equities)


def test_a_search_is_inside_the_training_span_of_a_member_that_is_cheap() -> None:
    searched = [each for each in every() if each.search is not None]

    assert searched
    assert all(each.model.make().bars_read == 1 for each in searched)


def test_a_net_is_fitted_for_three_folds_and_five_seeds_as_one_panel() -> None:
    nets = [each for each in every() if each.model.make().bars_read > 1]

    for each in nets:
        assert (each.splits.folds, len(seeds_of(each))) == (NET_FOLDS, NET_SEEDS)
        assert each.model.settings["mode"] == "panel"
        assert len(each.data.instruments) > 1
    assert {each.model.name for each in nets} == {
        name for name in MEMBERS.names() if MEMBERS.get(name)().bars_read > 1
    }


def test_many_cuts_are_asked_only_of_members_that_draw_nothing() -> None:
    many = [each for each in every() if CutKind(each.splits.kind) is CutKind.COMBINATORIAL]

    assert all(not each.model.make().random and len(each.data.instruments) <= 2 for each in many)


def test_history_is_of_named_years_and_a_plan_for_choosing_ends_before_the_last_ones() -> None:
    ends = Counter(each.data.end for each in every())

    assert all(each.data.start and each.data.start >= date(2012, 1, 1) for each in every())
    assert all(end is not None and end <= date(2022, 12, 31) for end in ends)
    assert ends.most_common(1)[0][0] == date(2019, 12, 31)


def keys_of(model: type[BaseModel]) -> Iterator[str]:
    """Yield every key that may stand in a file under this model."""
    for name, field in model.model_fields.items():
        yield field.alias or name
        yield from (key for part in _parts(field.annotation) for key in keys_of(part))


def _parts(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _parts(inner)


def test_the_first_one_explains_every_key() -> None:
    text = FILES["first-steps"].read_text(encoding="utf-8")
    keys = {*keys_of(Experiment), *(k for label in LABELS for k in keys_of(label)), KEY}

    # values of a space, one of which excludes the others, are shown by their first
    unsaid = {key for key in keys if not re.search(rf"\b{key}\b", text)} - {"number", "choice"}

    assert unsaid == set()


def refused(value: Any, part: Any, root: Mapping[str, Any], at: str = "file") -> list[str]:
    """Return where a JSON Schema refuses a value, and by which of its words."""
    if isinstance(part, bool):
        return [] if part else [f"{at} may not be there"]
    found = [f"{at}: {word}" for word, holds in WORDS.items() if not holds(value, part)]
    if "$ref" in part:
        found += refused(value, root["$defs"][part["$ref"].rpartition("/")[2]], root, at)
    for word, most in (("anyOf", 99), ("oneOf", 1)):
        fitting = sum(not refused(value, each, root, at) for each in part.get(word, []))
        if word in part and not 1 <= fitting <= most:
            found.append(f"{at}: {word}")
    if isinstance(value, dict):
        known, others = part.get("properties", {}), part.get("additionalProperties", True)
        for key, inner in value.items():
            found += refused(inner, known.get(key, others), root, f"{at}.{key}")
    if isinstance(value, list):
        first, others = part.get("prefixItems", []), part.get("items", True)
        for place, inner in enumerate(value):
            told = first[place] if place < len(first) else others
            found += refused(inner, told, root, f"{at}[{place}]")
    return found


NUMBER: Any = int | float
TYPES = {
    "object": dict, "array": list, "string": str, "integer": int, "number": NUMBER,
    "boolean": bool, "null": type(None),
}  # fmt: skip


def of_type(value: Any, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def within(value: Any, kind: Any, low: Any, high: Any) -> bool:
    """Say whether a size lies between two ends, each of which may be missing."""
    if not isinstance(value, kind) or isinstance(value, bool):
        return True
    size = value if kind is NUMBER else len(value)
    return bool((low is None or size >= low) and (high is None or size <= high))


WORDS: Mapping[str, Callable[[Any, Mapping[str, Any]], bool]] = {
    "type": lambda v, p: "type" not in p or of_type(v, p["type"]),
    "const": lambda v, p: "const" not in p or v == p["const"],
    "enum": lambda v, p: "enum" not in p or v in p["enum"],
    "pattern": lambda v, p: not isinstance(v, str) or bool(re.search(p.get("pattern", ""), v)),
    "Length": lambda v, p: within(v, str, p.get("minLength"), p.get("maxLength")),
    "Items": lambda v, p: within(v, list, p.get("minItems"), p.get("maxItems")),
    "Properties": lambda v, p: within(v, dict, p.get("minProperties"), None),
    "imum": lambda v, p: within(v, NUMBER, p.get("minimum"), p.get("maximum")),
    "exclusiveMinimum": lambda v, p: (
        "exclusiveMinimum" not in p or isinstance(v, bool) or v > p["exclusiveMinimum"]
    ),
    "required": lambda v, p: not isinstance(v, dict) or set(p.get("required", [])) <= set(v),
}
"""What each word of a JSON Schema demands, as far as the schema of experiments uses it."""


def test_the_schema_tells_of_every_key_and_holds_together() -> None:
    made = schema()
    parts = made["$defs"]

    assert set(made["properties"]) == {
        *(field.alias or name for name, field in Experiment.model_fields.items()),
        KEY,
    }
    assert set(re.findall(r"#/\$defs/(\w+)", str(made))) <= set(parts)
    closed = [p for p in (made, *parts.values()) if p.get("type") == "object"]
    assert all(part["additionalProperties"] is False for part in closed)


@pytest.mark.parametrize("name", FILES)
def test_the_schema_accepts_what_is_accepted(name: str) -> None:
    found = refused(read_file(FILES[name]).value, made := schema(), made)

    assert found == []


def test_the_page_shows_a_file_that_is_accepted(tmp_path: Path) -> None:
    page = Path(__file__).parents[3] / "docs" / "how-to" / "run-experiments.md"
    (text,) = re.findall(r"^```text\n(name: .*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    file = tmp_path / "fading-trend.yaml"
    file.write_text(text, encoding="utf-8")

    runs = read_experiments([file])

    assert [run.title for run in runs] == ["fading-trend (4 bars)", "fading-trend (12 bars)"]
    assert refused(read_file(file).value, made := schema(), made) == []


WRONG: dict[str, Mapping[str, Any]] = {
    "a number without a unit": {"label": {"kind": "direction", "horizon": 4}},
    "an unknown key": {"labels": {"kind": "direction", "horizon": "4 bars"}},
    "another unit": {"trade": {"stop": "2 %"}},
    "an unknown timeframe": {"data": {"instruments": ["EURUSD"], "timeframe": "2h"}},
    "no words": {"hypothesis": "too short"},
    "a name of capitals": {"name": "First Steps"},
    "nothing to do": {"for_each": {}},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_the_schema_refuses_what_is_refused(change: Mapping[str, Any], tmp_path: Path) -> None:
    right = read_file(FILES["nothing-to-find"]).value
    wrong = {**right, **change}
    for name, value in (("right.yaml", right), ("wrong.yaml", wrong)):
        (tmp_path / name).write_text(json.dumps(value), encoding="utf-8")  # JSON is YAML, too

    assert read_experiments([tmp_path / "right.yaml"])
    assert refused(wrong, made := schema(), made)
    with pytest.raises(SettingsError):
        read_experiments([tmp_path / "wrong.yaml"])


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, list[Finished]]]:
    """Return what two experiments found: one where there is a trend, one on a random walk."""
    desk = open_at(tmp_path_factory.mktemp("library") / "home", datetime(2022, 1, 3, tzinfo=UTC))
    walk = make_bars(4_000, symbol="GBPUSD", start=datetime(2013, 1, 7, tzinfo=UTC))
    for bars in (trending_bars(), walk):
        desk.bars.append(bars, source="test", known_at=desk.clock.now())
    planned = read_experiments(["first-steps", "nothing-to-find"])
    yield desk, list(run_experiments(desk, planned, Local(jobs=1)))
    desk.database.close()


def test_a_trend_is_found_where_there_is_one_and_nothing_where_there_is_nothing(
    finished: tuple[Desk, list[Finished]],
) -> None:
    desk, runs = finished
    found = {run.run.planned.experiment.name: run for run in runs}
    trend, none = (found[name].found for name in ("first-steps", "nothing-to-find"))
    assert [run.reason for run in runs] == [None, None]
    assert unfinished(desk) == []
    assert trend is not None
    assert none is not None

    gains = {
        name: float((each.total("base_loss") - each.total("loss"))[0] / each.total("weight")[0])
        for name, each in (("trend", trend), ("none", none))
    }

    assert gains["trend"] > 0.002
    assert gains["none"] == pytest.approx(0.0, abs=1e-9)
    assert np.count_nonzero(none.net) == 0
