"""Worked examples and laws of the rules; the examples were written for this file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.text.contract import Tone
from assay.text.scorers.rules import Rules, label_of

RULES = Rules()


def tone(text: str, subject: str | None = None) -> Tone:
    return RULES.score([text], subject)[0]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Operating profit rose to EUR 4.7 mn from EUR 3.6 mn", "positive"),
        ("Operating profit fell to EUR 4.7 mn from EUR 6.6 mn", "negative"),
        ("Costs rose sharply in the quarter", "negative"),
        ("Costs were reduced by 12 %", "positive"),
        ("The net loss narrowed to USD 2 mn", "positive"),
        ("The net loss widened to USD 9 mn", "negative"),
        ("Net sales were EUR 20.1 mn, compared to EUR 25.4 mn a year earlier", "negative"),
        ("Net sales were EUR 25.4 mn, compared to EUR 20.1 mn a year earlier", "positive"),
        ("Net sales went from EUR 7.9 mn in 2009 to EUR 9.3 mn in 2010", "positive"),
        ("Operating loss totalled EUR 12 mn, compared to a profit of EUR 17 mn", "negative"),
        ("EBIT was EUR 14 mn, compared to a loss of EUR 0.3 mn", "positive"),
        ("Diluted loss per share stood at EUR 0.15 versus EUR 0.26", "positive"),
        ("The company slipped to a net loss from a profit", "negative"),
        ("The bank swung to a profit in the spring", "positive"),
        ("Profit before taxes decreased to EUR 31.6 mn", "negative"),
        ("The group issued a profit warning", "negative"),
        ("It won an order worth USD 15 mn", "positive"),
        ("The two firms signed an agreement on deliveries", "positive"),
        ("The plant will lay off 200 people", "negative"),
        ("Unemployment falls to a record low", "positive"),
        ("Shares tumble to a 52-week low after the recall", "negative"),
        ("Price target raised to $79 vs. $75 at a broker", "positive"),
        ("Acme +3% on Q4 beat", "positive"),
        ("Acme -4% after results", "negative"),
        ("The annual meeting will be held on 3 May 2010", "neutral"),
        ("The company has its headquarters in Oslo", "neutral"),
        ("The increase of the share capital was registered in May", "neutral"),
        ("The fund raised its stake to 12 % of the shares", "neutral"),
        ("A new plant is set up in the north", "neutral"),
    ],
)
def test_plain_tone(text: str, label: str) -> None:
    assert label_of(tone(text)) == label, tone(text)


@pytest.mark.parametrize(
    ("text", "subject", "sign"),
    [
        ("Dollar rises on strong jobs data", "EURUSD", -1),
        ("Dollar rises on strong jobs data", "USDJPY", 1),
        ("Dollar rises on strong jobs data", "XAUUSD", -1),
        ("Dollar rises on strong jobs data", "EURGBP", 0),
        ("Dollar rises against the yen", "EURJPY", 1),
        ("Dollar falls against the pound and the yen", "GBPUSD", 1),
        ("Pound slumps against euro and dollar", "EURGBP", 1),
        ("Pound slumps against euro and dollar", "GBPUSD", -1),
        ("Pound slumps against euro and dollar", "EURUSD", 0),
        ("Euro falls as ECB delays rate hikes", "EURUSD", -1),
        ("Fed signals rate cut", "EURUSD", 1),
        ("ECB signals rate cut", "EURUSD", -1),
        ("A hawkish Fed", "AUDUSD", -1),
        ("Yen weakens as BOJ stays dovish", "USDJPY", 1),
        ("UK unemployment falls to a record low", "GBPUSD", 1),
        ("Euro zone inflation rises more than expected", "EURUSD", 1),
        ("U.S. jobless claims rise", "EURUSD", 1),
        ("US GDP grows faster than expected", "EURUSD", -1),
        ("Aussie gains after RBA raises rates", "AUDJPY", 1),
        ("Kiwi jumps as RBNZ turns hawkish", "NZDUSD", 1),
        ("Loonie slips to a 4-month low", "USDCAD", 1),
        ("SNB intervention sends franc lower", "USDCHF", 1),
        ("Gold rises as U.S. dollar softens", "XAUUSD", 1),
        ("Gold dips on stronger dollar", "XAUUSD", -1),
        ("Weaker dollar lifts gold", "XAUUSD", 1),
        ("Fed hikes rates, weighing on gold", "XAUUSD", -1),
        ("Gold gains on safe haven demand", "XAUUSD", 1),
        ("Bitcoin exchange hacked, $50 million stolen", "BTCUSDT", -1),
        ("Regulator approves a spot bitcoin ETF", "BTCUSDT", 1),
        ("Bitcoin ETF outflows hit a record", "BTCUSDT", -1),
        ("Beijing bans crypto mining", "BTCUSDT", -1),
        ("Ether falls 5% as bitcoin climbs", "BTCUSDT", 1),
        ("Ether falls 5% as bitcoin climbs", "ETHUSDT", -1),
        ("Dollar Tree misses estimates", "EURUSD", -1),
        ("A 7.4 billion euro overhaul cuts jobs", "EURUSD", -1),
        ("Let us hope gold rises", "XAUUSD", 1),
    ],
)
def test_tone_for_a_subject(text: str, subject: str, sign: int) -> None:
    score = tone(text, subject).score

    assert (score > 0.1) - (score < -0.1) == sign, tone(text, subject)


@pytest.mark.parametrize(
    ("said", "denied"),
    [
        ("Sales will grow", "Sales will not grow"),
        ("The firm is profitable", "The firm is not profitable"),
        ("Profit fell", "Profit never fell"),
        ("They won the contract", "They haven't won a contract"),
    ],
)
def test_a_negation_turns_the_tone_round(said: str, denied: str) -> None:
    assert tone(said).score * tone(denied).score < 0


@pytest.mark.parametrize("text", ["Euro climbs", "ECB turns hawkish", "Euro slumps", "Weak euro"])
def test_the_other_side_of_a_pair_hears_the_opposite(text: str) -> None:
    as_base, as_quote = tone(text, "EURUSD"), tone(text, "GBPEUR")

    assert as_base.score == -as_quote.score != 0


def test_a_text_that_names_no_market_has_its_plain_tone() -> None:
    text = "Nordic steel maker says profit rose"

    assert tone(text, "EURUSD") == tone(text) == tone(text, "AAPL")


def test_hits_explain_the_score() -> None:
    found = tone("Gold rises as U.S. dollar softens", "XAUUSD")

    assert found.hits == ("xau: rises +0.70", "usd: softens +0.70")


def test_disagreeing_words_show_as_spread() -> None:
    mixed = tone("Profit rose, but sales fell")

    assert mixed.score == 0.0
    assert mixed.spread == 1.0


@given(
    hidden=st.sampled_from(["\u200b", "\u2060", "\ufeff", "\u00ad", "\u202e"]),
    at=st.integers(0, 22),
)
def test_invisible_characters_change_nothing(hidden: str, at: int) -> None:
    text = "Operating profit fell 9 %"

    assert tone(text[:at] + hidden + text[at:]) == tone(text)


def test_width_and_ligatures_are_one_form() -> None:
    assert tone("Ｐｒｏﬁｔ ｆｅｌｌ") == tone("Profit fell")


def test_a_very_long_text_counts_to_the_cap_only() -> None:
    assert tone("profit rose " * 100_000) == tone(("profit rose " * 100_000)[:2000])
