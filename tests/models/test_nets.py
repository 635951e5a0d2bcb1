"""The nets against oracles, and what their members refuse, resume and tell apart."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from assay.core.errors import DataError, HistoryError, SettingsError
from assay.models.checking import answerable
from assay.models.contract import Ahead, Progress, Samples, Scope, Weights, Workshop
from assay.models.empirical import LEVELS
from assay.models.fitting import Fitted, fit_member
from assay.models.nets import Net
from assay.models.sessions import INPUTS, open_session
from assay.models.standard import Standard
from assay.models.vocabulary import vocabulary
from assay.models.windows import Windows, windows_of
from assay.models.zoo.cnn_lstm import CnnLstm
from assay.models.zoo.cnn_lstm import Trunk as CnnTrunk
from assay.models.zoo.patchtst import (
    BatchNorm,
    Channels,
    Forecaster,
    Layer,
    PatchTST,
    Trunk,
    reversible,
)
from tests.factories import make_samples, with_x

LOOK_BACK = 12
HORIZONS = (1, 4, 12)
DECISION = 1
NETS = ("cnn_lstm", "patchtst")
SMALL: Mapping[str, Any] = {
    "look_back": LOOK_BACK,
    "hidden": 8,
    "names_width": 4,
    "epochs": 3,
    "batch_rows": 64,
    "rows_an_epoch": 512,
    "stop_rows": 256,
    "rows_needed": 300,
    "stop_rows_needed": 100,
}
"""One architecture a member in all tests: a graph takes seconds to export."""
OWN: Mapping[str, Mapping[str, Any]] = {
    "cnn_lstm": {"filters": 6, "units": 8},
    "patchtst": {"patch": 4, "stride": 2, "width": 8, "heads": 2, "layers": 2, "inner": 16},
}


def small(name: str, **other: Any) -> Net:
    kind = CnnLstm if name == "cnn_lstm" else PatchTST
    return kind(**{**SMALL, **OWN[name], **other})


def several(rows: Samples) -> Samples:
    """Return the rows with outcomes over three horizons, the second being their own."""
    scaled = rows.scaled[:, None] * np.array([0.5, 1.0, 2.0])
    scaled[::10, 2] = np.nan
    label = np.where(np.isnan(scaled), -1, 1 + (scaled > 0.5) - (scaled < -0.5)).astype(np.int8)
    label[:, DECISION] = rows.label
    weight = np.where(np.isnan(scaled), 0.0, 0.25)
    weight[:, DECISION] = rows.weight
    return replace(rows, ahead=Ahead(HORIZONS, DECISION, scaled, label, weight))


@cache
def spans(name: str) -> Mapping[str, Samples]:
    """Return the three spans; the CNN-LSTM is taught three horizons, PatchTST one."""
    made = {
        "train": make_samples(600, series=2, edge=0.2, seed=1),
        "stop": make_samples(300, series=2, edge=0.2, start=700, seed=2),
        "calibrate": make_samples(500, series=2, edge=0.2, start=1100, seed=3),
    }
    return {key: several(rows) for key, rows in made.items()} if name == "cnn_lstm" else made


FRESH = make_samples(300, series=2, edge=0.2, start=2000, seed=4).asked


@cache
def fitted(name: str, seed: int = 3) -> Fitted:
    torch.set_num_threads(1)
    return fit_member(small(name), spans(name), seed=seed)


def fit(name: str, seed: int = 3, workshop: Workshop | None = None) -> Weights:
    given, shop = spans(name), workshop or Workshop()
    return small(name).fit(given["train"], given["stop"], seed=seed, threads=1, workshop=shop)


def bytes_of(weights: Weights) -> dict[str, bytes]:
    arrays = {name: array.tobytes() for name, array in {**weights.arrays, **weights.scaler}.items()}
    return arrays | dict(weights.graphs)


def chance(seed: int = 5) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def trunk(look_back: int = 24, **other: Any) -> Trunk:
    own: dict[str, Any] = {
        "patch": 8,
        "stride": 4,
        "width": 16,
        "heads": 4,
        "layers": 2,
        "hidden": 32,
        "dropout": 0.1,
    }
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(6)
        return Trunk(look_back, **(own | other))


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(params=NETS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_patches_are_those_of_padding_and_unfolding(data: st.DataObject) -> None:
    look_back = data.draw(st.integers(2, 60))
    patch = data.draw(st.integers(1, look_back))
    stride = data.draw(st.integers(1, patch))
    x = torch.randn(2, 3, look_back, generator=chance())
    net = trunk(look_back, patch=patch, stride=stride)

    patches = x[..., net.get_buffer("places")]

    oracle = nn.ReplicationPad1d((0, stride))(x).unfold(-1, patch, stride)
    assert torch.equal(patches, oracle)
    assert net.patches == oracle.shape[2]


def copied(layer: Layer, oracle: nn.TransformerEncoderLayer) -> None:
    """Give `oracle` the weights of `layer`, the norms' being made to matter first."""
    pairs: list[tuple[nn.Module, nn.Module]] = [
        (oracle.self_attn.out_proj, layer.out),
        (oracle.linear1, layer.wide),
        (oracle.linear2, layer.narrow),
        (oracle.norm1, layer.norm_attention),
        (oracle.norm2, layer.norm_forward),
    ]
    with torch.no_grad():
        for norm in (layer.norm_attention, layer.norm_forward):
            for parameter in norm.parameters():
                parameter.copy_(torch.rand(parameter.shape, generator=chance()))
        oracle.self_attn.in_proj_weight.copy_(layer.qkv.weight)
        oracle.self_attn.in_proj_bias.copy_(layer.qkv.bias)
    for theirs, ours in pairs:
        theirs.load_state_dict(ours.state_dict())


