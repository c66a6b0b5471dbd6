"""Which media type a client gets of those that it accepts (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from fitgraph.api.server.faults import NotAcceptableError

_QUALITY: Final = re.compile(r";\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*(?:;|$)")


def best(accept: str | None, offered: Sequence[str]) -> str:
    """The offered media type that suits the client best; the first where it does not say.

    Raises:
        NotAcceptableError: none suits.
    """
    ranges = [_range(part) for part in (accept or "").split(",") if part.strip()]
    if not ranges:
        return offered[0]
    scored = [(_quality(media, ranges), -place, media) for place, media in enumerate(offered)]
    quality, _, media = max(scored)
    if quality <= 0:
        raise NotAcceptableError(
            f"nothing of {(accept or '')[:120]!r} can be given",
            hint=f"accept one of {', '.join(offered)}",
        )
    return media


def _range(part: str) -> tuple[str, float]:
    found = _QUALITY.search(part)
    return part.partition(";")[0].strip().lower(), float(found[1]) if found else 1.0


def _quality(media: str, ranges: Sequence[tuple[str, float]]) -> float:
    """By the range that says most of it: the type itself, its family, any."""
    said = dict(ranges)
    family = f"{media.partition('/')[0]}/*"
    return next((said[one] for one in (media, family, "*/*") if one in said), 0.0)
