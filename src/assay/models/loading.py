"""Reads an artefact back: every byte, hash, shape and golden answer is checked before it speaks."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from assay.core.errors import ArtefactError, NotFoundError
from assay.core.ids import canonical, digest
from assay.models.artefact_files import (
    GOLDEN,
    GOLDEN_ANSWERS,
    GRAPHS,
    JSON_FILES,
    MANIFEST,
    SCALER,
    SCHEMA,
    WEIGHTS,
    features_digest,
    golden_asked,
    sha256,
)
from assay.models.calibration import Calibration
from assay.models.catalog import RUNTIMES
from assay.models.contract import Asked, Floats, Raw, Runtime, Weights

GOLDEN_TOLERANCE = 1e-4
_MANIFEST_FIELDS = frozenset(
    [
        "schema",
        "family",
        "member",
        "member_version",
        "scope",
        "runtime",
        "features_hash",
        "parents",
        "files",
        "id",
    ]
)
_ARCH_FIELDS = frozenset(["member", "member_version", "settings", "runtime", "params"])
_FEATURE_FIELDS = frozenset(["columns", "specification", "hash", "digest"])
_OWN_FILES = frozenset({WEIGHTS, GOLDEN, "CARD.md", *(f"{name}.json" for name in JSON_FILES)})


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model that was checked; it answers for exactly the columns it was trained on.

    Every field is what the files say; `settings` are the hyper-parameters it was fitted with,
    whatever the defaults are today.
    """

    id: str
    member: str
    version: int
    family: str
    scope: str
    columns: tuple[str, ...]
    features: tuple[Mapping[str, Any], ...]
    features_hash: str
    label: Mapping[str, Any]
    settings: Mapping[str, Any]
    calibration: Calibration
    data: Mapping[str, Any]
    metrics: Mapping[str, Any]
    environment: Mapping[str, Any]
    parents: tuple[str, ...]
    runtime: Runtime

    @property
    def reads(self) -> frozenset[str]:
        """Return the names of the features it reads."""
        return frozenset(part["name"] for part in self.features)

    @property
    def bars_read(self) -> int:
        """Return how many bars one answer reads, the asked one included."""
        return self.runtime.bars_read

    def predict(self, asked: Asked, columns: tuple[str, ...]) -> tuple[Raw, Raw]:
        """Return raw and calibrated answers to `asked`, whose columns are named `columns`.

        Other columns, or the same in another order, are an `ArtefactError`. A row that cannot be
        answered is NaN throughout.
        """
        self.check_columns(columns)
        raw = self.runtime.predict(asked)
        return raw, self.calibration.apply(raw)

    def contributions(self, asked: Asked, columns: tuple[str, ...]) -> Floats | None:
        """Return (n, F) what each column did to the raw logit; see `Runtime.contributions`."""
        self.check_columns(columns)
        return self.runtime.contributions(asked)

    def check_columns(self, columns: tuple[str, ...]) -> None:
        """Refuse columns that are not those of `features.json`, in that order."""
        if tuple(columns) == self.columns:
            return
        for place, (own, given) in enumerate(zip(self.columns, columns, strict=False)):
            if own != given:
                raise ArtefactError(
                    f"features.columns[{place}]: the model {self.id[:12]} reads {own!r} there and "
                    f"was handed {given!r}; train it on these features or compute its own"
                )
        raise ArtefactError(
            f"features.columns: the model {self.id[:12]} reads {len(self.columns)} columns and was "
            f"handed {len(columns)}"
        )

    def check_features(self, features_hash: str) -> None:
        """Refuse a pipeline whose hash is not the one this model was trained on."""
        if features_hash != self.features_hash:
            raise ArtefactError(
                f"features.hash: the model {self.id[:12]} was trained on {self.features_hash[:12]} "
                f"and the pipeline is {features_hash[:12]}; train again"
            )


class Graphs(Mapping[str, bytes]):
    """The graphs of an artefact, handed out once and then read, and checked, again when asked for.

    Many models are open at a time, and a graph is needed only when its session is.
    """

    def __init__(self, path: Path, read: Mapping[str, bytes]) -> None:
        self._path, self._read = path, dict(read)
        self._promised = {name: sha256(content) for name, content in read.items()}

    def __getitem__(self, name: str) -> bytes:
        """Return a graph; one that was altered since it was loaded is an `ArtefactError`."""
        promised = self._promised[name]
        if name in self._read:
            return self._read.pop(name)
        try:
            content = (self._path / name).read_bytes()
        except OSError as error:
            raise ArtefactError(f"{name}: cannot be read any more ({error.strerror})") from error
        if sha256(content) != promised:
            raise ArtefactError(f"{name}: was altered since it was loaded")
        return content

    def __iter__(self) -> Iterator[str]:
        return iter(self._promised)

    def __len__(self) -> int:
        return len(self._promised)


