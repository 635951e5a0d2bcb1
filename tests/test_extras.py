"""What a plain installation can do: the service runs without anything that an extra brings."""

import json
import re
import subprocess
import sys
import tomllib
import urllib.request
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement

from tests.doubles.server import free_port

ROOT = Path(__file__).parents[1]
PLAIN = """
import sys
from importlib.abc import MetaPathFinder

class Refused(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {refused!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
        return None

sys.meta_path.insert(0, Refused())
sys.argv = ["assay", *{words!r}]
from assay.__main__ import main
sys.exit(main())
"""


def test_the_service_starts_without_any_extra(tmp_path: Path) -> None:
    refused = _of_extras_alone()
    assert {"redis", "celery", "torch", "ccxt", "pg8000"} <= refused
    words = ["--home", str(tmp_path / "home"), "serve", "--port", str(free_port()), "--json"]
    code = PLAIN.format(refused=refused, words=words)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline() or "{}")
        address = told["address"].partition("/#")[0]
        with urllib.request.urlopen(f"{address}/healthz", timeout=20) as answer:
            assert answer.status == 200
    finally:
        process.terminate()
        process.wait(30)
    assert process.returncode == 0


def test_a_redis_that_was_asked_for_names_the_extra_it_needs(tmp_path: Path) -> None:
    (tmp_path / "assay.toml").write_text('redis_url = "redis://127.0.0.1:6379/0"\n')
    words = ["--home", str(tmp_path), "serve"]
    code = PLAIN.format(refused=_of_extras_alone(), words=words)

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 2
    assert "pip install 'assay[scale]'" in done.stderr
    assert "Traceback" not in done.stderr


def _of_extras_alone() -> set[str]:
    """Return the modules that only an extra, or nothing of the product, brings here."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    plain: set[str] = {"assay"}
    waiting = list(told["dependencies"])
    while waiting:
        needed = Requirement(waiting.pop())
        name = _normal(needed.name)
        if name in plain or (needed.marker and not needed.marker.evaluate({"extra": ""})):
            continue
        plain.add(name)
        try:
            found = requires(name) or []
        except PackageNotFoundError:
            continue
        for each in found:
            inner = Requirement(each)
            extras = needed.extras or {""}
            if not inner.marker or any(inner.marker.evaluate({"extra": e}) for e in extras):
                inner.marker = None
                waiting.append(str(inner))
    return {
        module
        for module, brought_by in packages_distributions().items()
        if not module.startswith("_") and not {_normal(one) for one in brought_by} & plain
    }


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
