"""What the warm store of bars says of a series is what the plain one says, whatever is written."""

from datetime import timedelta
from pathlib import Path

from assay.store.bars import BarStore
from assay.workflows.warm_stores import WarmBars
from tests.store.small_bars import EURUSD, H4, KNOWN, at, bars_of

SPANS = ((0, 71), (0, 72), (71, 72), (60, 2_400), (73, 2_302), (2_400, 2_400), (74, 80))
"""Slots from and to; 72 is the first of 2021, 2262 that of 2022, and 74 to 80 hold no bar."""


def agrees(warm: WarmBars, plain: BarStore) -> list[str]:
    """Return the fingerprints of all spans, once both stores say the same."""
    warm.tail(EURUSD, H4, 10)
    assert warm.changes("EURUSD", H4) == plain.changes("EURUSD", H4)
    assert warm.changes("EURUSD", H4) is warm.changes("EURUSD", H4)
    found = []
    for first, last in SPANS:
        found.append(warm.fingerprint("EURUSD", H4, at(first), at(last)))
        assert found[-1] == plain.fingerprint("EURUSD", H4, at(first), at(last))
    return found


def test_fingerprints_and_changes_follow_every_write(tmp_path: Path) -> None:
    plain, warm = BarStore(tmp_path), WarmBars(tmp_path)
    slots = [*range(74), *range(81, 2_390)]
    plain.append(bars_of({at(i): 1.0 + i / 1e4 for i in slots}), source="a", known_at=KNOWN)
    before = agrees(warm, plain)

    grown = bars_of({at(i): 1.0 + i / 1e4 for i in range(2_390, 2_401)})
    plain.append(grown, source="a", known_at=KNOWN + timedelta(hours=1))
    later = agrees(warm, plain)
    mended = bars_of({at(71): 1.5, at(72): 1.6})
    plain.correct(mended, reason="a test", known_at=KNOWN + timedelta(hours=2))
    corrected = agrees(warm, plain)

    assert [a == b for a, b in zip(before, later, strict=True)] == [
        last < 2_390 for _, last in SPANS
    ]
    assert [a == b for a, b in zip(later, corrected, strict=True)] == [
        not (first <= 71 <= last or first <= 72 <= last) for first, last in SPANS
    ]
    assert warm.changes("EURUSD", H4)[-1].kind == "correct"
