"""What the doctor asks of the machine: Python, libraries, processors, room, and where to write."""

import os
import platform
import re
import shutil
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from assay.kernel.jit import FOLDER
from assay.workflows.desk import Desk
from assay.workflows.finding import Finding, Findings, State

LEAST_PYTHON = (3, 11)
LIBRARIES = ("numpy", "polars", "numba", "sqlalchemy", "safetensors", "typer")
FEW_BYTES, LITTLE_BYTES = 200 * 2**20, 2 * 2**30
"""Under the first a write may fail soon; under the second a person should know."""
NOT_FOR_USERS = frozenset({"dev", "oracle", "docs"})
NEEDED_FOR = {
    "train": "assay train and assay backtest fit trees and nets with it; assay signal does not",
    "research": "the gate of assay experiment tells ideas apart with it",
    "live": "ccxt's exchanges among the sources, and keys in the keyring of the system, need it",
    "scale": "assay experiment run --executor ray needs it",
    "mlflow": "assay experiment export --format mlflow needs it",
    "postgres": "the setting database_url needs it where it names a PostgreSQL",
}
BROWSERS = ("xdg-open", "open", "firefox", "chromium", "google-chrome", "microsoft-edge", "brave")
DRIVER = Path("/proc/driver/nvidia/version")


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def python(desk: Desk | None) -> Findings:
    """Say which Python this is, and whether it is new enough."""
    new = sys.version_info >= LEAST_PYTHON
    said = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    if new:
        yield Finding("python", State.OK, f"{said}, Assay {version('assay')}")
    else:
        least = ".".join(str(part) for part in LEAST_PYTHON)
        yield Finding("python", State.FAIL, f"{said}; install Python {least} or newer")


def libraries(desk: Desk | None) -> Findings:
    """Say which versions of the libraries that matter most are installed."""
    said = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    yield Finding("libraries", State.OK, said)


def extras() -> dict[str, tuple[str, ...]]:
    """Return the optional libraries of each extra that users may want, as the package says."""
    found: dict[str, tuple[str, ...]] = {}
    for line in requires("assay") or ():
        marked = re.match(r"([A-Za-z0-9._-]+).*extra == ['\"]([^'\"]+)['\"]", line)
        if marked and marked[2] not in NOT_FOR_USERS:
            found[marked[2]] = (*found.get(marked[2], ()), marked[1])
    return found


def optional(desk: Desk | None) -> Findings:
    """Say of every extra what is installed, or which command needs what is not."""
    for extra, wanted in sorted(extras().items()):
        there = [f"{name} {found}" for name in wanted if (found := installed(name))]
        gone = [name for name in wanted if not installed(name)]
        if not gone:
            yield Finding(f"extra {extra}", State.OK, ", ".join(there))
            continue
        server = extra == "postgres" and desk is not None and desk.database_url is not None
        why = NEEDED_FOR.get(extra, "some commands need it")
        said = f"{', '.join(gone)} not installed; {why}: pip install 'assay[{extra}]'"
        yield Finding(f"extra {extra}", State.FAIL if server else State.INFO, said)


def installed(library: str) -> str | None:
    """Return the version of a library, None if it is not installed."""
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def threads(desk: Desk) -> Findings:
    """Hold the setting jobs against the processors there are."""
    there = processors()
    said = f"jobs is {desk.jobs}, for {there} processor{'s' * (there > 1)}"
    if desk.jobs > there:
        yield Finding("processors", State.WARN, f"{said}; more than there are gains nothing")
    elif desk.jobs < there:
        hint = f"jobs = {there} in assay.toml would use them all"
        yield Finding("processors", State.INFO, f"{said}; {hint}")
    else:
        yield Finding("processors", State.OK, said)


def torch(desk: Desk) -> Findings:
    """Hold the setting device against the build of torch, without importing it."""
    found = installed("torch")
    if found is None:
        return
    said = f"torch {found}, the setting device is {desk.device}"
    if desk.device == "cpu":
        yield Finding("torch", State.OK, said)
    elif "+cpu" in found:
        state = State.FAIL if desk.device == "cuda" else State.INFO
        hint = "this build has no CUDA; set it to cpu, or install torch's CUDA build (README)"
        yield Finding("torch", state, f"{said}; {hint}")
    elif not DRIVER.exists() and shutil.which("nvidia-smi") is None:
        state = State.FAIL if desk.device == "cuda" else State.INFO
        yield Finding("torch", state, f"{said}, but no driver of a GPU was found; set it to cpu")
    else:
        yield Finding("torch", State.OK, said)


def workspace(desk: Desk) -> Findings:
    """Say whether the workspace can be written."""
    home = desk.home
    if not home.exists():
        said = f"{home} is not there yet; assay init makes it, or the first import"
        yield Finding("workspace", State.INFO, said)
        return
    try:
        with tempfile.NamedTemporaryFile(dir=home, prefix=".doctor-"):
            yield Finding("workspace", State.OK, f"{home} can be written")
    except OSError as error:
        said = f"{home} cannot be written ({error.strerror}); check its rights, or set ASSAY_HOME"
        yield Finding("workspace", State.FAIL, said)


def settings(desk: Desk) -> Findings:
    """Say where the settings come from; a file with a mistake stops the command before this."""
    file = desk.home / "assay.toml"
    said = f"seed {desk.seed}, jobs {desk.jobs}, features {desk.features}, device {desk.device}"
    if file.exists():
        yield Finding("settings", State.OK, f"{file} holds; with the environment: {said}")
    else:
        hint = "no assay.toml, so the defaults and the environment; assay init writes one"
        yield Finding("settings", State.INFO, f"{said} ({hint})")


def disk(desk: Desk) -> Findings:
    """Say how much room there is where the workspace lies."""
    place = next(p for p in (desk.home, *desk.home.absolute().parents) if p.exists())
    free = shutil.disk_usage(place).free
    said = f"{free / 2**30:.1f} GiB free at {place}"
    if free < LITTLE_BYTES:
        state = State.FAIL if free < FEW_BYTES else State.WARN
        yield Finding("disk", state, f"{said}; free some before the next training or import")
    else:
        yield Finding("disk", State.OK, said)


def compiled(desk: Desk) -> Findings:
    """Say whether compiled functions can be kept; else every process compiles them again."""
    folder = Path(FOLDER)
    place = next(p for p in (folder, *folder.parents) if p.exists())
    if os.access(place, os.W_OK):
        yield Finding("compiled", State.OK, f"compiled functions are kept in {folder.parent}")
    else:
        said = (
            f"{place} cannot be written, so compiled functions are kept where numba finds room, or "
            "made again by every command; set NUMBA_CACHE_DIR to a folder of yours"
        )
        yield Finding("compiled", State.WARN, said)


def browser(desk: Desk) -> Findings:
    """Say whether the pages that commands write can be looked at here."""
    if sys.platform in ("win32", "darwin"):
        yield Finding("browser", State.OK, "pages open in the system's browser")
        return
    found = next((name for name in BROWSERS if shutil.which(name)), None)
    if found:
        yield Finding("browser", State.OK, f"pages can be opened with {found}")
    else:
        said = "none was found; pages are single files: copy them to a machine that has one"
        yield Finding("browser", State.INFO, said)
