"""A kept report is read back exactly, and a damaged, missing or foreign one is never believed."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import NotFoundError, StoreError
from assay.core.ids import canonical, digest
from assay.store.reports import Reports

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)  # fmt: skip
REPORT = {"trial": "trial-1", "months": {"2019": [0.1, None]}, "title": "EURUSD – 1h"}


@given(report=st.dictionaries(st.text(max_size=5), PLAIN, max_size=5))
def test_what_was_kept_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, report: dict[str, Any]
) -> None:
    kept = Reports(tmp_path_factory.mktemp("reports"))

    mark = kept.write("trial-1", report)

    assert mark == digest(report)
    assert canonical(kept.read("trial-1", mark)) == canonical(report)


def test_the_same_report_is_the_same_bytes(tmp_path: Path) -> None:
    one, other = Reports(tmp_path / "a"), Reports(tmp_path / "b")

    one.write("trial-1", REPORT)
    other.write("trial-1", dict(reversed(REPORT.items())))

    assert one.path("trial-1").read_bytes() == other.path("trial-1").read_bytes()
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_missing_one_says_what_to_do(tmp_path: Path) -> None:
    kept = Reports(tmp_path)

    assert not kept.has("trial-1")
    with pytest.raises(NotFoundError, match=r"trial-1 is not kept.*run the backtest again"):
        kept.read("trial-1", "0" * 64)


@pytest.mark.parametrize("cut", [0, 1, 12, 40, -1])
def test_a_file_that_was_cut_is_refused(tmp_path: Path, cut: int) -> None:
    kept = Reports(tmp_path)
    mark = kept.write("trial-1", REPORT)
    path = kept.path("trial-1")
    path.write_bytes(path.read_bytes()[:cut])

    with pytest.raises(StoreError, match="backtest-trial-1"):
        kept.read("trial-1", mark)


def test_no_single_changed_byte_goes_unnoticed(tmp_path: Path) -> None:
    kept = Reports(tmp_path)
    mark = kept.write("trial-1", REPORT)
    path, whole = kept.path("trial-1"), kept.path("trial-1").read_bytes()

    for place in range(10, len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(StoreError, match="run the backtest again"):
            kept.read("trial-1", mark)


def test_another_report_in_its_place_is_refused(tmp_path: Path) -> None:
    kept = Reports(tmp_path)
    mark = kept.write("trial-1", REPORT)
    kept.path("trial-1").write_bytes(gzip.compress(canonical({**REPORT, "title": "better"})))

    with pytest.raises(StoreError, match="not the report that trial-1 recorded"):
        kept.read("trial-1", mark)
