"""What somebody may do with the service."""

from enum import StrEnum


class Scope(StrEnum):
    """A right that a person or a token has; none includes another.

    `READ` is to look, `RESEARCH` to compute and to fetch (signals, training, backtests, syncs),
    `TRADE` to move money or paper money, `ADMIN` to decide who may do what.
    """

    READ = "read"
    RESEARCH = "research"
    TRADE = "trade"
    ADMIN = "admin"
