"""The pages build as a site: every one is shown, every link leads somewhere, nothing is fetched."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_docs import ROOT

yaml = pytest.importorskip("yaml", reason="the extra docs is not installed")
pytest.importorskip("mkdocs", reason="the extra docs is not installed")


def test_the_site_has_every_page_under_its_kind() -> None:
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    shown = {
        file: section
        for item in nav
        for section, rows in item.items()
        for row in (rows if isinstance(rows, list) else [{section: rows}])
        for file in row.values()
    }

    for page in (ROOT / "docs").rglob("*.md"):
        name = page.relative_to(ROOT / "docs").as_posix()
        assert name in shown, f"mkdocs.yml does not show {name}"
        kind = page.parent.name
        assert kind == "docs" or shown[name].lower() == kind, f"{name} stands under {shown[name]}"


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", tmp_path],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    home = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "://" not in "".join(re.findall(r"<(?:script|link)[^>]*>", home)), "it loads something"
