"""Well-formed language tags, as RFC 5646 (BCP 47) section 2.1 has them."""

from __future__ import annotations

from typing import Final

_LANGUAGE: Final = "(?:[A-Za-z]{2,3}(?:-[A-Za-z]{3}(?:-[A-Za-z]{3}){0,2})?|[A-Za-z]{4,8})"
_SCRIPT: Final = "(?:-[A-Za-z]{4})?"
_REGION: Final = "(?:-(?:[A-Za-z]{2}|[0-9]{3}))?"
_VARIANTS: Final = "(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"
_EXTENSIONS: Final = "(?:-[0-9A-WY-Za-wy-z](?:-[A-Za-z0-9]{2,8})+)*"
_PRIVATE: Final = "x(?:-[A-Za-z0-9]{1,8})+"
#: Registered before the grammar, which they do not follow (``irregular``).
_IRREGULAR: Final = (
    "en-GB-oed|i-(?:ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)"
    "|sgn-(?:BE-FR|BE-NL|CH-DE)"
)
#: Likewise, of one more subtag than the grammar allows (``regular``).
_REGULAR: Final = "art-lojban|cel-gaulish|no-(?:bok|nyn)|zh-(?:guoyu|hakka|min-nan|min|xiang)"

#: A regular expression for a whole tag; ECMAScript reads it the same way.
LANGUAGE_TAG: Final = (
    f"^(?:{_LANGUAGE}{_SCRIPT}{_REGION}{_VARIANTS}{_EXTENSIONS}(?:-{_PRIVATE})?"
    f"|{_PRIVATE}|{_IRREGULAR}|{_REGULAR})$"
)
