"""Questions that are more than a GET of a path."""

import json

from assay.sources.provider import Access
from assay.sources.wire.http import Http
from tests.doubles.kraken import Kraken
from tests.doubles.reach import Hands, reached
from tests.doubles.server import Question, Reply


class Echo(Kraken):
    """Says what it was asked."""

    def reply(self, question: Question) -> Reply:
        kind = question.headers.get("content-type")
        said = question.method, question.path, question.query, question.body.decode(), kind
        return Reply(json.dumps(said).encode())


def test_a_question_with_a_body_goes_to_a_whole_url_within_the_allowance() -> None:
    hands = Hands()
    with reached(Echo) as here:
        access = Access("echo", hands, hands, hands.sleep)
        http = Http(access, here.provider.abilities, "https://nowhere.invalid")

        answer = http.ask(
            "POST",
            f"{here.address}/info?depth=1",
            headers={"Content-Type": "application/json"},
            content='{"type": "candles"}',
            cost=20,
        )
        http.close()

    assert answer.body == [
        "POST",
        "/info",
        {"depth": "1"},
        '{"type": "candles"}',
        "application/json",
    ]
    assert hands.taken == [("echo", 20)]
