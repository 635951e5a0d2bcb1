"""Trading signals you can question; `assay.open(home)` gives the workspace in Python."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assay.app import open_workspace as open
    from assay.core.errors import (
        ArtefactError,
        AssayError,
        DataError,
        HistoryError,
        JournalError,
        MissingExtraError,
        NotFoundError,
        SettingsError,
        StoreError,
        UserError,
    )
    from assay.notebook.workspace import Workspace

__all__ = [
    "ArtefactError",
    "AssayError",
    "DataError",
    "HistoryError",
    "JournalError",
    "MissingExtraError",
    "NotFoundError",
    "SettingsError",
    "StoreError",
    "UserError",
    "Workspace",
    "open",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a function or a class
    """Import what is asked for when it is asked for, so that `import assay` takes no time."""
    if name == "open":
        from assay.app import open_workspace

        return open_workspace
    if name == "Workspace":
        from assay.notebook.workspace import Workspace

        return Workspace
    if name in __all__:
        from assay.core import errors

        return getattr(errors, name)
    raise AttributeError(f"module 'assay' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
