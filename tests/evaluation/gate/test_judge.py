"""The verdict is the least that any finding allows, under the thresholds of a profile."""

from dataclasses import asdict, replace
from itertools import combinations

import numpy as np
import pytest

from assay.core.errors import NotFoundError
from assay.evaluation.gate.catalog import CHECKS
from assay.evaluation.gate.contract import Evidence, Finding, Tier, Verdict
from assay.evaluation.gate.judge import Judgement, Line, checks, judge
from assay.evaluation.gate.profile import PROFILES, STANDARD, STRICT, Profile, profile_of
from tests.evaluation.gate.evidence import asked, changed, silent, sound, with_sharpe

pytest.importorskip("scipy", reason="scipy is in the extra research")

TIERS = [some for count in range(5) for some in combinations(Tier, count)]
UNEQUAL: dict[str, Evidence] = {
    "sound": sound(),
    "looked into too often": changed(sound(), registration={"looks": 4}),
    "drifted": changed(sound(), psi=np.array([0.4])),
    "not tried whether it leaks": changed(sound(), prefix=None),
    "leaking": changed(sound(), prefix=False),
    "silent": silent(sound()),
    "losing": changed(sound(), returns={"net": with_sharpe(-1.0)}),
}


def line(verdict: Verdict, said: str) -> Line:
    return Line(Tier.SANITY, said.lower(), Finding(verdict, said))


def test_what_nothing_speaks_against_is_live() -> None:
    found = judge(sound(), STANDARD)

    assert found.verdict is Verdict.LIVE
    assert found.summary() == "LIVE: no check has anything against it"


@pytest.mark.parametrize("name", UNEQUAL)
def test_the_verdict_is_the_least_that_any_line_allows(name: str) -> None:
    found = judge(UNEQUAL[name], STANDARD)

    assert found.verdict == min(each.finding.allows for each in found.lines)
    assert [(each.tier, each.check) for each in found.lines] == [
        (tier, check) for tier in Tier for check in CHECKS[tier].names()
    ]


@pytest.mark.parametrize("name", UNEQUAL)
def test_no_check_more_can_raise_a_verdict(name: str) -> None:
    verdicts = {some: judge(UNEQUAL[name], STANDARD, some).verdict for some in TIERS}

    for fewer in TIERS:
        for more in TIERS:
            if set(fewer) <= set(more):
                assert verdicts[more] <= verdicts[fewer]


@pytest.mark.parametrize(
    ("name", "verdict", "check"),
    [
        ("looked into too often", Verdict.PAPER, "lock_box"),
        ("drifted", Verdict.PAPER, "drift"),
        ("not tried whether it leaks", Verdict.INSUFFICIENT, "prefix"),
        ("leaking", Verdict.FAIL, "prefix"),
    ],
)
def test_one_check_alone_holds_a_trial_back(name: str, verdict: Verdict, check: str) -> None:
    found = judge(UNEQUAL[name], STANDARD)

    assert found.verdict is verdict
    assert [each.check for each in found.against] == [check]
    assert found.summary() == f"{verdict}: {found.against[0].finding.sentence}"


def test_more_looks_into_the_lock_box_than_allowed_stop_at_paper() -> None:
    spent = {
        looks: asked(Tier.REGISTRATION, "lock_box", changed(sound(), registration={"looks": looks}))
        for looks in (0, 3, 4)
    }

    assert [each.allows for each in spent.values()] == [Verdict.LIVE, Verdict.LIVE, Verdict.PAPER]
    assert spent[4].sentence == "The family's lock box was looked into 4 times, of 3 allowed"


@pytest.mark.parametrize(
    "unknown", [{"hypothesis": "  "}, {"order": 0}, {"order": 3, "registered": 2}]
)
def test_a_trial_that_is_not_in_the_ledger_fails(unknown: dict[str, object]) -> None:
    known = asked(Tier.REGISTRATION, "registered", sound())
    lost = asked(Tier.REGISTRATION, "registered", changed(sound(), registration=unknown))

    assert (known.allows, lost.allows) == (Verdict.LIVE, Verdict.FAIL)


def test_a_trial_that_never_traded_was_not_refused_by_its_results() -> None:
    silent_but_answering = replace(silent(sound()), counts=sound().counts)

    found = judge(silent_but_answering, STANDARD, (Tier.PERFORMANCE, Tier.STATISTICS))

    assert found.verdict is Verdict.INSUFFICIENT


def test_a_summary_tells_three_reasons_and_counts_the_others() -> None:
    lines = tuple(line(Verdict.FAIL, f"Reason {n}") for n in range(5))

    found = Judgement(Verdict.FAIL, (*lines, line(Verdict.LIVE, "Fine")))

    assert found.against == lines
    assert found.summary() == "FAIL: Reason 0; Reason 1; Reason 2; and 2 more"


def test_what_is_worse_than_the_verdict_cannot_be() -> None:
    lines = (line(Verdict.PILOT, "Little"), line(Verdict.PAPER, "Less"))

    assert [each.check for each in Judgement(Verdict.PAPER, lines).against] == ["less"]


def test_nothing_asked_is_nothing_found_against_it() -> None:
    assert judge(sound(), STANDARD, ()).verdict is Verdict.LIVE


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_names_checks_and_thresholds_that_are_there(name: str) -> None:
    profile = profile_of(name)

    made = {check: asdict(found) for _, check, found in checks(profile, tuple(Tier))}  # type: ignore[call-overload]  # every check is a dataclass

    assert profile.about
    for check, thresholds in profile.settings.items():
        assert {key: made[check][key] for key in thresholds} == thresholds


def test_the_strict_profile_is_never_milder() -> None:
    mild = changed(sound(), returns={"net": with_sharpe(0.8)})

    by_sharpe = {
        profile.name: judge(mild, profile, (Tier.PERFORMANCE,)).against
        for profile in (STANDARD, STRICT)
    }

    assert "sharpe" not in {each.check for each in by_sharpe["standard"] if not _lets(each)}
    assert "sharpe" in {each.check for each in by_sharpe["strict"] if not _lets(each)}
    for name in UNEQUAL:
        assert judge(UNEQUAL[name], STRICT).verdict <= judge(UNEQUAL[name], STANDARD).verdict


def _lets(each: Line) -> bool:
    return each.finding.allows >= Verdict.PAPER


def test_an_unknown_profile_is_answered_with_those_there_are() -> None:
    with pytest.raises(NotFoundError, match=r"mild.*standard"):
        profile_of("mild")


def test_a_threshold_that_a_check_has_not_is_no_profile() -> None:
    odd = Profile("odd", "a threshold of nothing", {"sharpe": {"most": 3.0}})

    with pytest.raises(TypeError, match="most"):
        judge(sound(), odd)
