"""Arguments as the library takes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from patron._typing import InstantLike


def listed(ids: Any) -> Any:
    """One id as a list of it."""
    return [ids] if isinstance(ids, int | str) else ids


def or_now(time: InstantLike | None) -> InstantLike:
    return datetime.now(UTC) if time is None else time


def item_of(time: InstantLike | None, name: str) -> Any:
    """An instant, or now, as an item of a column, which text is not."""
    time = or_now(time)
    if not isinstance(time, str):
        return time
    try:
        return datetime.fromisoformat(time)
    except ValueError:
        raise ValueError(f"{name}: {time!r}; expected a date or an instant") from None