def encoder_layer() -> nn.TransformerEncoderLayer:
    return nn.TransformerEncoderLayer(16, 4, 32, dropout=0.0, activation="gelu", batch_first=True)


def test_a_layer_is_the_encoder_layer_of_torch() -> None:
    layer, oracle = Layer(16, 4, 32, 0.0, "layer", residual_attention=False), encoder_layer()
    copied(layer, oracle)
    z = torch.randn(5, 7, 16, generator=chance())

    told, scores = layer(z, None)

    torch.testing.assert_close(told, oracle(z), rtol=0, atol=1e-5)
    assert scores is None


def test_the_scores_of_the_layer_before_are_added_as_a_mask_would_be() -> None:
    layer, oracle = Layer(16, 4, 32, 0.0, "layer", residual_attention=True), encoder_layer()
    copied(layer, oracle)
    z = torch.randn(5, 7, 16, generator=chance())
    before = torch.randn(5, 4, 7, 7, generator=chance(6))

    first, own = layer(z, None)
    told, scores = layer(z, before)

    torch.testing.assert_close(first, oracle(z), rtol=0, atol=1e-5)
    torch.testing.assert_close(told, oracle(z, src_mask=before.flatten(0, 1)), rtol=0, atol=1e-5)
    torch.testing.assert_close(scores, own + before, rtol=0, atol=1e-5)


@pytest.mark.parametrize("residual", [False, True])
def test_only_residual_attention_hands_scores_on(residual: bool) -> None:
    net = trunk(layers=2, residual_attention=residual, dropout=0.0, norm="layer").eval()
    heard: list[Tensor | None] = []
    second = list(net.layers)[1]
    second.register_forward_pre_hook(lambda _, given: heard.append(given[1]))

    net(torch.randn(1, 2, 24, generator=chance()))

    assert (heard[0] is not None) == residual


def test_batch_norm_is_torch_s_over_the_last_axis() -> None:
    layer, oracle = BatchNorm(16), nn.BatchNorm1d(16)
    z = 3 + 2 * torch.randn(6, 7, 16, generator=chance())

    learned, known = layer.train()(z), oracle.train()(z.transpose(1, 2)).transpose(1, 2)
    later, then = layer.eval()(z), oracle.eval()(z.transpose(1, 2)).transpose(1, 2)

    torch.testing.assert_close(learned, known, rtol=0, atol=1e-5)
    torch.testing.assert_close(later, then, rtol=0, atol=1e-5)


