"""Who is who: how alike texts and records are, and which belong to one person.

`compare` and `compare_all` measure how alike texts are. A `Linker` finds the records that are the
same person, says why, and groups them; `Linker.index` links others as they come; `measure_links` and
`Linker.sweep` say how well. `keys` turns names, phones,
e-mail and postal addresses, and organisations into what can be compared; `generate_people` makes people
to try it on. A `Register` keeps who is
who, and can take it back.
"""

from patron.customers._compare import Measure, compare, compare_all
from patron.customers._fields import Field
from patron.customers._index import LinkChange, LinkIndex
from patron.customers._keys import KeyKind, keys
from patron.customers._link import Clusters, LinkedPairs, Linker
from patron.customers._people import generate_people
from patron.customers._quality import LinkQuality, Sweep, measure_links, threshold
from patron.customers._register import Register

__all__ = [
    "Clusters",
    "Field",
    "KeyKind",
    "LinkChange",
    "LinkIndex",
    "LinkQuality",
    "LinkedPairs",
    "Linker",
    "Measure",
    "Register",
    "Sweep",
    "compare",
    "compare_all",
    "generate_people",
    "keys",
    "measure_links",
    "threshold",
]
