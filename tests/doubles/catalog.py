"""The doubles there are: one file, one provider."""

import importlib
import inspect
import pkgutil
from functools import cache

import tests.doubles
from tests.doubles.server import Double

SHARED = ("catalog", "faults", "market", "reach", "server", "sockets", "terminals")


@cache
def doubles() -> dict[str, type[Double]]:
    """Return the doubles of providers of bars, by the name of the source they stand before."""
    found: dict[str, type[Double]] = {}
    for module in pkgutil.iter_modules(tests.doubles.__path__):
        if module.name in SHARED:
            continue
        held = vars(importlib.import_module(f"tests.doubles.{module.name}")).values()
        for one in held:
            if inspect.isclass(one) and issubclass(one, Double) and not inspect.isabstract(one):
                found[one.source or one.adapter] = one
    return found
