"""From what people wrote to keys that can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from patron import _core
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import ColumnLike, Progress

KeyKind: TypeAlias = Literal[
    "text", "name", "phone", "email", "organisation", "address", "identity"
]


def keys(
    values: str | ColumnLike,
    kind: KeyKind = "text",
    *,
    region: str | None = "CN",
    progress: Progress = None,
) -> Table:
    """Make keys of texts: what is compared instead of what people wrote.

    Keys are folded: NFKC without case, so full width becomes half width, and without characters that
    nobody sees. The values themselves stay as they are.

    Parameters
    ----------
    values : str or array of shape (n_rows,)
        At most 131,072 bytes each.
    kind : str
        "text"
            key, with its words; damaged (bool): U+FFFD, private use, or "?" beside Han characters.
        "name"
            key, without the difference between traditional and simplified characters; surname and
            given; pinyin, toneless with the surname first, and reversed; sounds, up to four of them
            with a space between, where characters are read in two ways; ambiguous (bool): which part
            is the surname could not be told; damaged. Compound surnames and the readings of surnames
            are known; of romanised names capitals, a comma or known surnames tell the order.
        "phone"
            e164, extension, type; valid (bool): fits the numbering plan; identity (bool): may tell
            people apart, which short codes and shared numbers may not.
        "email"
            key, domain (as ASCII), valid (bool).
        "organisation"
            core, place, form: 腾讯科技(深圳)有限公司 is 腾讯科技, 深圳 and 有限公司.
        "address"
            key, province, city, district and rest, of the mainland; code, that of GB/T 2260 of the
            county, or else of the prefecture or the province; and of the rest township, road,
            number, building, unit and room, as far as they could be read. Han numerals become
            digits, and words for province, city and district may be left out.
        "identity"
            type: "resident" (GB 11643), "social_credit" (GB 32100) or "lei" (ISO 17442); valid
            (bool). Keep the numbers themselves as keyed hashes alone.
    region : str, optional
        Country of phone numbers without a country code: CN, HK, MO, TW, US, CA or GB; None takes
        such numbers as none.

    Returns
    -------
    Table
        One row a row. What is not there is null.

    Raises
    ------
    ValueError
        For text that is no UTF-8 or too long, naming the row, or an unknown kind or region.

    Examples
    --------
    >>> from patron.customers import keys
    >>> keys(["歐陽娜娜", "Zhang, Wei"], "name")["pinyin"].tolist()
    ['ouyangnana', 'zhangwei']
    >>> phones = keys(["0086-138-0013-8000", "95519"], "phone")
    >>> phones["e164"].tolist(), phones["identity"].tolist()
    (['+8613800138000', '+8695519'], [True, False])
    """
    column = [values] if isinstance(values, str) else values
    return Table._of(_core.read_keys(column, kind, region, progress))