def load(path: Path) -> LoadedModel:
    """Return the model in the folder `path`, whose name is its id; see `load_whole`."""
    return load_whole(path)[0]


def load_whole(path: Path) -> tuple[LoadedModel, Weights]:
    """Return the model in the folder `path`, and its weights for a member that goes on from them.

    Whatever does not fit is an `ArtefactError` that starts with the file or field and ends in what
    to do; nothing is answered by a model that failed a check. No such folder: `NotFoundError`.
    """
    if not path.is_dir():
        raise NotFoundError(f"There is no model folder {path}; see `assay models list`")
    try:
        return _checked(path)
    except ArtefactError as error:
        raise ArtefactError(
            f"Model {path.name[:12]} is quarantined: {error}; delete {path} and train again"
        ) from error


def _checked(path: Path) -> tuple[LoadedModel, Weights]:
    manifest, contents = _read(path)
    plain = {name: _json(contents[f"{name}.json"], f"{name}.json") for name in JSON_FILES}
    arch, features = plain["arch"], plain["features"]
    _exactly(arch, _ARCH_FIELDS, "arch")
    _exactly(features, _FEATURE_FIELDS, "features")
    for name in ("member", "member_version", "runtime"):
        if arch[name] != manifest[name]:
            raise ArtefactError(f"arch.{name}: is {arch[name]!r}, manifest says {manifest[name]!r}")
    if features["hash"] != manifest["features_hash"]:
        raise ArtefactError("features.hash: is not the one of the manifest")
    columns = tuple(features["columns"])
    if features["digest"] != features_digest(columns, features["specification"]):
        raise ArtefactError("features.digest: columns or specification were altered or reordered")
    weights = _weights(path, arch, contents)
    runtime = _runtime(weights, columns)
    _same_settings(arch["settings"], runtime.made_with)
    model = LoadedModel(
        id=manifest["id"],
        member=manifest["member"],
        version=manifest["member_version"],
        family=manifest["family"],
        scope=manifest["scope"],
        columns=columns,
        features=tuple(features["specification"]),
        features_hash=features["hash"],
        label=plain["label"],
        settings=arch["settings"],
        calibration=Calibration.of_json(plain["calibration"]),
        data=plain["data"],
        metrics=plain["metrics"],
        environment=plain["env"],
        parents=tuple(manifest["parents"]),
        runtime=runtime,
    )
    _agrees(model, _tensors(contents[GOLDEN], GOLDEN))
    return model, weights


