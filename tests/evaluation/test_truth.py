import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.core.errors import DataError, NotFoundError
from assay.core.instruments import KNOWN
from assay.evaluation.truth import HEADINGS, Claim, EdgeKind, Outcome, judge, summary
from assay.sources.adapters.simulated import Simulated

PRICE, NEWS, MACRO = EdgeKind.PRICE, EdgeKind.NEWS, EdgeKind.MACRO


def part(symbol: str, kind: str, decoy: str | None = None) -> dict[str, Any]:
    known = kind != "none"
    return {
        "symbol": symbol,
        "simulated": True,
        "kind": kind,
        "decoy": decoy,
        "sign": int(known),
        "information_coefficient": 0.05 if known else None,
        "hit_rate": 0.53 if known else None,
        "net_sharpe": 1.2 if known else None,
        "explanation": f"simulated: {kind}",
    }


PARTS = [
    part("EURUSD", "price"),
    part("GBPUSD", "news"),
    part("USDJPY", "macro"),
    part("USDCHF", "none", "follows_price"),
    part("AUDUSD", "none"),
]


def write(path: Path, **changes: Any) -> Path:
    whole = {"format": "assay-simulated-truth-1", "simulated": True, "instruments": PARTS}
    path.write_text(json.dumps(whole | changes))
    return path


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    return write(tmp_path / "truth.json")


def test_right_kind_on_the_right_instrument_is_found(truth: Path) -> None:
    judged = judge(truth, [Claim("EURUSD", PRICE), Claim("USDJPY", MACRO)])

    assert [ruling.outcome for ruling in judged.rulings] == [
        Outcome.FOUND, Outcome.MISSED, Outcome.FOUND, Outcome.LEFT_ALONE, Outcome.LEFT_ALONE,
    ]  # fmt: skip
    assert (judged.planted, judged.found, judged.missed, judged.false_claims) == (3, 2, 1, 0)
    assert judged.found_share == pytest.approx(2 / 3)
    assert judged.false_share == 0.0


def test_the_wrong_kind_is_a_miss_and_a_false_claim(truth: Path) -> None:
    judged = judge(truth, [Claim("EURUSD", NEWS)])

    ruling = judged.rulings[0]
    assert ruling.outcome is Outcome.MISSED
    assert ruling.false_kinds == (NEWS,)
    assert (judged.found, judged.missed, judged.false_claims) == (0, 3, 1)


def test_right_and_wrong_together_are_found_and_false(truth: Path) -> None:
    judged = judge(truth, [Claim("EURUSD", NEWS), Claim("EURUSD", PRICE)])

    assert judged.rulings[0].outcome is Outcome.FOUND
    assert judged.false_claims == 1
    assert judged.false_share == pytest.approx(1 / 5)


@pytest.mark.parametrize("symbol", ["USDCHF", "AUDUSD"])
def test_decoys_and_nothing_are_falsely_claimed(truth: Path, symbol: str) -> None:
    judged = judge(truth, [Claim(symbol, PRICE), Claim(symbol, NEWS)])

    outcome = {ruling.symbol: ruling.outcome for ruling in judged.rulings}
    assert outcome[symbol] is Outcome.FALSE
    assert judged.false_claims == 2
    assert judged.false_share == pytest.approx(1 / 5)


CLAIMS = st.sets(
    st.builds(Claim, st.sampled_from([p["symbol"] for p in PARTS]), st.sampled_from(EdgeKind))
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(claims=CLAIMS)
def test_every_claim_is_found_or_false_and_every_edge_found_or_missed(
    truth: Path, claims: set[Claim]
) -> None:
    judged = judge(truth, [*claims, *claims])

    assert judged.found + judged.false_claims == len(claims)
    assert judged.found + judged.missed == judged.planted == 3


def test_a_claim_about_a_stranger_is_refused(truth: Path) -> None:
    with pytest.raises(NotFoundError, match="'XAUUSD' was claimed"):
        judge(truth, [Claim("XAUUSD", PRICE)])


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="There is no truth file"):
        judge(tmp_path / "none.json", [])


@pytest.mark.parametrize("text", ["", "{", "[]", '{"simulated": true}', "\udcff"])
def test_another_file_is_no_truth_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(DataError, match="truth file"):
        judge(path, [])


@pytest.mark.parametrize(
    "parts", [None, [1], [{"symbol": "EURUSD"}], [part("EURUSD", "gossip")], {"EURUSD": 1}]
)
def test_a_damaged_file_is_said(tmp_path: Path, parts: Any) -> None:
    with pytest.raises(DataError, match="is damaged"):
        judge(write(tmp_path / "truth.json", instruments=parts), [])


def test_a_truth_that_is_not_marked_simulated_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no truth file of a simulated market"):
        judge(write(tmp_path / "truth.json", simulated=False), [])


def test_the_table_says_each_outcome_in_words(truth: Path) -> None:
    judged = judge(truth, [Claim("EURUSD", PRICE), Claim("GBPUSD", PRICE), Claim("USDCHF", NEWS)])

    head, rows = judged.table()

    assert head == HEADINGS
    assert all(len(row) == len(head) for row in rows)
    assert rows[0][:4] == ("EURUSD", "price", "price", "found")
    assert rows[1][3] == "missed, and price falsely claimed"
    assert rows[3][:4] == ("USDCHF", "decoy: follows_price", "news", "falsely claimed")
    assert rows[4][4:6] == ("–", "–")


def test_the_summary_and_the_plain_form_say_the_same_numbers(truth: Path) -> None:
    judged = judge(truth, [Claim("EURUSD", PRICE), Claim("AUDUSD", NEWS)])

    plain = judged.plain()

    assert summary(judged) == (
        "Of 3 planted edges 1 were found and 2 missed (simulated).",
        "1 claims were false: AUDUSD.",
    )
    assert (plain["found"], plain["false_claims"], plain["simulated"]) == (1, 1, True)
    assert json.loads(json.dumps(plain)) == plain


def test_it_reads_what_the_simulated_source_writes(tmp_path: Path) -> None:
    path = tmp_path / "truth.json"
    chosen = list(KNOWN.values())[:8]
    Simulated(seed=2, years=0.4, instruments=chosen).write_truth(path)
    written = json.loads(path.read_text())["instruments"]
    told = [Claim(p["symbol"], EdgeKind(p["kind"])) for p in written if p["kind"] != "none"]

    judged = judge(path, told)

    assert judged.found == judged.planted == len(told) > 0
    assert judged.false_claims == 0
    assert [ruling.symbol for ruling in judged.rulings] == [one.symbol for one in chosen]
