"""What every scorer promises, whoever wrote it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.text.catalog import SCORERS
from assay.text.contract import Scorer

ANY_TEXT = st.text(max_size=300)
SUBJECTS = st.sampled_from([None, "EURUSD", "USDJPY", "XAUUSD", "BTCUSDT", "AAPL", "EURNOK", ""])


@pytest.fixture(scope="module", params=SCORERS.names())
def scorer(request: pytest.FixtureRequest) -> Scorer:
    return SCORERS.get(request.param)()


def test_there_is_a_scorer() -> None:
    assert "rules" in SCORERS.names()


@settings(max_examples=150, deadline=None)
@given(texts=st.lists(ANY_TEXT, max_size=4), subject=SUBJECTS)
def test_any_text_gets_a_tone_within_bounds(
    scorer: Scorer, texts: list[str], subject: str | None
) -> None:
    tones = scorer.score(texts, subject)

    assert len(tones) == len(texts)
    for tone in tones:
        assert -1.0 <= tone.score <= 1.0
        assert 0.0 <= tone.spread <= 1.0
        assert bool(tone.hits) or tone.score == 0.0


@settings(max_examples=80, deadline=None)
@given(texts=st.lists(ANY_TEXT, min_size=2, max_size=5), subject=SUBJECTS, data=st.data())
def test_a_tone_depends_on_its_own_text_alone(
    scorer: Scorer, texts: list[str], subject: str | None, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(texts))))

    together = scorer.score(texts, subject)
    turned = scorer.score([texts[k] for k in order], subject)
    alone = [scorer.score([text], subject)[0] for text in texts]

    assert together == alone
    assert turned == [together[k] for k in order]


def test_no_text_no_tone(scorer: Scorer) -> None:
    assert scorer.score([]) == []
    assert scorer.score(["", "   "])[0].score == 0.0


def test_a_new_scorer_gives_the_same_tones(scorer: Scorer) -> None:
    texts = ["Operating profit rose to EUR 4.7 mn from EUR 3.6 mn", "Dollar slips as Fed turns"]

    again = type(scorer)()

    assert again.score(texts, "EURUSD") == scorer.score(texts, "EURUSD")
