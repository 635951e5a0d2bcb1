"""The faults that providers have: of answers, and of the bars in them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.doubles.server import Fault, Reply, Row, Spoiler

HTML = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


def busy(retry_after: str | None = "7") -> Fault:
    """Return: asked too often."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return lambda _: Reply(b'{"error": "Too Many Requests"}', 429, headers)


def broken(status: int = 502) -> Fault:
    """Return: out of order, with a page for people."""
    return lambda _: Reply(HTML, status, {"Content-Type": "text/html"})


def truncated(reply: Reply) -> Reply:
    """Return: JSON that ends in the middle, in an answer that is whole."""
    return replace(reply, body=reply.body[: len(reply.body) // 2])


def dropped(reply: Reply) -> Reply:
    """Return: a connection that is closed before all is sent."""
    return replace(reply, cut=len(reply.body) // 2)


def stalled(seconds: float) -> Fault:
    """Return: an answer that comes too late."""
    return lambda reply: replace(reply, stall=seconds)


def none(rows: list[Row]) -> list[Row]:
    """Tell of no bars."""
    return []


def twice(rows: list[Row]) -> list[Row]:
    """Tell of every third bar twice."""
    return [one for at, row in enumerate(rows) for one in [row] * (2 if at % 3 == 0 else 1)]


def backwards(rows: list[Row]) -> list[Row]:
    """Tell of the newest bar first."""
    return rows[::-1]


def contradicting(at: int) -> Spoiler:
    """Return: the bar at place `at` comes again with another close."""

    def spoil(rows: list[Row]) -> list[Row]:
        if at >= len(rows):
            return rows
        row = rows[at]
        return [
            *rows[: at + 1],
            row._replace(close=row.high if row.close == row.low else row.low),
            *rows[at + 1 :],
        ]

    return spoil


def wrong(field: str | int, value: Any, every: int) -> Callable[[Any], Any]:
    """Return: each `every`th row has `value` in `field`."""
    count = 0

    def damage(row: Any) -> Any:
        nonlocal count
        count += 1
        if count % every:
            return row
        made = row.copy()
        made[field] = value
        return made

    return damage
