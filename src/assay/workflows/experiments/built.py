"""What code, libraries and machine a run was made with."""

import hashlib
import os
import platform
import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from assay.workflows.machine import installed

WITHOUT = ("cli", "notebook", "api", "migrations")
"""Folders of the package that no result depends on."""
LIBRARIES = (
    "arch", "lightgbm", "numba", "numpy", "onnxruntime", "optuna", "polars", "scikit-learn",
    "scipy", "statsmodels", "torch",
)  # fmt: skip
MOST_DIFF = 500_000
"""Characters of an uncommitted difference that are kept; the rest is cut off, and that is said."""
_ROOT = Path(__file__).resolve().parents[2]


@cache
def code_digest() -> str:
    """Return the SHA-256 of all code that a result can depend on."""
    made = hashlib.sha256()
    for file in sorted(_ROOT.rglob("*.py")):
        parts = file.relative_to(_ROOT).parts
        if not set(WITHOUT) & set(parts):
            made.update("/".join(parts).encode() + b"\0" + file.read_bytes() + b"\0")
    return made.hexdigest()


@cache
def code_version() -> str:
    """Return the version, and the revision where the code runs out of a git checkout."""
    revision = _git("rev-parse", "--short=12", "HEAD")
    return f"{version('assay')}+{revision.strip()}" if revision else version("assay")


@cache
def uncommitted_diff() -> str | None:
    """Return what the code had beyond its revision, "" if nothing, None outside a checkout."""
    found = _git("diff", "HEAD", "--", str(_ROOT))
    if found is not None and len(found) > MOST_DIFF:
        return found[:MOST_DIFF] + f"\n[cut off: {len(found) - MOST_DIFF:,} more characters]\n"
    return found


@cache
def libraries() -> dict[str, str]:
    """Return the versions of the libraries that numbers go through, and of Python."""
    there = {name: installed(name) for name in LIBRARIES}
    told = {name: found for name, found in there.items() if found is not None}
    return {"python": platform.python_version()} | told


@cache
def machine() -> dict[str, Any]:
    """Return what the machine is."""
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "node": platform.node(),
    }


def _git(*asked: str) -> str | None:
    """Return what git says of the code's folder; None without git, or where it is no checkout."""
    try:
        found = subprocess.run(  # noqa: S603 - our own arguments
            ["git", "-C", str(_ROOT), *asked],  # noqa: S607 - whichever git the person uses
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout if found.returncode == 0 else None
