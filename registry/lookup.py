"""Finds a resource by what a user calls it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Final

from fitgraph.registry.errors import NotFoundError
from fitgraph.registry.iris import Iri, key_of

#: Shorter prefixes are more likely a mistyped name.
MIN_PREFIX_DIGITS: Final = 4
_DIGEST_DIGITS: Final = 64
_HEX_DIGITS: Final = frozenset("0123456789abcdef")


def _none() -> Collection[str]:
    return ()


def resolve(
    kind: str,
    reference: str,
    names: Mapping[str, Iri],
    offered: Callable[[], Collection[str]] = _none,
) -> Iri:
    """IRI of the resource that is meant.

    Args:
        kind: ``model``, ``board``, ...: for the sentence.
        reference: a name, an IRI, or the first digits of a digest, at least four.
        names: all resources of the kind: names to IRIs; a resource without a name comes under
            its IRI.
        offered: names of those that the device catalogue has; asked for only where none is meant.

    Raises:
        NotFoundError: none is meant, or several are; the hint offers the nearest names.
    """
    if reference in names:
        return names[reference]
    if reference in names.values():
        return Iri(reference)
    found = _by_prefix(reference, names)
    if len(found) == 1:
        return found[0]
    if found:
        shown = ", ".join(key_of(iri)[:12] for iri in found[:5])
        raise NotFoundError(
            f"{len(found)} {kind}s have a digest that begins with {reference!r}",
            hint=f"give more digits: {shown}",
        )
    hint = _from_catalogue(kind, reference, names, offered()) or nearest_hint(
        kind, reference, names
    )
    raise NotFoundError(f"there is no {kind} {reference!r}", hint=hint)


def _by_prefix(reference: str, names: Mapping[str, Iri]) -> list[Iri]:
    prefix = reference.lower()
    if len(prefix) < MIN_PREFIX_DIGITS or not _HEX_DIGITS.issuperset(prefix):
        return []
    digests = {iri for iri in names.values() if len(key_of(iri)) == _DIGEST_DIGITS}
    return sorted(iri for iri in digests if key_of(iri).startswith(prefix))


def nearest_hint(kind: str, reference: str, names: Mapping[str, Iri]) -> str:
    """What was probably meant, for a name that nothing has."""
    if not names:
        return f"there is no {kind} at all yet; add one"
    close = _close(reference, names)
    if not close:
        return f"list the {kind}s to see what there is"
    return f"did you mean {' or '.join(close)}?"


def _from_catalogue(
    kind: str, reference: str, names: Mapping[str, Iri], offered: Collection[str]
) -> str:
    """A hint at what the device catalogue has; an empty string where it has nothing near."""
    wanted = reference.lower()
    if wanted in offered:
        return f"`fitgraph {kind} add {wanted}` takes it from the device catalogue"
    far = _close(reference, set(offered) - names.keys(), count=2)
    if not far:
        return ""
    near = _close(reference, names)
    first = f"did you mean {' or '.join(near)}? " if near else ""
    return f"{first}the device catalogue has {' and '.join(far)}: `fitgraph {kind} add {far[0]}`"


def _close(reference: str, names: Collection[str], count: int = 3) -> list[str]:
    by_lower_case = {name.lower(): name for name in names}
    found = get_close_matches(reference.lower(), by_lower_case, n=count)
    return [by_lower_case[name] for name in found]
