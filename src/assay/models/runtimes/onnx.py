"""Serves nets from their ONNX graph, without torch."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from assay.core.errors import ArtefactError
from assay.core.ids import digest
from assay.models.checking import answerable, of_width
from assay.models.contract import Asked, Floats, Raw, Runtime, Weights
from assay.models.empirical import LEVELS
from assay.models.sessions import INPUTS, OUTPUTS, SHARED
from assay.models.shapes import expect, expect_arrays, weights_digest, within
from assay.models.standard import Standard, standard_shapes
from assay.models.vocabulary import Vocabulary

GRAPH = "model.onnx"
CHUNK = 512
"""Windows answered at once: more would not be quicker, and take memory."""
KNOWN_SHARE = 0.75
"""Of a window's bars; the asked one must be known in any case."""
_PARAMS = frozenset({"horizons", "decision", "names", "dimensions", "parameters"})


class Onnx(Runtime):
    """Quantiles and classes of the decision's horizon, out of a graph that gives all.

    A row is NaN where it has too few bars before it, where it or a quarter of its window has too
    many unknown columns, or where a value is infinite.
    """

    precision = 1e-5

    def __init__(self, weights: Weights, columns: tuple[str, ...]) -> None:
        params = weights.params
        for odd in sorted(set(params) ^ _PARAMS):
            raise ArtefactError(f"params.{odd}: is missing or unknown")
        if set(weights.graphs) != {GRAPH}:
            raise ArtefactError(f"{GRAPH}: is the one graph of such a model")
        _refuse_other_kinds(params)
        state = expect(weights, {n: tuple(s) for n, s in params["parameters"].items()})
        scaler = expect_arrays(weights.scaler, standard_shapes(len(columns)), "scaler")
        within("used", scaler["used"], columns)
        self._standard = Standard.of(scaler)
        self._scaler = weights_digest(weights.scaler)
        graph = weights.graphs[GRAPH]
        self._graphs = weights.graphs
        self._key = hashlib.sha256(graph).hexdigest()
        self._columns = len(columns)
        self._names = Vocabulary.of_plain(params["names"])
        self._decision = int(params["decision"])
        self._look_back = int(params["dimensions"]["x"][1])
        session = SHARED.of(self._key, lambda: graph)
        self._made_with = _refuse_others(session, params, state, self._scaler, len(columns))

    @classmethod
    def load(cls, weights: Weights, columns: tuple[str, ...]) -> "Onnx":
        """See `Runtime.load`."""
        return cls(weights, columns)

    @property
    def bars_read(self) -> int:
        """See `Runtime.bars_read`."""
        return self._look_back

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """See `Runtime.names`."""
        return self._names.names

    @property
    def made_with(self) -> Mapping[str, Any] | None:
        """See `Runtime.made_with`."""
        return self._made_with

    def predict(self, asked: Asked) -> Raw:
        """See `Runtime.predict`."""
        windows = self._apart(asked)
        if windows is not None:
            return Raw(*self._answered(windows, self._names.ids(asked)))
        table = of_width(asked.table, self._columns)
        quantiles = np.full((len(asked), len(LEVELS)), np.nan)
        classes = np.full((len(asked), 3), np.nan)
        rows = np.flatnonzero(self._known(asked, table))
        if not len(rows):
            return Raw(quantiles, classes)
        ids = self._names.ids(asked)
        first = int(asked.at[rows].min()) - self._look_back + 1
        scores = self._standard.scores(table[first : int(asked.at[rows].max()) + 1])
        single = scores.astype(np.float32)
        for start in range(0, len(rows), CHUNK):
            part = rows[start : start + CHUNK]
            places = asked.at[part, None] - first + np.arange(1 - self._look_back, 1)
            quantiles[part], classes[part] = self._answered(single[places], ids[part])
        return Raw(quantiles, classes)

    def contributions(self, asked: Asked) -> Floats | None:
        """See `Runtime.contributions`: a net has no native ones; see `models.occlusion`."""
        return None

    def _apart(self, asked: Asked) -> NDArray[np.float32] | None:
        """Return (n, L, F) the scores of a few whole windows, no longer than the table, else None.

        Such are a live bar and what its account asks: scoring a table first takes longer then.
        """
        count, length, (bars, columns) = len(asked), self._look_back, asked.table.shape
        if not 0 < count <= min(CHUNK, bars // length) or columns != self._columns:
            return None
        if not asked.reaching(length).all():
            return None
        windows = asked.window(length).astype(np.float64)
        if not np.isfinite(np.add.reduce(windows, axis=None)):
            return None
        return self._standard.known_scores(windows)

    def _answered(self, x: NDArray[np.float32], ids: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Return quantiles and classes of the decision's horizon for windows (n, L, F)."""
        answers = self._session().run(list(OUTPUTS), dict(zip(INPUTS, (x, ids), strict=True)))
        quantiles, logits = (each[:, self._decision].astype(np.float64) for each in answers)
        raised = np.exp(logits - np.maximum.reduce(logits, axis=1, keepdims=True))
        return quantiles, raised / np.add.reduce(raised, axis=1, keepdims=True)

    def _known(self, asked: Asked, table: Floats) -> NDArray[np.bool_]:
        """Return (n,) which rows can be answered."""
        rows = np.flatnonzero(asked.reaching(self._look_back))
        known = np.zeros(len(asked), dtype=np.bool_)
        if not len(rows):
            return known
        at = asked.at[rows]
        first = int(at.min()) - self._look_back + 1
        whole = answerable(table[first : int(at.max()) + 1])
        summed = np.concatenate([[0], np.cumsum(whole)])
        inside = summed[at - first + 1] - summed[at - first + 1 - self._look_back]
        known[rows] = whole[at - first] & (inside >= KNOWN_SHARE * self._look_back)
        return known

    def _session(self) -> onnxruntime.InferenceSession:
        return SHARED.of(self._key, lambda: self._graphs[GRAPH])


def _refuse_other_kinds(params: Mapping[str, Any]) -> None:
    """Refuse params that are not even of the right kind, by name."""

    def lists(name: str) -> bool:
        values = params[name].values() if isinstance(params[name], dict) else (None,)
        return all(isinstance(value, list) for value in values)

    axes = lists("dimensions") and set(params["dimensions"]) == {*INPUTS, *OUTPUTS}
    whole = {
        "dimensions": axes and len(params["dimensions"]["x"]) == 3,
        "parameters": lists("parameters"),
        "horizons": isinstance(params["horizons"], list),
        "decision": type(params["decision"]) is int,
    }
    for name, right in whole.items():
        if not right:
            raise ArtefactError(f"params.{name}: was {params[name]!r}, which no such model has")


def _refuse_others(
    session: onnxruntime.InferenceSession,
    params: Mapping[str, Any],
    state: Mapping[str, NDArray[Any]],
    scaler: str,
    columns: int,
) -> dict[str, Any]:
    """Return the hyper-parameters the graph carries; refuse one that is not of these weights."""
    dimensions = params["dimensions"]
    found = {v.name: v.shape for v in (*session.get_inputs(), *session.get_outputs())}
    for name in sorted(set(found) | set(dimensions)):
        if found.get(name) != dimensions.get(name):
            raise ArtefactError(
                f"params.dimensions.{name}: is {dimensions.get(name)}, but {GRAPH} has "
                f"{found.get(name)}"
            )
    if dimensions["x"][2] != columns:
        raise ArtefactError(
            f"{GRAPH}: reads {dimensions['x'][2]} columns, but {columns} features are listed"
        )
    if not 0 <= params["decision"] < len(params["horizons"]) == dimensions["quantiles"][1]:
        raise ArtefactError("params.decision: is none of the graph's horizons")
    told = session.get_modelmeta().custom_metadata_map
    if told.get("assay.weights") != weights_digest(state):
        raise ArtefactError(f"weights.safetensors: is not what {GRAPH} was made of")
    if told.get("assay.scaler") != scaler:
        raise ArtefactError(f"scaler.safetensors: is not what {GRAPH} was made with")
    if told.get("assay.params") != digest(params):
        raise ArtefactError(f"params: are not those that {GRAPH} was made with")
    settings: dict[str, Any] = json.loads(told.get("assay.settings", "{}"))
    return settings
