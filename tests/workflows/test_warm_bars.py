"""What the warm store of bars says of a series is what the plain one says, whatever is written."""

from datetime import timedelta
from pathlib import Path

import pytest

from assay.store.bars import BarStore
from assay.store.parts import Folder
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


def test_inside_one_look_nothing_changes_and_the_next_look_sees_it(tmp_path: Path) -> None:
    plain, warm = BarStore(tmp_path), WarmBars(tmp_path)
    first = bars_of({at(i): 1.0 + i / 1e4 for i in range(40)})
    plain.append(first, source="a", known_at=KNOWN)
    more = bars_of({at(i): 1.0 + i / 1e4 for i in range(40, 44)})

    with warm.looked_at_once():
        before = warm.stamps("EURUSD", H4)
        assert warm.tail(EURUSD, H4, 10).last_time == at(39)
        plain.append(more, source="a", known_at=KNOWN + timedelta(hours=1))
        assert warm.stamps("EURUSD", H4) == before
        assert warm.tail(EURUSD, H4, 10).last_time == at(39)
        assert warm.info("EURUSD", H4).last == at(39)
    assert warm.info("EURUSD", H4).last == at(43)
    with warm.looked_at_once():
        assert warm.stamps("EURUSD", H4) != before
        assert warm.tail(EURUSD, H4, 10).last_time == at(43)


def test_the_files_of_a_short_series_are_not_read_for_each_bar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, warm = BarStore(tmp_path), WarmBars(tmp_path)
    plain.append(bars_of({at(0): 1.0, at(1): 1.1}), source="a", known_at=KNOWN)
    assert len(warm.tail(EURUSD, H4, 50)) == 2

    monkeypatch.setattr(Folder, "tail", pytest.fail)
    for slot in range(2, 5):
        later = KNOWN + timedelta(hours=slot)
        plain.append(bars_of({at(slot): 1.0}), source="a", known_at=later)
        assert len(warm.tail(EURUSD, H4, 50)) == slot + 1
