"""A graph says what its net says, and whatever was changed since is refused by name."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from assay.core.errors import ArtefactError
from assay.core.ids import canonical, digest
from assay.models import export as export_module
from assay.models.artefact import write
from assay.models.artefact_files import Origin
from assay.models.contract import Workshop
from assay.models.export import PARITY, Architecture, graph_of
from assay.models.exporting import refuse_other_axes
from assay.models.layers import SeriesNet
from assay.models.loading import load
from assay.models.sessions import INPUTS, OUTPUTS, open_session
from assay.models.vocabulary import Vocabulary
from tests.models.test_artefact import resealed
from tests.models.test_nets import DECISION, HORIZONS, LOOK_BACK, NETS, fit, fitted, small, spans

Arrays = dict[str, NDArray[Any]]
COLUMNS = spans("patchtst")["train"].columns
GRAPH = "model.onnx"


def architecture(name: str) -> Architecture:
    several = name == "cnn_lstm"
    return Architecture(
        member=name,
        member_version=small(name).version,
        settings=small(name).settings(),
        columns=COLUMNS,
        names=Vocabulary((("S0", "1h"), ("S1", "1h"))),
        horizons=HORIZONS if several else (0,),
        decision=DECISION if several else 0,
    )


def state_of(name: str, seed: int = 3) -> Arrays:
    return dict(fitted(name, seed).weights.arrays)


def net_of(name: str, seed: int = 3) -> SeriesNet:
    """Return the net of a fit, built anew around the weights that were kept."""
    own, state = architecture(name), state_of(name, seed)
    net = small(name).seeded(len(COLUMNS), own.names, len(own.horizons), 99)
    with torch.no_grad():
        for key, value in net.state_dict().items():
            value.copy_(torch.from_numpy(state[key]))
    net.eval()
    return net


def graph(name: str, seed: int = 3) -> bytes:
    return fitted(name, seed).weights.graphs[GRAPH]


def asked(size: int, scale: float = 1.0, seed: int = 8) -> tuple[NDArray[Any], NDArray[Any]]:
    chance = np.random.default_rng(seed)
    x = scale * chance.normal(size=(size, LOOK_BACK, len(COLUMNS)))
    ids = np.stack([chance.integers(0, 3, size), chance.integers(0, 2, size)], axis=1)
    return x.astype(np.float32), ids


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(params=NETS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("size", [1, 2, 7, 64])
def test_the_graph_says_what_the_net_says(name: str, size: int) -> None:
    x, ids = asked(size)
    net, session = net_of(name), open_session(graph(name))

    with torch.no_grad():
        told = net(torch.from_numpy(x), torch.from_numpy(ids))
    answers = session.run(list(OUTPUTS), dict(zip(INPUTS, (x, ids), strict=True)))

    for own, other in zip(told, answers, strict=True):
        assert own.shape == other.shape
        sigma = max(float(own.std()), 0.1)
        assert float(np.abs(own.numpy() - other).max()) <= PARITY * sigma


@pytest.mark.parametrize("scale", [0.0, 1.0, 30.0, 1e4])
def test_quantiles_do_not_cross_in_the_graph(name: str, scale: float) -> None:
    x, ids = asked(200, scale)

    quantiles, logits = open_session(graph(name)).run(
        list(OUTPUTS), dict(zip(INPUTS, (x, ids), strict=True))
    )

    assert (np.diff(quantiles, axis=-1) >= 0).all()
    assert np.isfinite(logits).all()


def test_the_graph_s_axes_are_those_promised(name: str) -> None:
    refuse_other_axes(onnx.load_from_string(graph(name)), architecture(name).dimensions)


AXES: Mapping[str, list[Any]] = {
    "x": ["batch", 12, 6],
    "ids": ["batch", 2],
    "quantiles": ["batch", 3, 7],
    "logits": ["batch", 3, 3],
}


def with_axes(axes: Mapping[str, list[Any]]) -> onnx.ModelProto:
    kinds = {"ids": TensorProto.INT64}
    values = {
        name: helper.make_tensor_value_info(name, kinds.get(name, TensorProto.FLOAT), shape)
        for name, shape in axes.items()
    }
    inputs = [value for name, value in values.items() if name not in OUTPUTS]
    outputs = [value for name, value in values.items() if name in OUTPUTS]
    return helper.make_model(helper.make_graph([], "empty", inputs, outputs))


def test_the_axes_asked_for_are_let_through() -> None:
    refuse_other_axes(with_axes(AXES), dict(AXES))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"x": [3, 12, 6]}, r"x has the axes \[3, 12, 6\], not \['batch', 12, 6\]"),
        ({"x": ["batch", 24, 6]}, r"x has the axes \['batch', 24, 6\], not \['batch', 12, 6\]"),
        ({"x": ["batch", "time", 6]}, r"x has the axes \['batch', 'time', 6\]"),
        ({"x": ["other", 12, 6]}, r"x has the axes \['other', 12, 6\]"),
        ({"ids": [1, 2]}, r"ids has the axes \[1, 2\]"),
        ({"quantiles": [3, 3, 7]}, r"quantiles has the axes \[3, 3, 7\]"),
        ({"logits": ["batch", 1, 3]}, r"logits has the axes \['batch', 1, 3\]"),
        ({"spare": ["batch"]}, r"spare has the axes \['batch'\], not None"),
    ],
)
def test_other_axes_are_refused_by_name(changed: Mapping[str, list[Any]], said: str) -> None:
    with pytest.raises(ArtefactError, match=f"model.onnx: {said}"):
        refuse_other_axes(with_axes({**AXES, **changed}), dict(AXES))


def test_a_missing_output_is_refused_by_name() -> None:
    rest = {name: axes for name, axes in AXES.items() if name != "logits"}

    with pytest.raises(ArtefactError, match=r"model.onnx: logits has the axes None"):
        refuse_other_axes(with_axes(rest), dict(AXES))


def test_statistics_of_a_batch_norm_that_are_not_the_net_s_are_caught() -> None:
    fitted("patchtst")
    state = state_of("patchtst")
    odd = [key for key in state if key.endswith(("mean", "variance"))]
    other = {key: value * 1.1 + 0.1 if key in odd else value for key, value in state.items()}
    assert odd

    with pytest.raises(ArtefactError, match=r"model.onnx: \w+ differs from torch by .* at batch"):
        graph_of(net_of("patchtst"), architecture("patchtst"), other)


def test_a_net_left_in_training_is_caught(name: str) -> None:
    state = state_of(name)
    net = net_of(name)
    net.train()

    with pytest.raises(ArtefactError, match=r"model.onnx: \w+ differs from torch by"):
        graph_of(net, architecture(name), state)


def test_a_weight_the_graph_does_not_have_is_refused_by_name() -> None:
    state = state_of("cnn_lstm") | {"trunk.spare": np.zeros(3, dtype=np.float32)}

    said = r"weight trunk.spare of shape \[3\] was expected, found absent"
    with pytest.raises(ArtefactError, match=said):
        graph_of(net_of("cnn_lstm"), architecture("cnn_lstm"), state)


def test_a_weight_of_another_shape_is_refused_by_name() -> None:
    state = state_of("cnn_lstm")
    state["head.inner.weight"] = state["head.inner.weight"].T[:, :5].copy()

    said = r"weight head.inner.weight of shape \[8, 5\] was expected, found \[8, 8\]"
    with pytest.raises(ArtefactError, match=said):
        graph_of(net_of("cnn_lstm"), architecture("cnn_lstm"), state)


def test_a_weight_that_was_never_put_in_is_caught() -> None:
    state = state_of("cnn_lstm")
    del state["head.outer.bias"]

    with pytest.raises(ArtefactError, match=r"model.onnx: "):
        graph_of(net_of("cnn_lstm"), architecture("cnn_lstm"), state)


class Exporter:
    """Stands for the exporting process and counts how often it was started."""

    def __init__(self, content: bytes) -> None:
        self.content, self.started = content, 0

    def __call__(self, shape: Mapping[str, Any]) -> bytes:
        self.started += 1
        return self.content


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> Exporter:
    """Return a counting exporter in a process that has exported nothing yet."""
    made = Exporter(export_module._template(architecture("cnn_lstm"), None))
    monkeypatch.setattr(export_module, "_TEMPLATES", {})
    monkeypatch.setattr(export_module, "_exported", made)
    return made


def test_an_architecture_is_exported_once(exporter: Exporter) -> None:
    weights = [fit("cnn_lstm", seed) for seed in (3, 4, 3)]

    assert exporter.started == 1
    assert [each.graphs[GRAPH] for each in weights] == [
        graph("cnn_lstm", 3),
        graph("cnn_lstm", 4),
        graph("cnn_lstm", 3),
    ]


def test_an_exported_graph_is_kept_for_the_next_process(
    exporter: Exporter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit("cnn_lstm", workshop=Workshop(folder=tmp_path))
    kept = [path.suffix for path in tmp_path.iterdir()]
    monkeypatch.setattr(export_module, "_TEMPLATES", {})

    again = fit("cnn_lstm", workshop=Workshop(folder=tmp_path))

    assert kept == [".graph"]
    assert exporter.started == 1
    assert again.graphs[GRAPH] == graph("cnn_lstm")


def test_a_graph_that_was_exported_before_is_still_kept_where_one_asks(
    exporter: Exporter, tmp_path: Path
) -> None:
    fit("cnn_lstm")

    fit("cnn_lstm", workshop=Workshop(folder=tmp_path))

    assert exporter.started == 1
    assert [path.suffix for path in tmp_path.iterdir()] == [".graph"]


@pytest.mark.parametrize("content", [b"", b"no graph at all"], ids=["empty", "text"])
def test_a_kept_graph_that_is_damaged_is_exported_again(
    content: bytes, exporter: Exporter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit("cnn_lstm", workshop=Workshop(folder=tmp_path))
    path = next(tmp_path.iterdir())
    path.write_bytes(content)
    monkeypatch.setattr(export_module, "_TEMPLATES", {})

    weights = fit("cnn_lstm", workshop=Workshop(folder=tmp_path))

    assert weights.graphs[GRAPH] == graph("cnn_lstm")
    assert exporter.started == 2


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo Traceback >&2; echo 'RuntimeError: no room' >&2; exit 1", "RuntimeError: no room"),
        ("exit 1", "it said nothing"),
        ("exit 0", "it said nothing"),
    ],
)
def test_an_exporter_that_fails_is_told_in_one_sentence(
    script: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(python))
    monkeypatch.setattr(export_module, "_TEMPLATES", {})
    state, net = state_of("cnn_lstm"), net_of("cnn_lstm")

    with pytest.raises(ArtefactError) as caught:
        graph_of(net, architecture("cnn_lstm"), state, tmp_path)

    assert str(caught.value) == f"cnn_lstm: its graph could not be exported: {said}"
    assert [path.name for path in tmp_path.iterdir()] == ["python"]


FEATURES = [{"name": column, "version": 1, "settings": {}} for column in COLUMNS]


def stored(root: Path, name: str = "cnn_lstm") -> Path:
    origin = Origin(
        member=name,
        features=FEATURES,
        features_hash=digest(FEATURES),
        label={"type": "three_class", "horizon_bars": 4, "band": 0.5},
        data={"train": {"rows": 1200, "symbols": ["S0", "S1"], "fingerprint": "ab"}},
        seed=3,
    )
    return root / write(root, small(name), fitted(name), origin)


def test_a_stored_net_answers_to_the_bit(name: str, tmp_path: Path) -> None:
    rows = spans(name)["calibrate"].asked

    model = load(stored(tmp_path, name))

    for was, now in zip(fitted(name).predict(rows), model.predict(rows, COLUMNS), strict=True):
        np.testing.assert_array_equal(was.quantiles, now.quantiles)
        np.testing.assert_array_equal(was.classes, now.classes)


def refused(place: Path, file: str, content: bytes, said: str) -> None:
    with pytest.raises(ArtefactError, match=f"is quarantined: .*{said}"):
        load(resealed(place, file, content))


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("units", 16),
        ("look_back", 24),
        ("learning_rate", 0.5),
        ("dropout", 0.0),
        ("mode", "series"),
        ("epochs", 4),
    ],
)
def test_a_changed_setting_is_refused_by_name(setting: str, value: Any, tmp_path: Path) -> None:
    place = stored(tmp_path)
    arch = json.loads((place / "arch.json").read_bytes())
    arch["settings"][setting] = value

    refused(place, "arch.json", canonical(arch), rf"arch.settings.{setting}: is '?{value}'?, but")


@pytest.mark.parametrize("how", ["gone", "more"])
def test_a_setting_that_is_gone_or_new_is_refused_by_name(how: str, tmp_path: Path) -> None:
    place = stored(tmp_path)
    arch = json.loads((place / "arch.json").read_bytes())
    if how == "gone":
        del arch["settings"]["units"]
    else:
        arch["settings"]["brand_new"] = 1

    refused(place, "arch.json", canonical(arch), r"arch.settings.(units|brand_new): is .*absent")


@pytest.mark.parametrize(
    ("name_of", "value", "said"),
    [
        ("dimensions", {"x": ["batch", 13, 6]}, r"params.dimensions.x"),
        ("dimensions", {"x": ["batch", 12, 7]}, r"params.dimensions.x"),
        ("dimensions", {"quantiles": ["batch", 1, 7]}, r"params.dimensions.quantiles"),
        ("dimensions", {"x": None}, r"params.dimensions"),
        ("dimensions", {"x": ["batch"]}, r"params.dimensions"),
        ("dimensions", [], r"params.dimensions"),
        ("names", [["S1", "1h"], ["S0", "1h"]], r"params"),
        ("names", [["S0", "1h"], ["S9", "1h"]], r"params"),
        ("names", 7, r"params.names"),
        ("names", [["S0"]], r"params.names"),
        ("decision", 0, r"params"),
        ("decision", 3, r"params.decision"),
        ("decision", -1, r"params.decision"),
        ("decision", "second", r"params.decision"),
        ("decision", None, r"params.decision"),
        ("horizons", [1, 4, 24], r"params"),
        ("horizons", [1, 4], r"params"),
        ("horizons", 4, r"params"),
        ("parameters", {"head.inner.weight": [8, 9]}, r"weights.head.inner.weight"),
        ("parameters", {"head.inner.weight": 8}, r"params.parameters|weights.head.inner.weight"),
    ],
)
def test_changed_parameters_are_refused_by_name(
    name_of: str, value: Any, said: str, tmp_path: Path
) -> None:
    place = stored(tmp_path)
    arch = json.loads((place / "arch.json").read_bytes())
    own = arch["params"][name_of]
    arch["params"][name_of] = own | value if isinstance(value, dict) else value

    refused(place, "arch.json", canonical(arch), said)


def test_weights_of_another_net_are_refused_by_name(tmp_path: Path) -> None:
    other = save_tensors(state_of("cnn_lstm", 4))

    refused(
        stored(tmp_path),
        "weights.safetensors",
        other,
        "weights.safetensors: is not what model.onnx",
    )


def test_one_changed_weight_is_refused_by_name(tmp_path: Path) -> None:
    state = {key: value.copy() for key, value in state_of("cnn_lstm").items()}
    state["head.inner.bias"][0] += 1e-6

    refused(
        stored(tmp_path),
        "weights.safetensors",
        save_tensors(state),
        "weights.safetensors: is not what model.onnx",
    )


@pytest.mark.parametrize(
    ("array", "change"),
    [
        ("mean", lambda a: a + 0.5),
        ("deviation", lambda a: 2 * a),
        ("deviation", lambda a: 0 * a),
        ("used", lambda a: a[::-1].copy()),
        ("used", lambda a: a + 3),
        ("clip", lambda a: a - 1),
        ("mean", lambda a: a[:3].copy()),
        ("mean", lambda a: a * np.nan),
    ],
)
def test_a_changed_scaler_is_refused(
    array: str, change: Callable[[NDArray[Any]], NDArray[Any]], tmp_path: Path
) -> None:
    place = stored(tmp_path)
    scaler = load_tensors((place / "scaler.safetensors").read_bytes())
    scaler[array] = change(scaler[array])

    refused(
        place, "scaler.safetensors", save_tensors(scaler), r"(scaler|golden\.raw_|weights\.used)"
    )


def test_the_graph_of_another_net_is_refused(tmp_path: Path) -> None:
    place = stored(tmp_path)

    refused(place, GRAPH, graph("cnn_lstm", 4), "weights.safetensors: is not what model.onnx")


def test_the_graph_of_another_member_is_refused(tmp_path: Path) -> None:
    refused(stored(tmp_path), GRAPH, graph("patchtst"), "params.dimensions.logits")


@cache
def altered(bare: bool) -> bytes:
    """Return the graph with another weight inside, whatever it says of itself; `bare`: nothing."""
    model = onnx.load_from_string(graph("cnn_lstm"))
    for place in model.graph.initializer:
        if place.name == "head.outer.bias":
            value = numpy_helper.to_array(place) + 0.01
            place.CopyFrom(numpy_helper.from_array(value, place.name))
    if bare:
        del model.metadata_props[:]
    return bytes(model.SerializeToString())


def test_a_graph_with_another_weight_inside_fails_the_golden_rows(tmp_path: Path) -> None:
    refused(stored(tmp_path), GRAPH, altered(bare=False), r"golden\.raw_quantiles")


def test_a_graph_that_says_nothing_of_itself_is_refused(tmp_path: Path) -> None:
    refused(stored(tmp_path), GRAPH, altered(bare=True), "weights.safetensors: is not what")


@pytest.mark.parametrize(
    ("array", "change", "said"),
    [
        ("raw_quantiles", lambda a: a + 0.01, r"golden.raw_quantiles"),
        ("classes", lambda a: a[:, ::-1].copy(), r"golden.classes"),
        ("x", lambda a: a + 0.5, r"golden.raw_"),
        ("x", lambda a: a[:, 1:].copy(), r"golden"),
        ("x", lambda a: a[:, :, 1:].copy(), r"golden"),
        ("x", lambda a: a[:, -1].copy(), r"golden"),
        ("series", lambda a: 1 - a, r"golden.raw_"),
        ("series", lambda a: a + 9, r"golden"),
        ("series", lambda a: a[:3].copy(), r"golden"),
    ],
)
def test_changed_golden_rows_are_refused(
    array: str, change: Callable[[NDArray[Any]], NDArray[Any]], said: str, tmp_path: Path
) -> None:
    place = stored(tmp_path)
    golden = load_tensors((place / "golden.safetensors").read_bytes())
    golden[array] = change(golden[array])

    refused(place, "golden.safetensors", save_tensors(golden), said)


def test_golden_rows_without_their_series_are_refused(tmp_path: Path) -> None:
    place = stored(tmp_path)
    golden = load_tensors((place / "golden.safetensors").read_bytes())
    del golden["series"]

    refused(place, "golden.safetensors", save_tensors(golden), "golden.series: is missing")