@torch.no_grad()
def test_channels_know_nothing_of_each_other() -> None:
    net = trunk().eval()
    x = torch.randn(3, 5, 24, generator=chance())
    order = torch.tensor([3, 0, 4, 1, 2])
    other = x.clone()
    other[:, 2] += 1.0

    told = net(x)

    torch.testing.assert_close(net(x[:, order]), told[:, order], rtol=0, atol=1e-6)
    moved = (net(other) - told).abs().amax((0, 2, 3))
    assert (moved > 1e-3).tolist() == [False, False, True, False, False]
    assert float(moved[[0, 1, 3, 4]].max()) < 1e-6


@torch.no_grad()
def test_mixed_patches_hold_all_channels_at_once() -> None:
    net = trunk(mixing=5).eval()
    x = torch.randn(3, 5, 24, generator=chance())

    told = net.mixed(x)

    oracle = nn.ReplicationPad1d((0, 4))(x).unfold(-1, 8, 4)  # (B, C, N, P)
    tokens = net.embed(oracle.transpose(1, 2).flatten(2)) + net.position
    scores = None
    for layer in net.layers:
        tokens, scores = layer(tokens, scores)
    torch.testing.assert_close(told, tokens, rtol=0, atol=1e-6)


def test_reversible_takes_mean_and_scale_and_hands_both_back() -> None:
    x = 40 + 3 * torch.randn(4, 5, 64, generator=chance())
    x[0, 0] = 7.0

    z, mean, deviation = reversible(x)

    torch.testing.assert_close(z.mean(-1), torch.zeros(4, 5), rtol=0, atol=1e-4)
    torch.testing.assert_close(
        z.std(-1, unbiased=False).flatten()[1:], torch.ones(19), rtol=0, atol=1e-4
    )
    torch.testing.assert_close(z[0, 0], torch.zeros(64), rtol=0, atol=1e-3)
    torch.testing.assert_close(z * deviation + mean, x, rtol=1e-5, atol=1e-4)


@settings(max_examples=30, deadline=None)
@given(
    scale=st.lists(st.floats(0.5, 50), min_size=3, max_size=3),
    level=st.lists(st.floats(-50, 50), min_size=3, max_size=3),
)
@torch.no_grad()
def test_a_forecast_follows_the_scale_and_level_of_its_channel(
    scale: list[float], level: list[float]
) -> None:
    net = Forecaster(trunk(), 16, 6).eval()
    x = torch.randn(4, 3, 24, generator=chance())
    a, b = torch.tensor(scale)[:, None], torch.tensor(level)[:, None]

    told = (net(a * x + b) - b) / a

    torch.testing.assert_close(told, net(x), rtol=1e-3, atol=1e-3)


@torch.no_grad()
def test_the_member_s_trunk_tells_its_head_what_revin_took() -> None:
    encoder = trunk(mixing=5).eval()
    net = Channels(encoder, 5, 8, mixed=True, reversible=True).eval()
    x = torch.randn(4, 24, 5, generator=chance())
    wide = encoder.patches * 16
    shifted, scaled = x + 2.0, 3.0 * x

    by_level = net(shifted) - net(x)
    by_scale = net(scaled) - net(x)

    level, spread = net.flat.weight[:, wide : wide + 5], net.flat.weight[:, wide + 5 :]
    torch.testing.assert_close(by_level, (2.0 * level.sum(1)).expand(4, 8), rtol=0, atol=1e-3)
    moved = 2.0 * x.mean(1) @ level.T + np.log(3.0) * spread.sum(1)
    torch.testing.assert_close(by_scale, moved, rtol=0, atol=1e-3)


@torch.no_grad()
def test_convolutions_of_the_cnn_never_look_ahead() -> None:
    net = CnnTrunk(5, filters=6, kernel=4, units=8, layers=1, dropout=0.3).eval()
    heard: list[Tensor] = []
    net.lstm.register_forward_pre_hook(lambda _, given: heard.append(given[0]))
    x = torch.randn(3, 20, 5, generator=chance())
    net(x)

    for bar in range(19):
        other = x.clone()
        other[:, bar + 1 :] = 9.0
        net(other)
        torch.testing.assert_close(heard[-1][:, : bar + 1], heard[0][:, : bar + 1], rtol=0, atol=0)
        assert not torch.equal(heard[-1][:, bar + 1], heard[0][:, bar + 1])


