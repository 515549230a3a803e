"""Objects that may be kept in a file, and are closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, Self, TypeVar

from patron.errors import FailedPreconditionError

if TYPE_CHECKING:
    from types import TracebackType

Native = TypeVar("Native")


class Kept(Generic[Native]):
    """An object of the engine that can be used until it is closed."""

    __slots__ = ("_native",)
    _native: Native | None
    _closed: ClassVar[str]
    """What is said of one that is closed."""

    @property
    def _opened(self) -> Native:
        if self._native is None:
            raise FailedPreconditionError(self._closed)
        return self._native

    def close(self) -> None:
        """Close the file, if there is one. The object cannot be used any more."""
        self._native = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
