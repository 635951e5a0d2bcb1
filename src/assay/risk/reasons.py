"""Reason codes as bits, so that a backtest can keep them all."""

from collections.abc import Iterable

from assay.core.values.reason import Reason

REASONS = tuple(Reason)
"""Bit i of a mask stands for the i-th reason; the order is the order of the codes."""

BIT = {reason: 1 << i for i, reason in enumerate(REASONS)}


def mask_of(reasons: Iterable[Reason]) -> int:
    """Return the bits of `reasons`."""
    mask = 0
    for reason in reasons:
        mask |= BIT[reason]
    return mask


def reasons_of(mask: int) -> tuple[Reason, ...]:
    """Return the reasons in `mask`, in the fixed order."""
    return tuple(reason for reason in REASONS if mask & BIT[reason])