def _read(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the manifest and the bytes of every other file, each checked against its hash."""
    if not (path / MANIFEST).is_file():
        raise ArtefactError(f"{MANIFEST}: is missing")
    written = (path / MANIFEST).read_bytes()
    manifest = _json(written, MANIFEST)
    _exactly(manifest, _MANIFEST_FIELDS, "manifest")
    if manifest["schema"] != SCHEMA:
        raise ArtefactError(f"manifest.schema: version {SCHEMA} is read, was {manifest['schema']}")
    bare = {name: value for name, value in manifest.items() if name != "id"}
    if digest(bare) != manifest["id"]:
        raise ArtefactError("manifest.id: is not the hash of the manifest")
    if path.name != manifest["id"]:
        raise ArtefactError(f"manifest.id: is {manifest['id'][:12]}, not the folder's name")
    listed = set(manifest["files"])
    found = {entry.name for entry in path.iterdir()} - {MANIFEST}
    for odd in sorted(listed - found):
        raise ArtefactError(f"{odd}: is missing")
    for odd in sorted(found - listed):
        raise ArtefactError(f"{odd}: does not belong to the model")
    for odd in sorted(_OWN_FILES - listed):
        raise ArtefactError(f"manifest.files: {odd} is not listed")
    contents = {name: _content(path / name, manifest["files"][name]) for name in sorted(listed)}
    return manifest, contents


def _content(path: Path, promised: Mapping[str, Any]) -> bytes:
    if path.is_symlink() or not path.is_file():
        raise ArtefactError(f"{path.name}: is not a plain file")
    content = path.read_bytes()
    if len(content) != promised["bytes"]:
        raise ArtefactError(
            f"{path.name}: has {len(content):,} bytes, {promised['bytes']:,} were written"
        )
    if sha256(content) != promised["sha256"]:
        raise ArtefactError(f"{path.name}: was altered")
    return content


def _json(content: bytes, name: str) -> dict[str, Any]:
    try:
        data = json.loads(content)
        if isinstance(data, dict) and canonical(data) == content:
            return data
    except ValueError as error:
        raise ArtefactError(f"{name}: is not JSON ({error})") from error
    raise ArtefactError(f"{name}: is not in canonical form, so it was altered")


def _exactly(data: Mapping[str, Any], fields: frozenset[str], name: str) -> None:
    for odd in sorted(set(data) ^ fields):
        state = "is missing" if odd in fields else "is unknown"
        raise ArtefactError(f"{name}.{odd}: {state}")


def _tensors(content: bytes, name: str) -> dict[str, NDArray[Any]]:
    try:
        return dict(load_tensors(content))
    except SafetensorError as error:
        raise ArtefactError(f"{name}: cannot be read ({error})") from error


def _runtime(weights: Weights, columns: tuple[str, ...]) -> Runtime:
    try:
        kind = RUNTIMES.get(weights.runtime)
    except NotFoundError as error:
        raise ArtefactError(f"arch.runtime: {error}") from error
    return kind.load(weights, columns)


def _weights(path: Path, arch: Mapping[str, Any], contents: Mapping[str, bytes]) -> Weights:
    others = {name: content for name, content in contents.items() if name not in _OWN_FILES}
    scaler = others.pop(SCALER, None)
    named = [name for name in others if name.endswith(GRAPHS)]
    graphs = Graphs(path, {name: others.pop(name) for name in named})
    return Weights(
        arch["runtime"],
        _tensors(contents[WEIGHTS], WEIGHTS),
        {name: content.decode() for name, content in others.items()},
        arch["params"],
        _tensors(scaler, SCALER) if scaler is not None else {},
        graphs,
    )


def _same_settings(written: Mapping[str, Any], made_with: Mapping[str, Any] | None) -> None:
    """Refuse hyper-parameters that are not those the graph was made with."""
    for name in sorted(set(written) | set(made_with)) if made_with is not None else ():
        own, other = (each.get(name, "absent") for each in (written, made_with or {}))
        if own != other:
            raise ArtefactError(
                f"arch.settings.{name}: is {own!r}, but the graph was made with {other!r}"
            )


def _golden_fits(model: LoadedModel, golden: Mapping[str, NDArray[Any]]) -> None:
    """Refuse golden rows that this model could not be asked."""
    rows = len(golden[GOLDEN_ANSWERS[0]])
    bars = (model.bars_read,) if model.bars_read > 1 else ()
    shape = (rows, *bars, len(model.columns))
    if golden["x"].shape != shape:
        raise ArtefactError(f"golden.x: shape {shape} was expected, found {golden['x'].shape}")
    series = golden.get("series", np.zeros(rows, dtype=np.int32))
    known = len(model.runtime.names) if bars else 1
    if series.shape != (rows,) or not ((series >= 0) & (series < known)).all():
        raise ArtefactError(f"golden.series: is none of the {known} names for each row")


def _agrees(model: LoadedModel, golden: Mapping[str, NDArray[Any]]) -> None:
    """Refuse a model that does not say today what it said when it was made."""
    asked = ("x", "series") if model.bars_read > 1 else ("x",)
    _exactly(golden, frozenset((*asked, *GOLDEN_ANSWERS)), "golden")
    _golden_fits(model, golden)
    raw, calibrated = model.predict(golden_asked(golden, model.runtime.names), model.columns)
    answers = (raw.quantiles, raw.classes, calibrated.quantiles, calibrated.classes)
    for name, now in zip(GOLDEN_ANSWERS, answers, strict=True):
        then = golden[name]
        if then.shape != now.shape or not np.allclose(now, then, rtol=0, atol=GOLDEN_TOLERANCE):
            raise ArtefactError(
                f"golden.{name}: today's answer differs from the recorded one by more than "
                f"{GOLDEN_TOLERANCE}"
            )
