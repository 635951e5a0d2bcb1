"""An explanation adds up, is recomputed, and says what was damaged since."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from assay.core.errors import NotFoundError
from assay.core.values.bars import Bars
from assay.core.values.forecast import PROBABILITIES, Classes, Forecast
from assay.core.values.reason import Reason
from assay.core.values.timeframe import Timeframe
from assay.fusion.conviction import fuse
from assay.fusion.pool import fuse_many
from assay.models.loading import load
from assay.risk.settings import RiskSettings
from assay.store.signals import Signals
from assay.workflows import explain as explaining
from assay.workflows.desk import Desk
from assay.workflows.explain import Explanation, explain, sentence
from assay.workflows.issue import issue
from assay.workflows.lifts import _SAYS, SHRINKING, Case, lifts
from assay.workflows.provenance import age, like_hits
from assay.workflows.whatif import (
    _t_of,
    costs,
    days_until_proven,
    fusion_by_id,
    moments_again,
    repooled,
    thresholds,
)
from tests.workflows.workspace import EARLIER, HELD_BACK, open_at

SIGNALS = 1 + len(EARLIER)


def ids(desk: Desk) -> list[str]:
    """Return the ids of the workspace's signals, in the order they were issued."""
    rows = Signals(desk.journal).list()
    return [row.id for row in sorted(rows, key=lambda row: row.entry or 0)]


@cache
def explained(home: Path, number: int = 0) -> Explanation:
    """Return the explanation of a signal of the workspace that no test changes."""
    desk = open_at(home)
    return explain(desk, ids(desk)[number])


@pytest.mark.parametrize("number", range(SIGNALS))
def test_parts_add_up_from_the_usual_log_odds_to_the_pooled_ones(
    workspace: Path, number: int
) -> None:
    why = explained(workspace, number).why

    total = why.base_log_odds + sum(part.part for part in why.parts)

    assert math.isclose(total, why.log_odds, abs_tol=1e-9)
    assert math.isclose(1 / (1 + math.exp(-total)), why.probability, abs_tol=1e-9)
    assert [abs(p.part) for p in why.parts] == sorted(
        (abs(p.part) for p in why.parts), reverse=True
    )


@pytest.mark.parametrize("number", range(SIGNALS))
def test_pooling_again_gives_the_stored_parts(workspace: Path, number: int) -> None:
    found = explained(workspace, number).what_if

    assert found.repool.problem is None
    assert found.repool.same
    assert found.repool.difference is not None
    assert found.repool.difference < 1e-9


def test_an_altered_part_is_not_pooled_again(workspace: Path) -> None:
    desk = open_at(workspace)
    payload = json.loads(json.dumps(Signals(desk.journal).find(ids(desk)[0]).payload))
    weighing = next(p for p in payload["members"] if p["weight"] > 0)
    fitted = fusion_by_id(desk, payload["fusion"]["artefact"])
    weighing["part"] += 0.001

    again = repooled(payload, moments_again(desk, payload, fitted), fitted)

    assert not again.same
    assert again.difference == pytest.approx(0.001)


@pytest.mark.parametrize("number", range(SIGNALS))
def test_silencing_agrees_with_fusing_the_others_forecasts(workspace: Path, number: int) -> None:
    desk = open_at(workspace)
    row = Signals(desk.journal).find(ids(desk)[number])
    fitted = fusion_by_id(desk, row.payload["fusion"]["artefact"])
    forecasts = [_forecast(desk, row.symbol, part) for part in row.payload["members"]]
    hours = {
        f.artefact: (row.as_of - f.made_at) / f.timeframe.length for f in forecasts
    }  # one market day, so bars and clock agree

    for quiet in explained(workspace, number).what_if.silenced:
        rest = [f for f in forecasts if (f.member, f.timeframe) != (quiet.member, quiet.timeframe)]
        oracle = fuse(rest, fitted, as_of=row.as_of, volatility=0.01, ages=hours)

        assert quiet.probability == pytest.approx(oracle.probability, abs=1e-9)
        assert quiet.score == pytest.approx(oracle.score, abs=1e-6)
        assert quiet.tier == oracle.tier


