"""The expert is handed out as it is, and only to where a terminal can find it."""

from pathlib import Path

import pytest

from assay.core.errors import NotFoundError
from assay.workflows.bridge import copied, expert


def test_the_expert_is_copied_byte_for_byte(tmp_path: Path) -> None:
    place = copied(tmp_path)

    assert place == tmp_path / "AssayBridge.mq5"
    assert place.read_bytes() == expert().read_bytes()
    assert b"CopyRates" in place.read_bytes()


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="MQL5/Experts"):
        copied(tmp_path / "experts")

    assert not (tmp_path / "experts").exists()
