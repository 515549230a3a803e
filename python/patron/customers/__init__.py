"""Who is who: how alike texts and records are, and which belong to one person.

`compare` and `compare_all` measure how alike texts are. A `Linker` finds the records that are the
same person, says why, and groups them; `measure_links` says how well. `keys` turns names, phones,
e-mail and postal addresses, and organisations into what can be compared. A `Register` keeps who is
who, and can take it back.
"""

from patron.customers._compare import Measure, compare, compare_all
from patron.customers._keys import KeyKind, keys
from patron.customers._link import (
    Clusters,
    Field,
    LinkedPairs,
    Linker,
    LinkQuality,
    measure_links,
    threshold,
)
from patron.customers._register import Register
from patron.customers._register_views import Card, Completeness, field_catalogue

__all__ = [
    "Card",
    "Clusters",
    "Completeness",
    "Field",
    "KeyKind",
    "LinkQuality",
    "LinkedPairs",
    "Linker",
    "Measure",
    "Register",
    "compare",
    "compare_all",
    "field_catalogue",
    "keys",
    "measure_links",
    "threshold",
]
