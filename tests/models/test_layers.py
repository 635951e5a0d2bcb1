"""What the nets share keeps its laws: chance that is its own, quantiles that never cross."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from assay.models.layers import CLASSES, Distribution, Dropout, Names, SeriesNet, hand_chance

MANY = 200_000
SIX_ERRORS = 6.0
SEEDS = st.integers(0, 2**31)
SHARES = st.floats(0.01, 0.9)


def thinning(share: float, seed: int) -> Dropout:
    layer = Dropout(share).train()
    layer.generator = torch.Generator().manual_seed(seed)
    return layer


@settings(max_examples=20, deadline=None)
@given(share=SHARES, seed=SEEDS)
def test_dropout_keeps_the_mean(share: float, seed: int) -> None:
    thinned = thinning(share, seed)(torch.ones(MANY))

    error = float(thinned.double().std()) / MANY**0.5
    assert abs(float(thinned.double().mean()) - 1) < SIX_ERRORS * error


@settings(max_examples=20, deadline=None)
@given(share=SHARES, seed=SEEDS)
def test_dropout_loses_its_share_to_a_256th(share: float, seed: int) -> None:
    thinned = thinning(share, seed)(torch.ones(MANY))

    lost = float((thinned == 0).double().mean())
    error = (share * (1 - share) / MANY) ** 0.5
    assert abs(lost - share) < 1 / 512 + SIX_ERRORS * error
    kept = thinned[thinned != 0].unique()
    assert len(kept) == 1
    assert float(kept) == pytest.approx(1 / (1 - round(share * 256) / 256), rel=1e-6)


def test_dropout_thins_every_place_alike() -> None:
    thinned = thinning(0.5, 4)(torch.ones(MANY))

    by_place = (thinned.view(-1, 8) == 0).double().mean(dim=0)
    neighbours = torch.corrcoef((thinned.view(-1, 8) == 0).double().T)
    assert float((by_place - 0.5).abs().max()) < SIX_ERRORS * 0.5 / (MANY / 8) ** 0.5
    assert float((neighbours - torch.eye(8)).abs().max()) < SIX_ERRORS / (MANY / 8) ** 0.5


@settings(max_examples=30, deadline=None)
@given(shape=st.lists(st.integers(0, 7), min_size=1, max_size=4), share=SHARES, seed=SEEDS)
def test_dropout_keeps_shape_and_repeats_itself(shape: list[int], share: float, seed: int) -> None:
    x = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    torch.manual_seed(5)
    one = thinning(share, seed)(x)
    torch.manual_seed(6)
    again = thinning(share, seed)(x)

    assert one.shape == x.shape
    assert torch.equal(one, again)


def test_dropout_leaves_the_chance_of_the_process_alone() -> None:
    before = torch.get_rng_state()

    thinning(0.5, 3)(torch.ones(1000))

    assert torch.equal(torch.get_rng_state(), before)


def test_dropout_draws_anew_at_every_call() -> None:
    layer = thinning(0.5, 3)

    assert not torch.equal(layer(torch.ones(100)), layer(torch.ones(100)))


@given(share=st.floats(0, 0.99))
def test_dropout_is_the_identity_when_not_training(share: float) -> None:
    x = torch.arange(12.0).view(3, 4)

    assert torch.equal(Dropout(share).eval()(x), x)
    assert torch.equal(Dropout(0.0).train()(x), x)


def test_the_gradient_passes_where_a_value_was_kept() -> None:
    x = torch.ones(100, requires_grad=True)

    thinned = thinning(0.5, 3)(x)
    thinned.sum().backward()

    assert x.grad is not None
    assert torch.equal(x.grad, thinned.detach())


def known(forget: float) -> Names:
    """Return names whose row says which it is: symbol by the units, timeframe by the tens."""
    names = Names(3, 2, 1, forget)
    with torch.no_grad():
        names.symbol.weight.copy_(torch.arange(4.0)[:, None])
        names.timeframe.weight.copy_(10 * torch.arange(3.0)[:, None])
    names.generator = torch.Generator().manual_seed(8)
    return names


def test_a_name_is_its_symbol_and_its_timeframe() -> None:
    told = known(0.5).eval()(torch.tensor([[1, 1], [3, 2], [0, 2], [0, 0]]))

    assert told.flatten().tolist() == [11, 23, 20, 0]


@pytest.mark.parametrize("forget", [0.0, 0.05, 0.4])
def test_each_half_of_a_name_is_forgotten_by_itself_with_the_stated_chance(forget: float) -> None:
    ids = torch.tensor([[2, 1]]).expand(MANY, 2)

    told = known(forget).train()(ids).flatten()

    for value, chance in (
        (12, (1 - forget) ** 2),
        (10, forget * (1 - forget)),
        (2, forget * (1 - forget)),
        (0, forget**2),
    ):
        share = float((told == value).double().mean())
        error = (chance * (1 - chance) / MANY) ** 0.5
        assert abs(share - chance) <= SIX_ERRORS * error


def test_the_row_of_the_unknown_is_learned() -> None:
    names = known(0.3).train()

    names(torch.tensor([[1, 1]]).expand(200, 2)).sum().backward()

    for table in (names.symbol, names.timeframe):
        assert table.weight.grad is not None
        assert float(table.weight.grad[0]) > 0


def head(seed: int, horizons: int = 2, levels: int = 7, inputs: int = 5) -> Distribution:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Distribution(inputs, 6, horizons, levels)


@settings(max_examples=60, deadline=None)
@given(
    seed=SEEDS,
    weights=st.floats(0, 300),
    inputs=st.floats(0, 300),
    levels=st.sampled_from([1, 3, 5, 7]),
)
@torch.no_grad()
def test_quantiles_never_cross_whatever_the_weights(
    seed: int, weights: float, inputs: float, levels: int
) -> None:
    layer = head(seed, levels=levels)
    for parameter in layer.parameters():
        parameter.mul_(weights)
    z = inputs * torch.randn(50, 5, generator=torch.Generator().manual_seed(seed))

    quantiles, logits = layer(z)

    assert quantiles.shape == (50, 2, levels)
    assert logits.shape == (50, 2, CLASSES)
    assert torch.isfinite(quantiles).all()
    assert torch.isfinite(logits).all()
    assert bool((quantiles.diff(dim=-1) >= 0).all())


@torch.no_grad()
def test_the_middle_quantile_is_free() -> None:
    layer = head(1)

    quantiles, _ = layer(10 * torch.randn(500, 5, generator=torch.Generator().manual_seed(2)))

    assert float(quantiles[..., 3].min()) < 0 < float(quantiles[..., 3].max())


@settings(max_examples=40, deadline=None)
@given(
    lowest=st.floats(-8, 8),
    gaps=st.lists(st.floats(0.002, 5), min_size=12, max_size=12),
    counts=st.lists(st.floats(0.01, 1), min_size=6, max_size=6),
    seed=SEEDS,
)
@torch.no_grad()
def test_it_begins_at_the_quantiles_and_rates_it_was_given(
    lowest: float, gaps: list[float], counts: list[float], seed: int
) -> None:
    steps = torch.tensor(gaps).view(2, 6)
    quantiles = torch.cat([torch.full((2, 1), lowest), lowest + steps.cumsum(-1)], -1)
    rates = torch.tensor(counts).view(2, 3)
    rates = rates / rates.sum(-1, keepdim=True)
    layer = head(seed)

    layer.start(quantiles, rates)
    layer.outer.weight.zero_()
    told, logits = layer(torch.randn(4, 5, generator=torch.Generator().manual_seed(seed)))

    torch.testing.assert_close(told, quantiles.expand(4, 2, 7), rtol=0, atol=1e-3)
    torch.testing.assert_close(logits.softmax(-1), rates.expand(4, 2, 3), rtol=0, atol=1e-3)


def test_chance_is_handed_to_every_layer_that_draws() -> None:
    class Flat(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inside = nn.Sequential(Dropout(0.2), nn.Sequential(Dropout(0.3)))

        def forward(self, x: Tensor) -> Tensor:
            thinned: Tensor = self.inside(x).mean(1)
            return thinned

    net = SeriesNet(Flat(), 5, Names(1, 1, 2, 0.1), head(1))
    generator = torch.Generator()

    hand_chance(net, generator)

    drawing = [each for each in net.modules() if isinstance(each, (Dropout, Names))]
    assert len(drawing) == 3
    assert all(each.generator is generator for each in drawing)
