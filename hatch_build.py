"""Put the built terminal into the wheel and the source archive; build it first where it is old."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = Path("src/assay/api/terminal")


class BuildHook(BuildHookInterface):
    """An editable installation needs no terminal: `make terminal` builds it in place."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the terminal if it is not there, or older than what it is built of.

        A wheel without its page is refused.
        """
        if version == "editable":
            return
        root = Path(self.root)
        page = root / BUILT / "index.html"
        if _is_old(page, root / "web"):
            npm = shutil.which("npm")
            if npm is None:
                raise RuntimeError(
                    "The terminal is not built, or was before its sources changed, and there is "
                    "no npm to build it with: run `make terminal` first"
                )
            for words in (("ci", "--no-audit", "--no-fund"), ("run", "build")):
                subprocess.run(  # noqa: S603 - our own words
                    [npm, *words], cwd=root / "web", check=True, env=dict(os.environ)
                )
        if not page.is_file():
            raise RuntimeError(f"The terminal was built, but {page} is missing")
        build_data["artifacts"].append(f"{BUILT.as_posix()}/**")


def _is_old(page: Path, web: Path) -> bool:
    """Say whether the page is missing, or any file that it is built of is newer."""
    if not page.is_file():
        return True
    built = page.stat().st_mtime
    files = [*web.glob("*.*"), *(web / "src").rglob("*.*"), *(web / "public").rglob("*.*")]
    return any(one.stat().st_mtime > built for one in files if one.is_file())
