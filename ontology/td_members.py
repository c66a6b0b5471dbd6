"""Values that members of a Thing Description may have, as its JSON Schemas list them.

Source: Web of Things Thing Description 1.1, sections 5.3.3 (security schemes) and 5.3.4.2 (forms).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OPERATIONS: Final[Mapping[str, str]] = {
    "property": "readproperty writeproperty observeproperty unobserveproperty",
    "action": "invokeaction queryaction cancelaction",
    "event": "subscribeevent unsubscribeevent",
    "thing": "readallproperties writeallproperties readmultipleproperties "
    "writemultipleproperties observeallproperties unobserveallproperties queryallactions "
    "subscribeallevents unsubscribeallevents",
}

EVENT_SCHEMAS: Final = ("subscription", "data", "dataResponse", "cancellation")

_PLACES: Final = "header query body cookie auto"

#: Members of each security scheme besides those that all have, and what they may be.
SECURITY: Final[Mapping[str, Mapping[str, str | None]]] = {
    "nosec": {},
    "auto": {},
    "combo": {},
    "basic": {"in": _PLACES, "name": None},
    "digest": {"in": _PLACES, "name": None, "qop": "auth auth-int"},
    "apikey": {"in": f"{_PLACES} uri", "name": None},
    "bearer": {"in": _PLACES, "name": None, "authorization": None, "alg": None, "format": None},
    "psk": {"identity": None},
    "oauth2": {"authorization": None, "token": None, "refresh": None, "flow": None},
}

DATA_TYPES: Final = "boolean integer number string object array null"
