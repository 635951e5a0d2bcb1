"""How much a result depends on what happened inside ambiguous bars."""

from dataclasses import dataclass, replace

from assay.kernel.barrier import Resolution
from assay.kernel.market import Market, Orders, Params
from assay.kernel.run import Result, run


@dataclass(frozen=True, slots=True)
class Interval:
    """One run under each `Resolution`.

    For a single trade pessimistic ≤ adaptive ≤ optimistic. For a whole run that need not hold: a
    trade that ends earlier may free the account for a loss.
    """

    pessimistic: Result
    adaptive: Result
    optimistic: Result

    @property
    def ambiguous_share(self) -> float:
        """Return the share of pessimistic trades decided in a bar that reached both barriers."""
        return self.pessimistic.ambiguous_share

    @property
    def net(self) -> tuple[float, float, float]:
        """Return the profit after costs: pessimistic, adaptive, optimistic."""
        return self.pessimistic.net, self.adaptive.net, self.optimistic.net


def interval(market: Market, orders: Orders, params: Params, *, equity: float) -> Interval:
    """Run three times, once for each belief about ambiguous bars; see `run`."""
    return Interval(
        *(
            run(market, orders, replace(params, resolution=belief), equity=equity)
            for belief in (Resolution.PESSIMISTIC, Resolution.ADAPTIVE, Resolution.OPTIMISTIC)
        )
    )
