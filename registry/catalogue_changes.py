"""What was changed by whom: looking it up, and forgetting what is old."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pyoxigraph import NamedNode

from fitgraph.registry.catalogue_base import CatalogueBase
from fitgraph.registry.change import Change, change_key
from fitgraph.registry.iris import Iri, change_iri
from fitgraph.registry.store_base import Row
from fitgraph.registry.triples.change import change_from_triples
from fitgraph.registry.triples.terms import Term, literal, python_value

#: Graphs that are deleted in one write.
_DELETED_AT_ONCE: Final = 500


class ChangeOperations(CatalogueBase):
    """Operations on the log of changes."""

    def change_iris(
        self, *, agent_name: str = "", operation: str = "", resource: str = ""
    ) -> tuple[Iri, ...]:
        """IRIs of changes, the first first.

        Args:
            agent_name: of who made them; all if empty, as with the others.
            operation: that they were made by.
            resource: IRI of one that they generated, used or invalidated.
        """
        bound: dict[str, Term] = {"agent_name": literal(agent_name)} if agent_name else {}
        if resource:
            try:
                bound["resource"] = NamedNode(resource)
            except ValueError:  # nothing can have such a name
                return ()
        rows = self._resources.rows("changes-of-a-resource" if resource else "changes", bound)
        # What is optional cannot be bound: it would only be left out where it is another.
        found = (row for row in rows if not operation or _text(row, "operation") == operation)
        return tuple(sorted({Iri(_text(row, "change")) for row in found}))

    def get_changes(self, iris: Sequence[Iri]) -> tuple[Change, ...]:
        """The changes of these IRIs, without those that are forgotten meanwhile."""
        found = self._resources.graphs(iris)
        return tuple(change_from_triples(iri, triples) for iri, triples in found if triples)

    def forget_changes(self, before: datetime, most: int) -> int:
        """Deletes changes that are old or too many, and tells how many.

        Args:
            before: those before this time go.
            most: of the others, the last so many stay.
        """
        gone = self.forgettable_changes(before, most)
        for start in range(0, len(gone), _DELETED_AT_ONCE):
            self.store.write({}, gone[start : start + _DELETED_AT_ONCE])
        return len(gone)

    def forgettable_changes(self, before: datetime, most: int) -> tuple[Iri, ...]:
        """What ``forget_changes`` would delete."""
        first = change_iri(change_key(before))
        known = self.change_iris()
        n_too_many = max(0, len(known) - most)
        return tuple(iri for at, iri in enumerate(known) if at < n_too_many or iri < first)


def _text(row: Row, name: str) -> str:
    return str(python_value(row[name])) if name in row else ""
