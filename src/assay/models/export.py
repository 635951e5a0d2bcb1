"""From a trained net to a graph that answers without torch.

The graph of an architecture is exported once, in a fresh process: an earlier export in the same
process can freeze a later one's axes without an error. Its weights keep their names, so every net
of that architecture is bound into the same graph in milliseconds. What was bound is compared with
torch at several batch sizes before it is handed out.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from assay.core.errors import ArtefactError, StoreError
from assay.core.ids import canonical, digest, plain
from assay.models.empirical import LEVELS
from assay.models.layers import SeriesNet
from assay.models.sessions import INPUTS, OUTPUTS, folded_graph, open_session
from assay.models.shapes import weights_digest
from assay.models.vocabulary import Vocabulary

PARITY_BATCHES = (1, 2, 7, 64)
PARITY = 1e-5
"""How far graph and net may be apart, in the outputs' own standard deviations (at least 1e-5)."""
BATCH = "batch"
EXPORTER = 2
"""Raised when the same architecture would be exported another way."""
_TEMPLATES: dict[str, bytes] = {}
_EXPORTING = threading.Lock()
_UNDER_WAY: dict[str, threading.Lock] = {}


@dataclass(frozen=True, slots=True)
class Architecture:
    """Everything that decides a graph's shape: the member, its settings, and what it reads."""

    member: str
    member_version: int
    settings: Mapping[str, Any]
    columns: tuple[str, ...]
    names: Vocabulary
    horizons: tuple[int, ...]
    decision: int

    @property
    def look_back(self) -> int:
        """Return how many bars a window has."""
        return int(self.settings["look_back"])

    @property
    def dimensions(self) -> dict[str, list[Any]]:
        """Return the axes of every input and output by name."""
        horizons, levels = len(self.horizons), len(LEVELS)
        return {
            "x": [BATCH, self.look_back, len(self.columns)],
            "ids": [BATCH, 2],
            "quantiles": [BATCH, horizons, levels],
            "logits": [BATCH, horizons, 3],
        }

    def shape(self) -> dict[str, Any]:
        """Return what the exporting process needs to build the same net with other weights."""
        found: dict[str, Any] = plain(
            {
                "member": self.member,
                "settings": self.settings,
                "columns": len(self.columns),
                "symbols": len(self.names.symbols),
                "timeframes": len(self.names.timeframes),
                "dimensions": self.dimensions,
            }
        )
        return found

    def params(self, state: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
        """Return what the runtime is told, as plain data."""
        found: dict[str, Any] = plain(
            {
                "horizons": self.horizons,
                "decision": self.decision,
                "names": self.names.plain(),
                "dimensions": self.dimensions,
                "parameters": {name: list(value.shape) for name, value in state.items()},
            }
        )
        return found


def graph_of(
    net: SeriesNet,
    architecture: Architecture,
    state: Mapping[str, NDArray[Any]],
    folder: Path | None = None,
    scaler: Mapping[str, NDArray[Any]] | None = None,
) -> bytes:
    """Return the ONNX graph of `net`, whose weights are `state`; checked against torch.

    It is bound to `scaler`, the arrays of its `Standard`.
    `folder` keeps exported graphs for the next run. A graph that does not say what the net says is
    an `ArtefactError`.
    """
    model = onnx.load_from_string(_template(architecture, folder))
    _bind(model, state)
    made_with = {
        "assay.settings": canonical(architecture.settings).decode(),
        "assay.params": digest(architecture.params(state)),
        "assay.weights": weights_digest(state),
        "assay.scaler": weights_digest(scaler or {}),
    }
    model = onnx.load_from_string(folded_graph(model.SerializeToString(deterministic=True)))
    onnx.helper.set_model_props(model, made_with)
    graph: bytes = model.SerializeToString(deterministic=True)
    _same_answers(graph, net, architecture)
    return graph


def _template(architecture: Architecture, folder: Path | None) -> bytes:
    """Return the graph of the architecture with weights that mean nothing, exported if need be."""
    shape = architecture.shape()
    tools = [version(name) for name in ("torch", "onnx", "onnxscript")]
    key = digest([shape, architecture.member_version, tools, EXPORTER])
    with _EXPORTING:
        own = _UNDER_WAY.setdefault(key, threading.Lock())
    with own:  # two architectures may be exported at once, one only once
        content = _TEMPLATES.get(key) or _kept(folder, key) or _exported(shape)
        _TEMPLATES[key] = content
        if folder is not None and _kept(folder, key) is None:
            _keep(folder, key, content)
    return content


def _kept(folder: Path | None, key: str) -> bytes | None:
    """Return the graph that `folder` keeps under `key`; None if it has none or a damaged one."""
    for path in sorted(folder.glob(f"{key[:16]}-*.graph")) if folder is not None else ():
        content = path.read_bytes()
        if path.stem.endswith(hashlib.sha256(content).hexdigest()[:16]):
            return content
    return None


def _keep(folder: Path, key: str, content: bytes) -> None:
    """Keep a graph under `key` and its own hash; a full disk is a `StoreError`."""
    path = folder / f"{key[:16]}-{hashlib.sha256(content).hexdigest()[:16]}.graph"
    beside = path.with_name(f".writing-{os.getpid()}-{path.name}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        raise StoreError(
            f"The graph {path} could not be written: {error}; make room and train again"
        ) from error
    finally:
        beside.unlink(missing_ok=True)


def _exported(shape: Mapping[str, Any]) -> bytes:
    """Return what a fresh process exports; its own words are the error if it fails."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        asked = json.dumps({"shape": shape, "path": str(path)})
        done = subprocess.run(
            [sys.executable, "-m", "assay.models.exporting"],
            input=asked,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not path.is_file():
            last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise ArtefactError(f"{shape['member']}: its graph could not be exported: {last}")
        return path.read_bytes()


def _bind(model: onnx.ModelProto, state: Mapping[str, NDArray[Any]]) -> None:
    """Put `state` into the graph; each of its values must be there, of its own shape."""
    places = {initializer.name: initializer for initializer in model.graph.initializer}
    for name, value in state.items():
        place = places.get(name)
        if place is None or list(place.dims) != list(value.shape):
            found = "absent" if place is None else list(place.dims)
            raise ArtefactError(
                f"model.onnx: weight {name} of shape {list(value.shape)} was expected, "
                f"found {found}"
            )
        place.CopyFrom(numpy_helper.from_array(value, name))


@torch.no_grad()
def _same_answers(graph: bytes, net: SeriesNet, architecture: Architecture) -> None:
    session = open_session(graph)
    chance = np.random.default_rng(0)
    for size in PARITY_BATCHES:
        x = chance.normal(size=(size, *architecture.dimensions["x"][1:])).astype(np.float32)
        ids = np.stack(
            [
                chance.integers(0, len(architecture.names.symbols) + 1, size),
                chance.integers(0, len(architecture.names.timeframes) + 1, size),
            ],
            axis=1,
        )
        told = net(torch.from_numpy(x), torch.from_numpy(ids))
        answers = session.run(list(OUTPUTS), dict(zip(INPUTS, (x, ids), strict=True)))
        for name, own, other in zip(OUTPUTS, told, answers, strict=True):
            apart = float(np.abs(own.numpy() - other).max())
            if not apart <= PARITY * max(1.0, float(own.std()) if own.numel() > 1 else 1.0):
                raise ArtefactError(
                    f"model.onnx: {name} differs from torch by {apart:.1e} at batch {size}"
                )