def _forecast(desk: Desk, symbol: str, part: dict[str, Any]) -> Forecast:
    base = Classes(*load(desk.models / part["artefact"]).calibration.base)
    return Forecast(
        member=part["member"],
        family=part["family"],
        symbol=symbol,
        timeframe=Timeframe(part["timeframe"]),
        horizon_bars=4,
        made_at=datetime.fromisoformat(part["made_at"]),
        quantiles=dict.fromkeys(PROBABILITIES, 0.0),
        volatility=0.01,
        classes=Classes(**part["classes"]),
        raw=Classes(**part["classes"]),
        base=base,
        artefact=part["artefact"],
    )


def test_a_member_that_turns_the_side_is_named(workspace: Path) -> None:
    every = [explained(workspace, n).what_if.silenced for n in range(SIGNALS)]

    for signal, quiet in enumerate(every):
        why = explained(workspace, signal).why
        for one in quiet:
            turned = any(change.startswith("side") for change in one.changes)
            assert turned == (one.direction != why.direction)


@pytest.mark.parametrize("number", range(SIGNALS))
def test_evidence_scaled_to_a_threshold_reaches_it(workspace: Path, number: int) -> None:
    desk = open_at(workspace)
    row = Signals(desk.journal).find(ids(desk)[number])
    fitted = fusion_by_id(desk, row.payload["fusion"]["artefact"])

    for goal in thresholds(row.payload, fitted):
        payload = json.loads(json.dumps(row.payload))
        if goal.score is None:
            assert goal.probability == payload["base"]
            continue
        if goal.times is None:
            assert payload["agreement"] < goal.score
            continue
        for part in payload["members"]:
            part["evidence"] *= goal.times
        moments = moments_again(desk, payload, fitted)
        scaled = fuse_many(moments, fitted)
        assert float(scaled.score[0]) == pytest.approx(goal.score, abs=1e-6)
        assert float(scaled.probability[0]) == pytest.approx(goal.probability, abs=1e-9)


def test_some_thresholds_can_be_reached_and_some_cannot(workspace: Path) -> None:
    every = [
        goal
        for number in range(SIGNALS)
        for goal in explained(workspace, number).what_if.thresholds
        if goal.score is not None
    ]

    assert any(goal.times is None for goal in every)
    assert any(goal.times is not None for goal in every)


def test_one_family_is_not_told_that_score_alone_makes_it_high(workspace: Path) -> None:
    desk = open_at(workspace)
    row = Signals(desk.journal).find(ids(desk)[0])
    fitted = fusion_by_id(desk, row.payload["fusion"]["artefact"])
    members = [
        part | {"weight": 1.0, "part": 0.1} if part["member"] == "ridge" else part | {"part": 0.0}
        for part in row.payload["members"]
    ]
    alone = {**row.payload, "members": members, "agreement": None, "conviction": 99.0}
    joined = {**alone, "members": [part | {"weight": 0.5, "part": 0.1} for part in members]}

    one, two = (
        next(goal for goal in thresholds(said, fitted) if goal.goal == "HIGH")
        for said in (alone, joined)
    )

    assert one.sentence.startswith("out of reach with one model family on this side")
    assert two.sentence.startswith("lost when P(up) goes ")


def test_the_member_nearest_to_skill_is_one_whose_skill_was_measured(workspace: Path) -> None:
    desk = open_at(workspace)
    row = Signals(desk.journal).find(ids(desk)[0])
    about = {"naive": (0.0, 0.0), "momentum": (0.0, 0.6931), "ridge": (4e-4, 6e-4)}
    members = [
        part
        | dict(zip(("skill", "skill_error"), about.get(part["member"], (1e-4, 9e-4)), strict=True))
        for part in row.payload["members"]
    ]
    payload = {**row.payload, "members": members, "reasons": ["no_evidence"], "notes": []}
    settings = RiskSettings()
    case = Case(payload, desk.instrument("EURUSD"), settings, None, (), costs(payload, settings))

    assert "nearest is ridge" in lifts(case)[0].lift
    still = [part | {"skill": 0.0, "skill_error": 0.0} for part in members]
    assert "none speaks" in lifts(replace(case, payload={**payload, "members": still}))[0].lift


