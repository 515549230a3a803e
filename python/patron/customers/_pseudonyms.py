"""Pseudonyms: keyed hashes instead of what tells people apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from patron import _core
from patron.table import Table

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron._typing import ColumnLike, Progress

PseudonymKind: TypeAlias = Literal[
    "raw", "text", "name", "phone", "email", "organisation", "address", "identity"
]


def pseudonyms(
    values: str | ColumnLike,
    *,
    field: str,
    key: bytes,
    tenant: str = "",
    purpose: str = "",
    kind: PseudonymKind = "raw",
    region: str | None = "CN",
    progress: Progress = None,
) -> npt.NDArray[Any]:
    """Make pseudonyms of values: equal for equal values, and nothing without the key.

    A pseudonym is the first 128 bits of HMAC-SHA-256 under the key of tenant, purpose, field and
    value, each preceded by its length in eight bytes, high byte first. Another purpose or tenant
    gives other pseudonyms, so that tables of two purposes cannot be joined by them.

    Parameters
    ----------
    values : str or array of shape (n_rows,)
        At most 131,072 bytes each.
    field : str
        What the values are, such as "email".
    key : bytes
        At least 16 of them, secret and random. It is not kept and never shown; who holds it can find
        a value by trying, so keep it apart from the pseudonyms.
    tenant : str
        Whose customers they are.
    purpose : str
        What the pseudonyms are for.
    kind : str
        What values are compared as, as in `keys`: "raw", as written, or "text", "name", "phone",
        "email", "organisation", "address", "identity". What is not of that kind is compared as text.
    region : str, optional
        Of phone numbers without a country code, as in `keys`.

    Returns
    -------
    ndarray of shape (n_rows,)
        Texts of 32 hexadecimal digits; None for null.

    Raises
    ------
    ValueError
        For a key of fewer than 16 bytes, or a value that is too long, naming the row.

    Examples
    --------
    >>> import hmac
    >>> from patron.customers import pseudonyms
    >>> key = bytes(range(32))
    >>> phones = ["138 0013 8000", "+86-138-0013-8000", None]
    >>> one, same, none = pseudonyms(phones, field="phone", key=key, kind="phone")
    >>> one == same, none
    (True, None)
    >>> parts = [b"", b"", b"phone", b"+8613800138000"]
    >>> message = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    >>> hmac.digest(key, message, "sha256").hex()[:32] == one
    True
    """
    column = [values] if isinstance(values, str) else values
    names = (field, tenant, purpose, region)
    return Table._of(_core.pseudonyms(column, key, kind, names, progress))["pseudonym"]


def identity_hash(values: str | ColumnLike, *, key: bytes, tenant: str = "") -> Table:
    """Make of identity numbers what may be kept of them.

    Parameters
    ----------
    values : str or array of shape (n_rows,)
        Resident numbers (GB 11643), unified social credit codes (GB 32100) or LEIs (ISO 17442), in
        any way of writing them.
    key : bytes
        At least 16 of them.
    tenant : str
        Whose customers they are.

    Returns
    -------
    Table
        hash, the pseudonym of the number with its type as field; type ("resident",
        "social_credit", "lei"); valid (bool): its check digit is right. hash and type are null for
        what is no such number.

    Raises
    ------
    ValueError
        For a key of fewer than 16 bytes.

    Examples
    --------
    >>> from patron.customers import identity_hash
    >>> kept = identity_hash(["11010519491231002X", "110105 19491231 002x"], key=bytes(16))
    >>> kept["type"].tolist(), len(set(kept["hash"]))
    (['resident', 'resident'], 1)
    """
    column = [values] if isinstance(values, str) else values
    return Table._of(_core.identity_hashes(column, key, tenant))
