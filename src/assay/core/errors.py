"""Every error Assay raises on purpose, one tree.

AssayError
├── UserError            the person asked for something impossible (exit 2)
│   ├── DataError        bars, stories or releases that cannot be what they claim to be
│   ├── NotFoundError    a name nobody knows: symbol, timeframe, feature, model, signal
│   ├── SettingsError    a setting, flag or specification that contradicts itself
│   ├── HistoryError     too little history for what was asked
│   ├── AccessError      nobody known asks: no name and password, session or token that counts
│   ├── RightsError      somebody known asks for what they may not do
│   └── MissingExtraError  an optional library is not installed
├── ArtefactError        a model that cannot be trusted: altered, incomplete, of other features
├── StoreError           the database or a Parquet file is damaged, locked or full
│   └── JournalError     the hash chain of issued signals is broken
├── TransientError       the other side is busy; says when to come back
│   ├── QuotaError       the allowance of a provider is used up until then
│   └── TooOftenError    somebody asked us more often than they may
└── RefusedError         the other side said no, and will say no again
    └── CredentialError  a key is missing, wrong or was taken back

The message is one sentence: what was asked, what was found, what to do.
"""


class AssayError(Exception):
    """The root; `exit_code` is what the command line ends with."""

    exit_code = 1


class UserError(AssayError):
    """The person can mend it."""

    exit_code = 2


class DataError(UserError):
    """The data cannot be what they claim to be."""


class NotFoundError(UserError):
    """A name nobody knows; the message names the nearest ones."""


class SettingsError(UserError):
    """A setting or specification that contradicts itself."""


class HistoryError(UserError):
    """Too little history for what was asked."""


class AccessError(UserError):
    """Nobody known asks: what they showed to be let in does not count."""


class RightsError(UserError):
    """Somebody known asks for what they may not do; the message names what is missing."""


class MissingExtraError(UserError):
    """An optional library is not installed."""

    def __init__(self, plugin: str, library: str, extra: str) -> None:
        super().__init__(
            f"{plugin!r} needs {library!r}, which is not installed: pip install 'assay[{extra}]'"
        )


class ArtefactError(AssayError):
    """A model that cannot be trusted; the message names the field."""


class StoreError(AssayError):
    """What is stored cannot be read or written."""


class JournalError(StoreError):
    """The hash chain of issued signals is broken."""


class TransientError(AssayError):
    """The other side is busy; try again after `retry_after` seconds."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class QuotaError(TransientError):
    """The allowance of a provider is used up; it is there again after `retry_after` seconds."""


class TooOftenError(TransientError):
    """Somebody asked us more often than they may; they may again after `retry_after` seconds."""


class RefusedError(AssayError):
    """The other side said no, and will say no again."""


class CredentialError(RefusedError):
    """A provider's key is missing, wrong or was taken back; the message names where it is set."""

    exit_code = 2
