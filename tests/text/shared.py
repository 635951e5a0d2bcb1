"""Where the development data lies; tests that need it are skipped, with the reason, without it."""

import os
from pathlib import Path

import pytest


def shared_data(folder: str) -> Path:
    """Return the named folder of the development data, or skip the test."""
    beside = Path(__file__).parents[3] / "shared" / "data"
    found = Path(os.environ.get("ASSAY_SHARED_DATA", beside)) / folder
    if not found.is_dir():
        pytest.skip(f"the development data are not at {found}; set ASSAY_SHARED_DATA")
    return found
