"""What each file of an artefact holds.

- `arch.json` member, version, every hyper-parameter written out, runtime and its parameters;
- `weights.safetensors` the arrays; texts such as `model.lgb.txt` lie beside it;
- `features.json` the columns in order, the pipeline's specification and its hash;
- `label.json`, `data.json`, `calibration.json`, `metrics.json` as `Origin` and `Fitted` have them;
- `scaler.safetensors` means and deviations of the columns, and `model.onnx` the graph, of nets;
- `golden.safetensors` 8 real rows, for nets with the bars before each, and raw and calibrated
  answers;
- `env.json` versions and seed; `CARD.md` all of it for a person.
"""

import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from assay.core.errors import DataError
from assay.core.ids import canonical, digest
from assay.models.card import card
from assay.models.contract import Asked, Member
from assay.models.fitting import Fitted

SCHEMA = 1
"""Raised when an older reader could misread the folder."""

MANIFEST = "manifest.json"
WEIGHTS = "weights.safetensors"
GOLDEN = "golden.safetensors"
SCALER = "scaler.safetensors"
GRAPHS = ".onnx"
"""How the files of graphs end."""
JSON_FILES = ("arch", "calibration", "data", "env", "features", "label", "metrics")
GOLDEN_ANSWERS = ("raw_quantiles", "raw_classes", "quantiles", "classes")
NETS = ("torch", "onnx", "onnxscript", "onnxruntime")
LIBRARIES = {"trees": ("lightgbm",), "cnn_lstm": NETS, "patchtst": NETS}
"""Libraries besides numpy and numba that fitted a family."""


ArtefactId = str
"""64 hex digits; the first 12 are shown to people."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a model was made of, as plain data that JSON can hold.

    `member` is its name in the catalogue. `features` is the pipeline's specification, in the order
    of the columns, and `features_hash` the pipeline's own hash of it. `label` holds type and
    settings. `data` holds, per span, its first and last time, symbols, rows and fingerprint.
    `parents` are ids of artefacts it grew from, `device` is what it was fitted on. No time of
    making: the same fit has the same id.
    """

    member: str
    features: Sequence[Mapping[str, Any]]
    features_hash: str
    label: Mapping[str, Any]
    data: Mapping[str, Any]
    seed: int
    parents: tuple[ArtefactId, ...] = ()
    device: str = "cpu"


def sha256(content: bytes) -> str:
    """Return the SHA-256 of bytes, in hex."""
    return hashlib.sha256(content).hexdigest()


def features_digest(columns: tuple[str, ...], specification: Any) -> str:  # noqa: ANN401 - JSON
    """Return the hash that binds the order of the columns to the specification that made them."""
    return digest({"columns": columns, "specification": specification})


def files_of(member: Member, fitted: Fitted, origin: Origin) -> dict[str, bytes]:
    """Return the content of every file but the manifest; the same fit gives the same bytes."""
    specification = [dict(part) for part in origin.features]
    plain: dict[str, Any] = {
        "arch": {
            "member": origin.member,
            "member_version": member.version,
            "settings": member.settings(),
            "runtime": fitted.weights.runtime,
            "params": dict(fitted.weights.params),
        },
        "calibration": fitted.calibration.as_json(),
        "data": dict(origin.data),
        "env": _environment(member, origin),
        "features": {
            "columns": list(fitted.columns),
            "specification": specification,
            "hash": origin.features_hash,
            "digest": features_digest(fitted.columns, specification),
        },
        "label": dict(origin.label),
        "metrics": dict(fitted.metrics),
    }
    contents = {f"{name}.json": canonical(plain[name]) for name in JSON_FILES}
    arrays = fitted.weights.arrays
    contents[WEIGHTS] = save({name: np.ascontiguousarray(arrays[name]) for name in sorted(arrays)})
    contents[GOLDEN] = save(golden(fitted))
    scaler = fitted.weights.scaler
    if scaler:
        contents[SCALER] = save({name: np.ascontiguousarray(scaler[name]) for name in scaler})
    texts = {name: text.encode() for name, text in fitted.weights.texts.items()}
    for name, content in (texts | dict(fitted.weights.graphs)).items():
        if name in contents or name != Path(name).name or name.startswith("."):
            raise DataError(f"A part of a model cannot be kept in a file called {name!r}")
        contents[name] = content
    contents["CARD.md"] = card(member, plain).encode()
    return contents


def golden(fitted: Fitted) -> dict[str, np.ndarray]:
    """Return the golden rows and what the model says of them.

    `x` is (8, F), or (8, L, F) of members that read L bars; `series` (8,) then indexes
    `Runtime.names`.
    """
    asked, length = fitted.golden, fitted.runtime.bars_read
    raw, calibrated = fitted.predict(asked)
    values = (raw.quantiles, raw.classes, calibrated.quantiles, calibrated.classes)
    kept = {"x": asked.x} | dict(zip(GOLDEN_ANSWERS, values, strict=True))
    if length > 1:
        place = {name: number for number, name in enumerate(fitted.runtime.names)}
        own = [place[asked.names[number]] for number in asked.series]
        kept |= {"x": asked.window(length), "series": np.array(own, dtype=np.int32)}
    return {name: np.ascontiguousarray(value) for name, value in kept.items()}


def golden_asked(kept: Mapping[str, np.ndarray], names: tuple[tuple[str, str], ...]) -> Asked:
    """Return what `golden` kept as it was asked; `names` are `Runtime.names`."""
    x = kept["x"]
    if x.ndim == 2:
        return Asked.alone(x)
    return Asked.windows(x, kept["series"].astype(np.int32), names)


def _environment(member: Member, origin: Origin) -> dict[str, Any]:
    names = ("numpy", "numba", "safetensors", *LIBRARIES.get(member.family, ()))
    found: dict[str, str] = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "device": origin.device,
        "libraries": found,
        "seed": origin.seed,
    }
