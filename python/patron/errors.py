"""What Patron raises.

Every error of the library is a `patron.Error`. Those that the caller can mend are a `ValueError` as
well, and running out of memory is a `MemoryError`. The message names the column, the first bad row,
its value and what was expected; it is the same text in C++, C and Python, and `status` is the name
of the C status code.
"""

from __future__ import annotations

__all__ = [
    "AlreadyExistsError",
    "CancelledError",
    "ConvergenceError",
    "DataLossError",
    "DegenerateFitWarning",
    "Error",
    "FailedPreconditionError",
    "InvalidArgumentError",
    "NotFoundError",
    "OutOfRangeError",
    "ResourceExhaustedError",
]


class Error(Exception):
    """An error of the library.

    Attributes
    ----------
    status : str
        Name of the C status code, such as ``"INVALID_ARGUMENT"``.
    """

    status: str = "UNKNOWN"

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class InvalidArgumentError(Error, ValueError):
    """An argument, an option or a row is not what the function takes."""

    status = "INVALID_ARGUMENT"


class OutOfRangeError(Error, ValueError):
    """A number is past its range, such as an amount past the range of money."""

    status = "OUT_OF_RANGE"


class NotFoundError(Error, KeyError, ValueError):
    """A name or an id is unknown."""

    status = "NOT_FOUND"


class AlreadyExistsError(Error, ValueError):
    """An id is known with other content."""

    status = "ALREADY_EXISTS"


class FailedPreconditionError(Error, ValueError):
    """The objects do not fit each other, such as states of other options."""

    status = "FAILED_PRECONDITION"


class ConvergenceError(FailedPreconditionError):
    """A fit has no maximum, the data do not determine it, or it was not reached.

    The message says which, and the state of the search where it ended.
    """


class DegenerateFitWarning(UserWarning):
    """The likelihood has no maximum inside its parameters; the message names what it runs to."""


class DataLossError(Error, ValueError):
    """Bytes are not what `to_bytes` wrote."""

    status = "DATA_LOSS"


class ResourceExhaustedError(Error, MemoryError):
    """There is not enough memory."""

    status = "RESOURCE_EXHAUSTED"


class CancelledError(Error):
    """The progress callback answered False."""

    status = "CANCELLED"


_BY_STATUS: dict[str, type[Error]] = {
    kind.status: kind
    for kind in (
        InvalidArgumentError,
        OutOfRangeError,
        NotFoundError,
        AlreadyExistsError,
        FailedPreconditionError,
        DataLossError,
        ResourceExhaustedError,
        CancelledError,
    )
}


def _from_status(status: str, message: str) -> Error:
    kind = _BY_STATUS.get(status)
    if kind is not None:
        return kind(message)
    error = Error(message)
    error.status = status
    return error