@torch.no_grad()
def test_the_cnn_reads_its_whole_window() -> None:
    net = CnnTrunk(5, filters=6, kernel=3, units=8, layers=2, dropout=0.0).eval()
    x = torch.randn(1, 12, 5, generator=chance())

    for bar in range(12):
        other = x.clone()
        other[:, bar] += 5.0
        assert not torch.equal(net(other), net(x))


@pytest.mark.parametrize(
    ("kind", "wrong", "said"),
    [
        ("cnn_lstm", {"mode": "both"}, "cnn_lstm: mode is panel or series; was 'both'"),
        ("patchtst", {"look_back": 1}, "patchtst: look_back is 2 bars or more; was 1"),
        ("cnn_lstm", {"epochs": 0}, "epochs must be above zero"),
        ("cnn_lstm", {"learning_rate": -1.0}, "learning_rate must be above zero"),
        ("patchtst", {"channels": "one"}, "channels is mixed or independent; was 'one'"),
        ("patchtst", {"norm": "none"}, "norm is batch or layer; was 'none'"),
        ("patchtst", {"width": 9}, r"heads \(2\) must divide width \(9\)"),
        ("patchtst", {"patch": 13}, r"a patch \(13 bars\) fit into look_back \(12\)"),
        ("patchtst", {"heads": 0}, "heads"),
        ("patchtst", {"stride": 0}, "stride"),
        ("cnn_lstm", {"kernel": 0}, "kernel"),
        ("cnn_lstm", {"layers": 0}, "layers"),
        ("cnn_lstm", {"dropout": 1.0}, "dropout"),
        ("cnn_lstm", {"dropout": -0.1}, "dropout"),
        ("cnn_lstm", {"forget": 1.5}, "forget"),
        ("cnn_lstm", {"class_share": -0.5}, "class_share"),
        ("cnn_lstm", {"hidden": 0}, "hidden"),
        ("cnn_lstm", {"stop_rows": 0}, "stop_rows"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else str(value)[:8],
)
def test_settings_that_contradict_themselves_are_refused(
    kind: str, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        small(kind, **wrong)


def test_the_mode_says_what_one_fit_covers(name: str) -> None:
    assert small(name).scope is Scope.PANEL
    assert small(name, mode="series").scope is Scope.SERIES
    assert small(name).bars_read == LOOK_BACK


def test_rows_alone_are_refused(name: str) -> None:
    given = spans(name)

    with pytest.raises(DataError, match=rf"{name} reads the 12 bars .* the train span holds the"):
        small(name).fit(replace(given["train"], past=None), given["stop"], seed=1, threads=1)
    with pytest.raises(DataError, match=rf"{name} reads the 12 bars .* the stop span holds the"):
        small(name).fit(given["train"], replace(given["stop"], past=None), seed=1, threads=1)


def test_too_few_windows_are_refused_with_both_numbers(name: str) -> None:
    train = make_samples(20, series=40, seed=5)
    known = (train.label >= 0) & answerable(train.x)
    whole = int((known & train.asked.reaching(LOOK_BACK)).sum())
    assert known.sum() > 300 > whole > 100

    said = rf"needs 300 labelled rows with 12 bars before them in the train .* {whole} of 800"
    with pytest.raises(HistoryError, match=said):
        small(name).fit(train, spans("patchtst")["stop"], seed=1, threads=1)


def test_columns_that_never_move_are_refused(name: str) -> None:
    train = spans(name)["train"]
    still = with_x(train, np.ones_like(train.x))

    with pytest.raises(HistoryError, match=r"all 6 columns are constant over the 1,1\d\d rows"):
        small(name).fit(still, spans(name)["stop"], seed=1, threads=1)


def windows(rows: Samples, table: np.ndarray) -> Windows:
    ids = vocabulary(rows.asked.names).ids(rows.asked)
    place = torch.device("cpu")
    return windows_of(rows, table, ids, look_back=LOOK_BACK, class_share=0.5, device=place)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_no_number_never_reaches_a_net(value: float) -> None:
    rows = several(make_samples(60, seed=5))
    rows = rows.take(rows.asked.reaching(LOOK_BACK))
    table = np.zeros_like(rows.asked.table)
    table[17, 1] = value

    with pytest.raises(DataError, match=rf"Row 17 of column 'slow' is {value} after scaling"):
        windows(rows, table)


def reached() -> tuple[Samples, Windows]:
    rows = several(make_samples(90, series=2, seed=5))
    rows = rows.take(rows.asked.reaching(LOOK_BACK))
    assert rows.ahead is not None
    return rows, windows(rows, np.nan_to_num(rows.asked.table))


def test_a_batch_holds_the_bars_up_to_each_row_and_its_names() -> None:
    rows, lesson = reached()
    chosen = torch.tensor([70, 3, 120])

    x, ids = lesson.batch(chosen)

    oracle = np.nan_to_num(rows.asked.window(LOOK_BACK))[chosen.numpy()]
    np.testing.assert_array_equal(x.numpy(), oracle.astype(np.float32))
    np.testing.assert_array_equal(ids.numpy()[:, 0], rows.series[chosen.numpy()] + 1)


class Fixed(nn.Module):
    """Says the same of every window."""

    def __init__(self) -> None:
        super().__init__()
        self.quantiles = torch.randn(3, len(LEVELS), generator=chance(7)).sort(-1).values
        self.logits = torch.randn(3, 3, generator=chance(8))

    def forward(self, x: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
        rows = len(x)
        return self.quantiles.expand(rows, -1, -1), self.logits.expand(rows, -1, -1)


def test_the_loss_is_pinball_and_cross_entropy_of_what_is_known() -> None:
    rows, lesson = reached()
    net, came = Fixed(), rows.ahead
    assert came is not None

    loss, weight = lesson.loss(net, torch.arange(len(rows)))

    odds = functional.log_softmax(net.logits, -1).numpy()
    summed = total = 0.0
    for row in range(len(rows)):
        for horizon in range(3):
            if came.label[row, horizon] < 0:
                continue
            miss = came.scaled[row, horizon] - net.quantiles[horizon].numpy()
            pinball = np.where(miss > 0, LEVELS * miss, (LEVELS - 1) * miss).mean()
            share = came.weight[row, horizon]
            entropy = -odds[horizon, came.label[row, horizon]]
            summed, total = summed + share * (pinball + 0.5 * entropy), total + share
    assert float(loss) == pytest.approx(summed / total, rel=1e-5)
    assert float(weight) == pytest.approx(len(rows) * 3, rel=1e-5)


@pytest.mark.parametrize("names", [("nobody", "1h"), ("S0", "5m"), ("nobody", "5m")])
def test_a_series_it_never_saw_is_answered_and_not_as_another(
    name: str, names: tuple[str, str]
) -> None:
    model, asked = fitted(name), FRESH.take(np.arange(50, 150))
    strange = replace(asked, names=(names, names))

    own, other = model.runtime.predict(asked), model.runtime.predict(strange)

    known = np.isfinite(own.classes[:, 0])
    assert known.mean() > 0.9
    assert np.isfinite(other.classes[known]).all()
    assert np.isfinite(other.quantiles[known]).all()
    assert np.abs(own.quantiles - other.quantiles)[known].max() > 1e-4


def test_names_it_knows_are_told_apart(name: str) -> None:
    model, asked = fitted(name), FRESH.take(np.arange(50, 150))
    other = replace(asked, series=np.ones_like(asked.series))

    first, second = model.runtime.predict(asked), model.runtime.predict(other)

    assert model.runtime.names == (("S0", "1h"), ("S1", "1h"))
    assert np.nanmax(np.abs(first.quantiles - second.quantiles)) > 1e-4


def test_several_horizons_are_in_the_graph_and_the_decision_s_is_answered() -> None:
    model, asked = fitted("cnn_lstm"), FRESH.take(np.arange(50, 90))
    weights = model.weights
    z = Standard.of(weights.scaler).scores(asked.window(LOOK_BACK).reshape(-1, 6))
    x = z.reshape(40, LOOK_BACK, 6).astype(np.float32)
    ids = np.ones((40, 2), dtype=np.int64)

    session = open_session(weights.graphs["model.onnx"])
    quantiles, logits = session.run(None, dict(zip(INPUTS, (x, ids), strict=True)))
    answer = model.runtime.predict(asked)

    assert weights.params["horizons"] == [1, 4, 12]
    assert weights.params["decision"] == DECISION
    assert quantiles.shape == (40, 3, len(LEVELS))
    assert logits.shape == (40, 3, 3)
    known = np.isfinite(answer.classes[:, 0])
    odds = functional.softmax(torch.from_numpy(logits[:, DECISION]).double(), -1).numpy()
    np.testing.assert_allclose(answer.quantiles[known], quantiles[known, DECISION], atol=1e-5)
    np.testing.assert_allclose(answer.classes[known], odds[known], atol=1e-5)
    width = (quantiles[..., -1] - quantiles[..., 0]).mean(0)
    assert width[0] < width[1] < width[2]


def test_rows_that_say_nothing_of_horizons_have_one() -> None:
    weights = fitted("patchtst").weights

    assert weights.params["horizons"] == [0]
    assert weights.params["dimensions"]["quantiles"] == ["batch", 1, len(LEVELS)]


def killed_in(epoch: int) -> Workshop:
    def report(progress: Progress) -> None:
        if progress.epoch == epoch:
            raise KeyboardInterrupt

    return Workshop(report=report)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".graph")


def test_a_killed_fit_goes_on_to_the_same_bytes(name: str, tmp_path: Path) -> None:
    whole = fitted(name).weights

    with pytest.raises(KeyboardInterrupt):
        fit(name, workshop=replace(killed_in(3), folder=tmp_path))
    left = names_in(tmp_path)
    resumed = fit(name, workshop=Workshop(folder=tmp_path))

    assert left == ["fit.checkpoint"]
    assert bytes_of(resumed) == bytes_of(whole)
    assert names_in(tmp_path) == []


def other_ahead(rows: Samples) -> Samples:
    assert rows.ahead is not None
    return replace(rows, ahead=replace(rows.ahead, scaled=rows.ahead.scaled * [1.0, 1.0, 1.5]))


def other_bars_before(rows: Samples) -> Samples:
    assert rows.past is not None
    table = rows.past.table.copy()
    table[: LOOK_BACK - 1] = 1.0
    return replace(rows, past=replace(rows.past, table=table))


def other_names(rows: Samples) -> Samples:
    assert rows.past is not None
    return replace(rows, past=replace(rows.past, names=rows.past.names[::-1]))


@pytest.mark.parametrize("other", [other_ahead, other_bars_before, other_names])
def test_a_killed_fit_does_not_go_on_with_other_data(other: Any, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit("cnn_lstm", workshop=replace(killed_in(3), folder=tmp_path))
    train, stop = other(spans("cnn_lstm")["train"]), spans("cnn_lstm")["stop"]

    with pytest.raises(SettingsError, match="is of another training than this one of cnn_lstm"):
        small("cnn_lstm").fit(train, stop, seed=3, threads=1, workshop=Workshop(folder=tmp_path))


def test_two_nets_fitted_at_once_are_those_fitted_in_turn() -> None:
    asked = [("cnn_lstm", 3), ("cnn_lstm", 4), ("patchtst", 3)]
    in_turn = [bytes_of(fitted(*each).weights) for each in asked]
    at_once: dict[int, dict[str, bytes]] = {}
    together = threading.Barrier(len(asked))

    def learn(place: int) -> None:
        together.wait()
        at_once[place] = bytes_of(fit(*asked[place]))

    threads = [threading.Thread(target=learn, args=(place,)) for place in range(len(asked))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [at_once[place] for place in range(len(asked))] == in_turn
    assert in_turn[0] != in_turn[1]


def test_one_thread_learns_however_many_the_process_has() -> None:
    used: list[int] = []
    torch.set_num_threads(2)

    fit("cnn_lstm", workshop=Workshop(report=lambda _: used.append(torch.get_num_threads())))

    assert set(used) == {1}


def test_a_fit_leaves_the_chance_of_the_process_alone(name: str) -> None:
    fitted(name)
    before = torch.get_rng_state()

    fit(name)

    assert torch.equal(torch.get_rng_state(), before)
