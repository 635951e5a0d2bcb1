"""What a card says of one member is true of that member."""

from pathlib import Path

import pytest

from assay.core.values.reason import Reason
from tests.cli.conftest import Run

POOLED = {Reason.NOT_FINITE, Reason.MISSING_MODEL, Reason.QUARANTINED, Reason.NO_EVIDENCE}


def test_a_member_without_skill_is_not_said_to_be_every_member(own: Path, assay: Run) -> None:
    said = assay(own, "signal", "EURUSD", "--timeframe", "1h", "--json").json
    text = assay(own, "signal", "EURUSD", "--timeframe", "1h").out

    silent = [m["member"] for m in said["members"] if m["reason"] == Reason.NOT_PROMOTED]
    assert silent
    assert any(m["weight"] > 0 for m in said["members"])
    assert "This member has not passed the gate." in " ".join(text.split())
    assert "No member has shown skill" not in " ".join(text.split())


@pytest.mark.parametrize("reason", sorted(POOLED))
def test_a_reason_said_of_one_member_speaks_of_one(reason: Reason) -> None:
    assert "member" in reason.of_member
    assert not reason.of_member.startswith("No ")
    assert reason.of_member != reason.sentence
