"""What leaves WAIT, what does not, and that nothing can enlarge or turn a decision."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.errors import DataError, SettingsError
from assay.core.instruments import equity, instrument
from assay.core.values.conviction import Evidence, Tier
from assay.core.values.decision import Decision, Exposure, Side
from assay.core.values.reason import Reason
from assay.core.values.timeframe import Timeframe
from assay.core.values.view import Verdict, VerdictKind
from assay.fusion.pool import EVIDENCE, TIERS
from assay.risk.decide import (
    NO_VERDICT,
    VERDICTS,
    Context,
    Situations,
    bars_per_year,
    decide,
    decide_many,
)
from assay.risk.opinions import Opinions
from assay.risk.reasons import REASONS, mask_of, reasons_of
from assay.risk.settings import RiskSettings
from tests.risk.situations import context, conviction, verdict

UNHURRIED = settings(deadline=None, max_examples=100)
PRICE, ATR = 1.10000, 0.00123
SETTINGS = RiskSettings()


def decided(
    said: Verdict | None = None,
    how: RiskSettings = SETTINGS,
    about: Context | None = None,
    atr: float = ATR,
    price: float = PRICE,
    **opinion: object,
) -> Decision:
    made = conviction(**opinion)  # type: ignore[arg-type]  # fields of the opinion by name
    return decide(made, said, atr, price, how, about or context())


def test_a_proven_high_conviction_is_taken() -> None:
    made = decided()

    assert made.side is Side.LONG
    assert (made.risk_fraction, made.reasons) == (0.005, ())
    assert made.stop == pytest.approx(1.10000 - 0.00246)
    assert made.target == pytest.approx(1.10000 + 0.00369)


def test_the_other_way_round_it_is_a_short() -> None:
    made = decided(probability=0.42)

    assert made.side is Side.SHORT
    assert made.stop == pytest.approx(1.10000 + 0.00246)
    assert made.target == pytest.approx(1.10000 - 0.00369)


@UNHURRIED
@given(
    price=st.floats(0.5, 2.0),
    atr=st.floats(1e-5, 0.05),
    long=st.booleans(),
)
def test_prices_are_ticks_and_never_nearer_than_asked(price: float, atr: float, long: bool) -> None:
    made = decided(price=price, atr=atr, probability=0.58 if long else 0.42)

    assert made.stop is not None
    assert made.target is not None
    for level, times in ((made.stop, 2.0), (made.target, 3.0)):
        assert level / 1e-5 == pytest.approx(round(level / 1e-5), abs=1e-6)
        if level > 1.5e-5:  # a short's target stops one tick above nothing
            assert abs(level - price) >= times * atr - 1e-9
            assert abs(level - price) <= times * atr + 2.001e-5
    assert (made.target - made.stop > 0) == long


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"evidence": Evidence.UNPROVEN}, Reason.UNPROVEN),
        ({"evidence": Evidence.STALE}, Reason.STALE),
        ({"evidence": Evidence.NONE}, Reason.NO_EVIDENCE),
        ({"tier": Tier.LOW}, Reason.LOW_CONVICTION),
        ({"tier": Tier.DIVERGENT}, Reason.DIVERGENT),
        ({"expected_move": 0.03}, Reason.UNDER_COST),
        ({"expected_move": -0.5}, Reason.UNDER_COST),
        ({"volatility": float("nan")}, Reason.NOT_FINITE),
        ({"price": float("nan")}, Reason.NOT_FINITE),
        ({"atr": 0.0}, Reason.NOT_FINITE),
        ({"price": -1.0}, Reason.NOT_FINITE),
        ({"atr": 0.6}, Reason.BAD_BAR),
        ({"said": verdict(VerdictKind.CHALLENGE)}, Reason.CHALLENGED),
        ({"said": verdict(VerdictKind.CONFIRM, 0.0)}, Reason.REFEREE_CAPPED),
        ({"about": context(exposures=(Exposure("guard", 0.0),))}, Reason.PROTECTED),
        ({"about": context(blocks=(Reason.MARKET_CLOSED,))}, Reason.MARKET_CLOSED),
        ({"about": context(blocks=(Reason.WARM_UP,))}, Reason.WARM_UP),
        ({"how": RiskSettings(least_risk=0.01)}, Reason.TOO_SMALL),
    ],
)
def test_one_thing_against_it_is_enough(change: dict[str, object], reason: Reason) -> None:
    made = decided(**change)  # type: ignore[arg-type]  # arguments of decided by name

    assert made.side is Side.WAIT
    assert made.reasons == (reason,)


def test_everything_against_it_is_listed_in_one_order() -> None:
    made = decided(
        said=verdict(VerdictKind.CHALLENGE),
        about=context(blocks=(Reason.BAD_BAR, Reason.STALE)),
        evidence=Evidence.UNPROVEN,
        tier=Tier.LOW,
        expected_move=0.0,
    )

    assert made.reasons == (
        Reason.STALE,
        Reason.BAD_BAR,
        Reason.LOW_CONVICTION,
        Reason.UNPROVEN,
        Reason.CHALLENGED,
        Reason.UNDER_COST,
    )


def test_a_moderate_one_is_taken_too() -> None:
    assert decided(tier=Tier.MODERATE).side is Side.LONG


def test_caps_multiply_and_say_so() -> None:
    about = context(exposures=(Exposure("guard", 0.5), Exposure("meta", 0.4)))

    made = decided(said=verdict(VerdictKind.CONFIRM, 0.5), about=about)

    assert made.risk_fraction == pytest.approx(0.005 * 0.1)
    assert made.reasons == (Reason.PROTECTED, Reason.REFEREE_CAPPED)


def test_an_abstaining_analyst_halves_and_one_not_asked_does_not() -> None:
    assert decided().risk_fraction == 0.005
    made = decided(said=verdict(VerdictKind.ABSTAIN))
    assert made.risk_fraction == 0.0025
    assert made.reasons == (Reason.REFEREE_ABSTAINED,)


def test_a_challenge_may_be_set_to_shrink_instead() -> None:
    mild = RiskSettings(challenge_vetoes=False)

    made = decided(said=verdict(VerdictKind.CHALLENGE, 0.25), how=mild)

    assert made.side is Side.LONG
    assert made.risk_fraction == 0.00125
    assert made.reasons == (Reason.CHALLENGED,)


@UNHURRIED
@given(
    kind=st.sampled_from(VerdictKind),
    cap=st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]),
    guard=st.floats(0, 1),
    probability=st.floats(0.3, 0.7),
    sizing=st.sampled_from(["fixed_fraction", "volatility_target", "capped_fractional_kelly"]),
)
def test_nobody_can_enlarge_or_turn_a_decision(
    kind: VerdictKind, cap: float, guard: float, probability: float, sizing: str
) -> None:
    how = RiskSettings(sizing=sizing, challenge_vetoes=False)

    free = decided(how=how, probability=probability)
    bound = decided(
        said=verdict(kind, cap),
        how=how,
        about=context(exposures=(Exposure("guard", guard),)),
        probability=probability,
    )

    assert bound.risk_fraction <= free.risk_fraction
    assert bound.side in (free.side, Side.WAIT)


def plainly(row: dict[str, float], how: RiskSettings) -> tuple[int, set[Reason]]:
    """Return side and reasons by the written rule, row by row, without arrays."""
    sign = int(np.sign(row["shift"]))
    numbers = [row[k] for k in ("price", "atr", "volatility", "move", "cost")]
    fine = all(np.isfinite(numbers)) and row["price"] > 0 and row["atr"] > 0
    against = set(reasons_of(int(row["blocks"])))
    told: set[Reason] = set()
    against |= {
        Evidence.STALE: {Reason.STALE},
        Evidence.UNPROVEN: {Reason.UNPROVEN},
        Evidence.NONE: {Reason.NO_EVIDENCE},
    }.get(EVIDENCE[int(row["evidence"])], set())
    tier = TIERS[int(row["tier"])]
    against |= {Reason.DIVERGENT} if tier is Tier.DIVERGENT else set()
    against |= {Reason.LOW_CONVICTION} if tier is Tier.LOW or sign == 0 else set()
    if not fine:
        against.add(Reason.NOT_FINITE)
    elif not sign * row["move"] * row["volatility"] > how.cost_multiple * row["cost"]:
        against.add(Reason.UNDER_COST)
    if fine and how.stop_atr * row["atr"] >= row["price"]:
        against.add(Reason.BAD_BAR)
    cap = 1.0
    if row["verdict"] >= 0:
        kind, cap = VERDICTS[int(row["verdict"])], row["size_cap"]
        if kind is VerdictKind.CHALLENGE:
            cap = 0.0
            told.add(Reason.CHALLENGED)
        elif kind is VerdictKind.ABSTAIN:
            cap = min(cap, how.abstain_cap)
            told.add(Reason.REFEREE_ABSTAINED)
        elif cap < 1:
            told.add(Reason.REFEREE_CAPPED)
    told |= {Reason.PROTECTED} if row["exposure"] < 1 else set()
    if cap * row["exposure"] <= 0:
        against |= told
    elif fine and 0.005 * cap * row["exposure"] < how.least_risk:
        against.add(Reason.TOO_SMALL)
    trades = not against and sign != 0
    return (sign if trades else 0), (told if trades else against | told)


def rows(count: int, seed: int) -> list[dict[str, float]]:
    chance = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        probability = chance.choice([0.45, 0.5, 0.58])
        made.append(
            {
                "probability": probability,
                "shift": (probability - 0.5) * 4.0,
                "move": chance.choice([0.2, -0.2, 0.01, np.nan], p=[0.7, 0.2, 0.05, 0.05]),
                "volatility": 0.003,
                "tier": chance.choice(4, p=[0.5, 0.3, 0.1, 0.1]),
                "evidence": chance.choice(4, p=[0.7, 0.1, 0.1, 0.1]),
                "price": chance.choice([1.1, np.nan, -1.0], p=[0.9, 0.05, 0.05]),
                "atr": chance.choice([0.00123, 0.0, 0.6, np.nan], p=[0.85, 0.05, 0.05, 0.05]),
                "cost": 0.0001,
                "verdict": chance.choice([-1, 0, 1, 2]),
                "size_cap": chance.choice([0.0, 0.25, 1.0]),
                "exposure": chance.choice([0.0, 0.0005, 0.5, 1.0], p=[0.1, 0.1, 0.2, 0.6]),
                "blocks": chance.choice([0, mask_of([Reason.WARM_UP, Reason.STALE])], p=[0.8, 0.2]),
            }
        )
    return made


@pytest.mark.parametrize("seed", range(3))
def test_bulk_is_one_by_one_and_as_written(seed: int) -> None:
    table = rows(400, seed)
    columns = {name: np.array([row[name] for row in table]) for name in table[0]}
    p, half = columns["probability"], np.full(len(table), 0.5)
    opinions = Opinions(
        columns["shift"], p, p - 0.03, p + 0.03, half, columns["move"], columns["volatility"],
        columns["tier"].astype(np.int8), columns["evidence"].astype(np.int8),
    )  # fmt: skip
    kinds = columns["verdict"].astype(np.int8)
    situations = Situations(
        1e-5, 1560.0, columns["price"], columns["atr"], columns["cost"], kinds,
        np.where(kinds == NO_VERDICT, 1.0, columns["size_cap"]), columns["exposure"],
        columns["blocks"].astype(np.int64),
    )  # fmt: skip

    many = decide_many(opinions, situations, SETTINGS)

    assert {-1, 0, 1} == set(many.side.tolist())
    for i, row in enumerate(table):
        side, reasons = plainly(row, SETTINGS)
        assert (many.side[i], set(reasons_of(int(many.reasons[i])))) == (side, reasons)
        said = (
            None if row["verdict"] < 0 else verdict(VERDICTS[int(row["verdict"])], row["size_cap"])
        )
        blocks = reasons_of(int(row["blocks"]))
        one = decided(
            said, SETTINGS, context(exposures=(Exposure("x", row["exposure"]),), blocks=blocks),
            row["atr"], row["price"], probability=row["probability"], expected_move=row["move"],
            tier=TIERS[int(row["tier"])], evidence=EVIDENCE[int(row["evidence"])],
        )  # fmt: skip
        assert one.side.sign == many.side[i]
        assert one.risk_fraction == many.risk_fraction[i]
        assert mask_of(one.reasons) == many.reasons[i]
        if one.stop is not None:
            assert round(abs(one.stop - one.entry) / 1e-5) == many.stop_ticks[i] == 246
            assert many.target_ticks[i] == 369


def test_a_refusal_without_a_price_can_be_stored() -> None:
    made = decided(price=float("nan"), atr=float("inf"))

    assert (made.entry, made.atr) == (0.0, 0.0)


def test_the_label_must_have_the_barriers_that_are_traded() -> None:
    SETTINGS.check_label({"stop_atr": 2.0, "target_atr": 3.0, "limit_bars": 12})

    with pytest.raises(SettingsError, match="target_atr 3"):
        SETTINGS.check_label({"stop_atr": 2.0, "target_atr": 2.0})
    with pytest.raises(SettingsError, match="stop_atr"):
        SETTINGS.check_label({})


@pytest.mark.parametrize(
    "wrong",
    [
        {"stop_atr": 0.0},
        {"target_atr": -1.0},
        {"abstain_cap": 1.5},
        {"cost_multiple": -1.0},
        {"least_risk": 0.0},
    ],
)
def test_impossible_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        RiskSettings(**wrong)  # type: ignore[arg-type]  # a field by name


def test_a_field_the_rule_does_not_have_is_refused() -> None:
    with pytest.raises(SettingsError, match="fixed_fraction"):
        _ = RiskSettings(sizing_settings={"fractoin": 0.1}).sizer


def test_a_cap_above_one_is_refused() -> None:
    with pytest.raises(DataError, match="exposure"):
        Situations(
            1e-5, 1.0, np.ones(1), np.ones(1), np.ones(1), np.zeros(1, np.int8), np.ones(1),
            np.array([1.1]), np.zeros(1, np.int64),
        )  # fmt: skip


def test_masks_keep_every_reason() -> None:
    assert reasons_of(mask_of(reversed(REASONS))) == tuple(Reason)
    assert reasons_of(0) == ()


def test_years_have_bars() -> None:
    assert bars_per_year(instrument("EURUSD"), Timeframe.H1) == 260 * 24
    assert bars_per_year(instrument("BTCUSDT"), Timeframe.M15) == 365 * 96
    assert bars_per_year(equity("AAPL"), Timeframe.M30, session_minutes=390) == 252 * 13
    assert bars_per_year(equity("AAPL"), Timeframe.D1) == 252