def test_costs_say_how_large_the_move_would_have_to_be() -> None:
    payload = {
        "direction": "DOWN",
        "volatility": 0.002,
        "expected_move": -0.05,
        "cost_round_trip": 0.0003,
    }

    found = costs(payload, RiskSettings(cost_multiple=2.0))

    assert found.side_move == pytest.approx(0.0001)
    assert found.needed == pytest.approx(0.0006)
    assert found.needed_sigma == pytest.approx(0.3)
    assert found.times == pytest.approx(6.0)
    assert not found.pays
    assert costs({**payload, "expected_move": 0.05}, RiskSettings()).times is None


def test_the_seal_is_older_than_what_the_models_said(workspace: Path) -> None:
    journal = explained(workspace).how.journal

    assert [entry["stage"] for entry in journal.entries] == [
        "view",
        "conviction",
        "verdict",
        "signal",
    ]
    assert journal.sealed_first
    assert journal.seal_holds
    assert journal.intact


def test_a_corrected_bar_is_said_and_the_reason_named(own: Path) -> None:
    desk = open_at(own)
    before = explain(desk, ids(desk)[0])
    instrument = desk.instrument("EURUSD")
    bars = desk.bars.read(instrument, Timeframe.H1, end=before.as_of)
    row = bars.frame.tail(3).head(1).with_columns(pl.col("volume") + 1)
    desk.bars.correct(
        Bars(instrument, Timeframe.H1, row), reason="volume restated", known_at=desk.clock.now()
    )

    seen = explain(open_at(own), ids(desk)[0]).how.seen

    assert before.how.seen.same
    assert not seen.same
    assert seen.changed == 1
    assert "volume restated" in seen.sentence
    assert seen.fingerprint == before.how.seen.fingerprint


def test_a_correction_outside_the_bars_of_the_signal_changes_nothing(own: Path) -> None:
    desk = open_at(own)
    instrument = desk.instrument("EURUSD")
    row = desk.bars.read(instrument, Timeframe.H1).frame.head(1).with_columns(pl.col("volume") + 1)
    desk.bars.correct(Bars(instrument, Timeframe.H1, row), reason="old", known_at=desk.clock.now())

    assert explain(desk, ids(desk)[0]).how.seen.same


def test_a_damaged_model_is_named_and_the_rest_is_explained(own: Path) -> None:
    desk = open_at(own)
    part = next(p for p in explain(desk, ids(desk)[0]).how.sources if p.member == "ridge")
    weights = desk.models / part.artefact / "weights.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(bytes(content))

    found = explain(open_at(own), ids(desk)[0])

    source = next(s for s in found.how.sources if s.artefact == part.artefact)
    assert source.state == "damaged"
    assert "weights.safetensors" in str(source.problem)
    assert any("weights.safetensors" in warning for warning in found.how.warnings)
    assert found.what_if.repool.same


def test_a_lost_fusion_leaves_the_rest_and_says_so(own: Path) -> None:
    desk = open_at(own)
    name = ids(desk)[0]
    fusion = explain(desk, name).how.proof.fusion
    (desk.models / "fusion" / f"{fusion}.json").unlink()

    found = explain(open_at(own), name)

    assert fusion[:12] in str(found.what_if.repool.problem)
    assert found.what_if.silenced == ()
    assert found.what_if.thresholds == ()
    assert found.what_if.reasons


