"""Plug-ins found by their file names, imported when asked for."""

import importlib
import inspect
import pkgutil
from functools import cache, cached_property
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from types import ModuleType
from typing import Generic, TypeVar, cast

from assay.core.errors import MissingExtraError
from assay.core.names import unknown

T = TypeVar("T")


class Catalog(Generic[T]):
    """The plug-ins of one room: a file in its folder, or an entry point of a third party.

    The file's name is the plug-in's name. Listing imports nothing; `get` imports the one that is
    asked for and demands exactly one concrete subclass of `kind` in it. `extras` names the extra
    that brings an optional library.
    """

    def __init__(
        self, kind: type[T], package: str, *, group: str, extras: dict[str, str] | None = None
    ) -> None:
        self._kind = kind
        self._package = package
        self._group = group
        self._extras = extras or {}

    @cached_property
    def _entries(self) -> tuple[EntryPoint, ...]:
        """Third parties' plug-ins, looked up once."""
        return tuple(_installed().select(group=self._group))

    def names(self) -> tuple[str, ...]:
        """Return the names of all plug-ins, sorted."""
        return self._names

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """What is in the folder and what third parties add; the folder is read once."""
        folder = importlib.import_module(self._package)
        own = {m.name for m in pkgutil.iter_modules(folder.__path__) if not m.name.startswith("_")}
        return tuple(sorted(own | {entry.name for entry in self._entries}))

    def get(self, name: str) -> type[T]:
        """Return the class of the plug-in called `name`."""
        for entry in self._entries:
            if entry.name == name:
                return self._one(
                    entry.load() if entry.attr else importlib.import_module(entry.module), name
                )
        if name not in self.names():
            raise unknown(self._kind.__name__.lower(), name, self.names())
        try:
            module = importlib.import_module(f"{self._package}.{name}")
        except ModuleNotFoundError as error:
            library = (error.name or "").partition(".")[0]
            if library in self._extras:
                raise MissingExtraError(name, library, self._extras[library]) from error
            raise
        return self._one(module, name)

    def _one(self, found: ModuleType | type[T], name: str) -> type[T]:
        if inspect.isclass(found):
            return found
        classes = [
            item
            for item in vars(found).values()
            if inspect.isclass(item)
            and issubclass(item, self._kind)
            and not inspect.isabstract(item)
            and item.__module__ == found.__name__
        ]
        if len(classes) != 1:
            raise TypeError(
                f"{self._package}.{name} must hold exactly one {self._kind.__name__}; "
                f"found {len(classes)}"
            )
        return classes[0]


@cache
def _installed() -> EntryPoints:
    """Return all entry points; asked once for all rooms, for it reads every package's data."""
    return cast("EntryPoints", entry_points())  # before 3.12 another type with the same select
