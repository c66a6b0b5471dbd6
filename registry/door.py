"""The door of the registry: triples go in when the shapes of their kind let them."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import Triple

from fitgraph.registry.errors import InvalidRecordError


def check(kind: str, triples: Iterable[Triple]) -> None:
    """Lets the triples of one kind of resource pass.

    Raises:
        InvalidRecordError: they violate a shape; names path, value and rule of the first, and
            how many there are.
    """
    # Who only looks need not wait for the shapes.
    from fitgraph.ontology.validate import validate  # noqa: PLC0415

    violations = validate(triples, kind)
    if violations:
        more = f" (and {len(violations) - 1} more)" if len(violations) > 1 else ""
        raise InvalidRecordError(
            f"{kind} {violations[0]}{more}",
            hint="\n".join(str(violation) for violation in violations[1:4]),
        )