def test_what_came_of_it_is_read_from_the_bars_after(workspace: Path) -> None:
    desk = open_at(workspace)
    found = explain(desk, ids(desk)[0])
    payload = Signals(desk.journal).find(found.id).payload
    bars = desk.bars.read(desk.instrument("EURUSD"), Timeframe.H1).frame
    at = bars["time"].to_list().index(found.as_of)

    since = found.since

    assert since is not None
    moved = math.log(bars["close"][at + 4] / bars["close"][at])
    assert since.log_return == pytest.approx(moved, abs=1e-15)
    assert since.scaled == pytest.approx(moved / payload["volatility"])
    expected = "up" if since.scaled > 0.25 else "down" if since.scaled < -0.25 else "flat"
    assert since.outcome == expected
    if expected == "flat":
        assert since.hit is None
    else:
        assert since.hit == (expected.upper() == found.why.direction)


def test_an_open_horizon_has_no_outcome_yet(own: Path) -> None:
    desk = open_at(own)
    times = desk.bars.read(desk.instrument("EURUSD"), Timeframe.H1).frame["time"]
    near = issue(desk, "EURUSD", Timeframe.H1, as_of=times[-3])
    last = issue(desk, "EURUSD", Timeframe.H1)

    since = explain(desk, near.id).since

    assert since is not None
    assert since.bars == 2
    assert since.outcome is None
    assert since.hit is None
    assert explain(desk, last.id).since is None


def test_only_signals_of_bars_the_pool_had_learned_from_are_marked_as_hindsight(own: Path) -> None:
    desk = open_at(own)
    after = issue(desk, "EURUSD", Timeframe.H1)

    marked = [
        any(w.startswith("Hindsight") for w in explain(desk, name).how.warnings)
        for name in [*ids(desk)[:SIGNALS], after.id]
    ]

    assert marked == [False] + [True] * len(EARLIER) + [False]


def test_a_beginning_is_enough_and_an_unknown_id_is_refused(workspace: Path) -> None:
    desk = open_at(workspace)
    name = ids(desk)[0]

    assert explain(desk, name[:8]).id == name
    assert explain(desk, name.removeprefix("sig-")[:6]).id == name
    with pytest.raises(NotFoundError, match="the newest are sig-"):
        explain(desk, "sig-nothing")


def test_the_explanation_is_plain_data(workspace: Path) -> None:
    found = explained(workspace)

    plain = json.loads(json.dumps(found.to_json(), allow_nan=False))

    assert set(plain) >= {"why", "how", "what_if", "since", "id", "as_of"}
    assert plain["why"]["parts"][0]["drivers"][0]["summary"]


def test_drivers_name_their_feature_with_its_settings_filled_in(workspace: Path) -> None:
    drivers = [d for p in explained(workspace).why.parts for d in p.drivers]

    assert drivers
    assert all(d.feature for d in drivers)
    assert not any("`window`" in d.summary for d in drivers)


def test_every_reason_has_something_that_would_lift_it(workspace: Path) -> None:
    desk = open_at(workspace)
    row = Signals(desk.journal).find(ids(desk)[0])
    fitted = fusion_by_id(desk, row.payload["fusion"]["artefact"])
    payload = {**row.payload, "reasons": [r.value for r in Reason], "notes": [], "decision": "WAIT"}
    settings = RiskSettings()
    marks, price = thresholds(payload, fitted), costs(payload, settings)
    case = Case(payload, desk.instrument("EURUSD"), settings, fitted, marks, price)

    found = lifts(case)

    assert set(_SAYS) == set(Reason)
    assert [one.code for one in found] == [r.value for r in Reason]
    assert all(one.lift for one in found)
    assert {one.code for one in found if not one.blocks} == {r.value for r in SHRINKING}
    blind = lifts(replace(case, fitted=None, thresholds=()))
    assert all(one.lift for one in blind)


