"""The rooms' walls stand, and each is seen to break when a room reaches where it must not."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

BREACHES = {
    "One way": ("features/sly.py", "import assay.models.contract\n"),
    "Islands: plug-ins in features": (
        "features/library/sly.py",
        "import assay.features.library.rsi\n",
    ),
    "Settings are read": ("risk/sly.py", "import assay.settings\n"),
    "The middle is pure": ("evaluation/sly.py", "import sqlalchemy\n"),
    "torch lives in models": ("fusion/sly.py", "import torch\n"),
    "Blind is blind": ("core/values/view.py", "import assay.core.values.forecast\n"),
}


def walls(copy: Path) -> subprocess.CompletedProcess[str]:
    program = (
        "import sys; sys.path.insert(0, 'src'); from importlinter.cli import lint_imports_command;"
        "lint_imports_command(['--no-cache'])"
    )
    return subprocess.run(
        [sys.executable, "-c", program], cwd=copy, capture_output=True, text=True, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path / ".importlinter")
    return tmp_path


def test_the_walls_stand(copy: Path) -> None:
    found = walls(copy)

    assert found.returncode == 0, found.stdout
    assert "Contracts: 23 kept, 0 broken" in found.stdout


def test_each_folder_of_plug_ins_is_seen_to_be_islands(copy: Path) -> None:
    wanted = re.findall(r"^name = (Islands: .*)$", (ROOT / ".importlinter").read_text(), re.M)
    for wall in wanted:
        room = wall.split()[3]
        folder = copy / "src" / "assay" / room.replace(".", "/")
        other = min(file.stem for file in folder.glob("[a-z]*.py"))
        (folder / "sly.py").write_text(f'"""A breach."""\n\nimport assay.{room}.{other}\n')

    found = walls(copy)

    rows = [row.strip() for row in found.stdout.splitlines()]
    assert len(wanted) == 18
    assert [wall for wall in wanted if f"{wall} BROKEN" not in rows] == []


@pytest.mark.parametrize("wall", BREACHES)
def test_each_wall_is_seen_to_break(copy: Path, wall: str) -> None:
    file, line = BREACHES[wall]
    target = copy / "src" / "assay" / file
    before = target.read_text() if target.exists() else '"""A breach."""\n'
    target.write_text(f"{before}\n{line}")

    found = walls(copy)

    broken = [row for row in found.stdout.splitlines() if row.rstrip().endswith("BROKEN")]
    assert found.returncode == 1
    assert any(row.startswith(wall) for row in broken), found.stdout
