"""What a trade costs by default: half spread, fee and slippage, never zero."""

from dataclasses import dataclass

from assay.core.errors import SettingsError
from assay.core.values.instrument import AssetClass, Instrument


@dataclass(frozen=True, slots=True)
class CostModel:
    """Costs of one side of a trade, in basis points (1e-4) of the price.

    A round trip pays twice their sum. The defaults below are those of a small account at a
    low-cost broker or exchange in calm hours; `assay.toml` or a flag sets one's own.
    """

    half_spread_bps: float
    fee_bps: float
    slippage_bps: float

    def __post_init__(self) -> None:
        if min(self.half_spread_bps, self.fee_bps, self.slippage_bps) < 0:
            raise SettingsError(f"A cost cannot be negative; found {self}")

    @property
    def side_bps(self) -> float:
        """Return what one side costs."""
        return self.half_spread_bps + self.fee_bps + self.slippage_bps

    @property
    def round_trip(self) -> float:
        """Return what a round trip costs, as a fraction of the price."""
        return 2e-4 * self.side_bps

    def times(self, factor: float) -> "CostModel":
        """Return the costs multiplied by `factor`, for a stress."""
        return CostModel(
            self.half_spread_bps * factor, self.fee_bps * factor, self.slippage_bps * factor
        )


_BY_CLASS = {
    AssetClass.FX: CostModel(0.6, 0.3, 0.1),
    AssetClass.METAL: CostModel(0.8, 0.3, 0.2),
    AssetClass.CRYPTO: CostModel(0.5, 5.0, 0.5),
    AssetClass.EQUITY: CostModel(1.0, 0.5, 0.5),
    AssetClass.INDEX: CostModel(0.8, 0.3, 0.3),
}
_HALF_SPREAD_BPS = {
    "EURUSD": 0.3,
    "USDJPY": 0.35,
    "GBPUSD": 0.4,
    "AUDUSD": 0.5,
    "USDCHF": 0.5,
    "USDCAD": 0.5,
    "EURJPY": 0.5,
    "EURGBP": 0.5,
}


def default_costs(instrument: Instrument) -> CostModel:
    """Return the costs that are assumed where nothing better is known."""
    costs = _BY_CLASS[instrument.asset_class]
    half = _HALF_SPREAD_BPS.get(instrument.symbol, costs.half_spread_bps)
    return CostModel(half, costs.fee_bps, costs.slippage_bps)