def test_a_closed_market_says_when_it_opens(workspace: Path) -> None:
    desk = open_at(workspace)
    payload = {
        **Signals(desk.journal).find(ids(desk)[0]).payload,
        "reasons": ["market_closed"],
        "notes": [],
        "decision": "WAIT",
        "as_of": "2020-12-11T22:00:00+00:00",
    }
    settings = RiskSettings()
    case = Case(payload, desk.instrument("EURUSD"), settings, None, (), costs(payload, settings))

    assert "Sunday 2020-12-13 22:00" in lifts(case)[0].lift


@pytest.mark.parametrize(("p_value", "degrees"), [(0.3, 12), (0.04, 64), (0.001, 5)])
def test_the_t_of_a_p_value_is_that_of_scipy(p_value: float, degrees: int) -> None:
    assert _t_of(p_value, degrees) == pytest.approx(stats.t.isf(p_value, degrees), rel=1e-6)


def test_days_until_proven_grow_with_the_square_of_what_is_missing(workspace: Path) -> None:
    desk = open_at(workspace)
    fitted = fusion_by_id(desk, explained(workspace).how.proof.fusion)
    weak = replace(fitted, proof=replace(fitted.proof, p_value=0.2, gain=0.001, days=100))
    needed = (stats.t.isf(0.04, weak.proof.degrees) / stats.t.isf(0.2, weak.proof.degrees)) ** 2

    assert days_until_proven(weak) == pytest.approx(100 * needed, rel=1e-6)
    assert days_until_proven(replace(weak, proof=replace(weak.proof, gain=-0.001))) is None


def test_a_gain_is_worth_the_hits_that_have_its_log_score() -> None:
    for hits in (0.51, 0.53, 0.56):
        gain = math.log(2) + hits * math.log(hits) + (1 - hits) * math.log(1 - hits)

        assert like_hits(gain) == pytest.approx(hits, abs=1e-4)
    assert like_hits(0.0) is None


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=20), "under a minute"),
        (timedelta(minutes=61), "1 h 1 min"),
        (timedelta(days=3), "3 d"),
        (timedelta(days=400, hours=5), "1 y 35 d"),
    ],
)
def test_an_age_is_said_in_its_two_largest_units(length: timedelta, said: str) -> None:
    assert age(length.total_seconds()) == said


def _position(**changes: Any) -> dict[str, Any]:
    return {
        "decision": "LONG",
        "entry": 1.0,
        "stop": 0.98,
        "target": 1.03,
        "symbol": "EURUSD",
        "direction": "UP",
        "probability": 0.6,
        "base": 0.5,
        "risk_fraction": 0.005,
        "reasons": [],
        **changes,
    }


def test_a_position_is_said_with_its_stop_and_its_risk() -> None:
    said = sentence(_position())

    assert said.startswith("Buy EURUSD with a stop at 0.98 and a target at 1.03, risking 0.50 %")
    waits = sentence(_position(decision="WAIT", reasons=["under_cost", "referee_abstained"]))
    assert waits.startswith("Stay out of EURUSD: one thing speaks")


def test_stop_and_target_are_measured_from_the_fill() -> None:
    bar = {"open": 1.01, "high": 1.035, "low": 1.005, "close": 1.02}
    later = {"open": 1.02, "high": 1.041, "low": 1.02, "close": 1.04}

    met = explaining._exit(_position(), [bar, later])

    assert met == "the target was met on bar 2 at 1.04"
    assert explaining._exit(_position(stop=None), [bar]) is None
    both = {**bar, "high": 1.2, "low": 0.8}
    assert "both were reached" in str(explaining._exit(_position(), [both]))


def test_the_workspace_is_what_the_tests_think(workspace: Path) -> None:
    desk = open_at(workspace)

    assert len(ids(desk)) == SIGNALS
    assert desk.clock.now() > datetime(2021, 1, 1, tzinfo=UTC)
    last = desk.bars.info("EURUSD", Timeframe.H1).last
    first = explained(workspace).as_of
    bars = desk.bars.read(desk.instrument("EURUSD"), Timeframe.H1, start=first)
    assert len(bars) == HELD_BACK + 1
    assert bars.last_time == last
    assert np.isfinite(explained(workspace).why.log_odds)
