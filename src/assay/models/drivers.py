"""What a member's classes say about the centre and the width of the return."""

import numpy as np

from assay.models.contract import DOWN, FLAT, UP, Floats

ROUNDING = 1e-9


def drivers(classes: Floats) -> tuple[Floats, Floats]:
    """Return (n, 1) p_up - p_down for the centre and (n, 1) log odds of a move for the width."""
    edge = classes[:, UP] - classes[:, DOWN]
    still = np.clip(classes[:, FLAT], ROUNDING, 1 - ROUNDING)
    return edge[:, None], np.log((1 - still) / still)[:, None]
