"""Who is who: how alike texts and records are, which belong to one person, and what may be done.

`compare` and `compare_all` measure how alike texts are. A `Linker` finds the records that are the
same person, says why, and groups them; `Linker.index` links others as they come; `measure_links` and
`Linker.sweep` say how well, and `generate_people` makes people to try it on. `keys` turns names,
phones, e-mail and postal addresses, and organisations into what can be compared. A `Register` keeps
who is who, and can take it back. `Consents` say whether data may be used, an `AccessLog` who used
them, and `pseudonyms` and `identity_hash` stand for what tells people apart. `quality` measures how
good data are, and `k_anonymity` makes exports in which nobody stands alone. `requests_due`,
`retention_due`, `export_json` and `export_vcard` answer to what people may ask for.
"""

from patron.customers._access import AccessFault, AccessHead, AccessLog, AccessVerdict
from patron.customers._anonymity import Anonymized, Hierarchy, k_anonymity
from patron.customers._compare import Measure, compare, compare_all
from patron.customers._consent import (
    ConsentReason,
    ConsentReport,
    Consents,
    LawfulBasis,
    Permission,
    Purpose,
)
from patron.customers._fields import Field
from patron.customers._index import LinkChange, LinkIndex
from patron.customers._keys import KeyKind, keys
from patron.customers._link import (
    Clusters,
    LinkedPairs,
    Linker,
)
from patron.customers._link_quality import LinkQuality, Sweep, measure_links, threshold
from patron.customers._people import generate_people
from patron.customers._pseudonyms import PseudonymKind, identity_hash, pseudonyms
from patron.customers._quality import Quality, Timeliness, quality
from patron.customers._register import Register
from patron.customers._register_views import Card, Completeness, field_catalogue
from patron.customers._requests import (
    Law,
    export_json,
    export_vcard,
    requests_due,
    retention_due,
)

__all__ = [
    "AccessFault",
    "AccessHead",
    "AccessLog",
    "AccessVerdict",
    "Anonymized",
    "Card",
    "Clusters",
    "Completeness",
    "ConsentReason",
    "ConsentReport",
    "Consents",
    "Field",
    "Hierarchy",
    "KeyKind",
    "Law",
    "LawfulBasis",
    "LinkChange",
    "LinkIndex",
    "LinkQuality",
    "LinkedPairs",
    "Linker",
    "Measure",
    "Permission",
    "PseudonymKind",
    "Purpose",
    "Quality",
    "Register",
    "Sweep",
    "Timeliness",
    "compare",
    "compare_all",
    "export_json",
    "export_vcard",
    "field_catalogue",
    "generate_people",
    "identity_hash",
    "k_anonymity",
    "keys",
    "measure_links",
    "pseudonyms",
    "quality",
    "requests_due",
    "retention_due",
    "threshold",
]
