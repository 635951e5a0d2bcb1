"""The endpoints there are: one file in `routes`, one router."""

import importlib
import pkgutil
from collections.abc import Iterator

from fastapi import APIRouter

ROUTES, LAST = "assay.api.routes", "terminal"


def routers() -> Iterator[tuple[str, APIRouter]]:
    """Yield the name and the `router` of every file by their names, what takes the rest last."""
    folder = importlib.import_module(ROUTES)
    names = sorted(found.name for found in pkgutil.iter_modules(folder.__path__))
    for name in sorted(names, key=lambda one: one == LAST):
        yield name, importlib.import_module(f"{ROUTES}.{name}").router
