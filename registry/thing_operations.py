"""Adds, gets, lists and removes things: Thing Descriptions of devices, and Thing Models."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from fitgraph.ontology.namespaces import FG, FITGRAPH
from fitgraph.ontology.td_terms import PREFIXES
from fitgraph.registry.catalogue_base import CatalogueBase
from fitgraph.registry.errors import (
    ConflictError,
    InvalidThingError,
    NotFoundError,
    RegistryError,
)
from fitgraph.registry.iris import BASE, Iri
from fitgraph.registry.lookup import resolve
from fitgraph.registry.resources import CLASSES, Added
from fitgraph.registry.store_base import Row
from fitgraph.registry.thing import Finding, Thing, is_model, linked_board, links
from fitgraph.registry.thing_checks import thing_errors
from fitgraph.registry.thing_json import Json, JsonDocument, parse_document
from fitgraph.registry.thing_rules import is_iri
from fitgraph.registry.triples.kept import as_kept
from fitgraph.registry.triples.terms import RDF_TYPE, Term, fg
from fitgraph.registry.triples.thing import (
    ANONYMOUS,
    DOCUMENT,
    NAMING,
    RECORD_TERMS,
    SCHEMA_NAME,
    THING_CLASS,
    anonymous_iri,
    document_and_names,
    record_to_triples,
    schema_names,
)
from fitgraph.registry.triples.thing_document import triples_to_document

#: Errors of one document that are told.
MAX_PLACES: Final = 100
_MODEL_MEDIA_TYPE: Final = "application/tm+json"
_OWN_CLASSES: Final = frozenset(fg(name) for name in (*CLASSES.values(), "Device"))


class ThingOperations(CatalogueBase):
    """Operations on things."""

    def add_thing(
        self,
        document: JsonDocument,
        *,
        replace: bool = False,
        contexts: Mapping[str, object] | None = None,
    ) -> Added:
        """Adds a Thing Description or a Thing Model, in the graph of its id.

        Args:
            document: without an id, it gets an IRI by its content.
            replace: whether another description of the same thing gives way.
            contexts: JSON-LD contexts besides those that are known, by address.

        Raises:
            InvalidThingError: the document breaks a rule, or speaks of another resource.
            NotFoundError: a board or model that it is of is not there.
            ConflictError: the id is taken.
        """
        thing, triples = self._thing_graph(document, contexts)
        (added,) = self._resources.put("thing", {thing: triples}, replace=replace)
        return added

    def _thing_graph(
        self,
        document: JsonDocument,
        contexts: Mapping[str, object] | None = None,
        coming: Collection[Iri] = (),
    ) -> tuple[Iri, frozenset[Triple]]:
        """The graph of a thing that may be added; ``coming`` are boards that are added with it."""
        self.check_thing(document)
        thing, board = _iri_of(document), linked_board(document.value)
        if board is not None and board not in coming:
            self._resources.require("board", board)
        said = tuple(document_and_names(document, thing, contexts))
        names = schema_names(said)
        own = as_kept(t for t in said if t.predicate != NAMING)
        self._refuse_claims(document, thing, own)
        return thing, own.union(names, record_to_triples(document, thing, board))

    def check_thing(self, document: JsonDocument) -> None:
        """Makes sure that a document may be added, but for its id.

        Raises:
            InvalidThingError: it breaks a rule; names the first with its path.
        """
        errors = (*thing_errors(document), *self._circles(document), *self._parents(document))
        if errors:
            more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            raise InvalidThingError(
                f"{document.name}: {errors[0]}{more}",
                hint="\n".join(map(str, errors[1:4])) or "docs/things.md says what is checked",
                places=tuple((error.path, error.reason) for error in errors[:MAX_PLACES]),
            )

    def get_thing(self, reference: str) -> Thing:
        """The thing with this IRI or title."""
        return self._thing(self.resolve_thing(reference))

    def resolve_thing(self, reference: str) -> Iri:
        """IRI of the thing with this IRI or title.

        Raises:
            NotFoundError: there is none, or several have the title.
        """
        rows = [(_iri(row["thing"]), row.get("title")) for row in self._thing_rows()]
        titled = [iri for iri, title in rows if title == Literal(reference)]
        if len(titled) > 1:
            raise NotFoundError(
                f"{len(titled)} things are called {reference!r}",
                hint=f"name it by its id: {', '.join(titled[:3])}",
            )
        if titled:
            return titled[0]
        return resolve("thing", reference, {str(iri): iri for iri, _ in rows})

    def list_things(self, *, board: str | None = None) -> tuple[Thing, ...]:
        """All things by IRI, or the devices of one board.

        Raises:
            NotFoundError: there is no such board.
        """
        wanted = None if board is None else self.resolve("board", board)
        return tuple(self._thing(_iri(row["thing"])) for row in self._thing_rows(wanted))

    def thing_triples(self, reference: str) -> frozenset[Triple]:
        """What the description of a thing says, without what the registry keeps of it.

        Where several schemas stand in ``schemaDefinitions``, which is which is said, too: JSON-LD
        does not keep it, and answers refer to them by name.
        """
        iri = self.resolve_thing(reference)
        named = self._named_triples(iri)
        names = sum(triple.predicate == SCHEMA_NAME for triple in named)
        return named if names > 1 else self._own_triples(iri)

    def written_thing(self, reference: str) -> dict[str, Json]:
        """The Thing Description that is written anew from the triples of a thing.

        Raises:
            InvalidThingError: other programs wrote triples that make none.
        """
        iri = self.resolve_thing(reference)
        return triples_to_document(self._named_triples(iri), iri, _prefixes(self._thing(iri)))

    def thing_prefixes(self, reference: str) -> dict[str, str]:
        """Prefixes to write the triples of a thing under."""
        own = _prefixes(self._thing(self.resolve_thing(reference)))
        return {**PREFIXES, **own, "fg": FG}

    def remove_thing(self, reference: str) -> Iri:
        """Removes a thing, and returns its IRI."""
        iri = self.resolve_thing(reference)
        self.store.write({}, (iri,))
        return iri

    def _thing_rows(self, board: Iri | None = None) -> tuple[Row, ...]:
        if board is None:
            return self._resources.rows("things")
        return self._resources.rows("devices-of-a-board", {"board": NamedNode(board)})

    def _own_triples(self, iri: Iri) -> frozenset[Triple]:
        return frozenset(t for t in self.store.graph(iri) if not _is_record(t))

    def _named_triples(self, iri: Iri) -> frozenset[Triple]:
        graph = self.store.graph(iri)
        return self._own_triples(iri) | {t for t in graph if t.predicate == SCHEMA_NAME}

    def _thing(self, iri: Iri) -> Thing:
        texts = [
            triple.object.value
            for triple in self.store.graph(iri)
            if triple.predicate == DOCUMENT and isinstance(triple.object, Literal)
        ]
        if len(texts) > 1:
            raise RegistryError(f"{iri} has {len(texts)} documents", hint="add the thing again")
        # Another program may have written triples alone.
        text = texts[0] if texts else json.dumps(triples_to_document(self._named_triples(iri), iri))
        document = parse_document(text.encode(), iri)
        return Thing(
            iri=iri,
            title=str(document.value.get("title", "")),
            is_model=is_model(document.value),
            board=linked_board(document.value),
            document=text,
        )

    def _refuse_claims(self, document: JsonDocument, thing: Iri, own: Iterable[Triple]) -> None:
        """A fact stands in one graph: a description speaks of its thing and nothing else."""
        is_taken = self.store.has_graph(thing) and not self._is_kept(thing)
        if is_taken or (thing.startswith(FITGRAPH) and not thing.startswith(ANONYMOUS)):
            raise ConflictError(
                f"{document.name}: /id: {thing} is another resource, or a name that only fitgraph "
                f"gives",
                hint="give the thing an id of its own; a board is added by `fitgraph board add`",
            )
        for subject in {_iri(triple.subject) for triple in own} - {thing}:
            if subject.startswith(f"{BASE}part/"):
                continue
            if subject.startswith(FITGRAPH) or self.store.has_graph(subject):
                raise ConflictError(
                    f"{document.name} speaks of {subject}, which is another resource",
                    hint="leave what is said of it to its own description, and link to it",
                )
        for triple in own:
            if triple.predicate in RECORD_TERMS or (
                triple.predicate == RDF_TYPE and triple.object in _OWN_CLASSES
            ):
                said = triple.object if triple.predicate == RDF_TYPE else triple.predicate
                raise InvalidThingError(
                    f"{document.name} says {said} itself, which only the registry does",
                    hint="link a device to its board by rel type; add boards by `board add`",
                )

    def _parents(self, document: JsonDocument) -> tuple[Finding, ...]:
        """Models that a model extends must be there when the link says that they are models."""
        if not is_model(document.value):
            return ()
        return tuple(
            Finding(f"{path}/href", f"the Thing Model {href} is not known; add it first")
            for path, href, media in links(document.value, "tm:extends")
            if media == _MODEL_MEDIA_TYPE and not self._is_kept(href)
        )

    def _circles(self, document: JsonDocument) -> tuple[Finding, ...]:
        """Models that extend or contain each other in a circle mean nothing."""
        start = _iri_of(document)
        return tuple(
            Finding(f"{path}/href", f"{href} leads back to this model in a circle")
            for path, href, _ in links(document.value, "tm:extends", "tm:submodel")
            if self._leads_to(href, start)
        )

    def _leads_to(self, href: str, start: Iri) -> bool:
        todo, seen = [href], set[str]()
        while todo:
            here = todo.pop().partition("#")[0]
            if here == start:
                return True
            if here not in seen and self._is_kept(here):
                kept = parse_document(self._thing(Iri(here)).document.encode(), here)
                todo += [to for _, to, _ in links(kept.value, "tm:extends", "tm:submodel")]
            seen.add(here)
        return False

    def _is_kept(self, address: str) -> bool:
        return is_iri(address) and any(
            triple.predicate == RDF_TYPE and triple.object == THING_CLASS
            for triple in self.store.graph(address)
        )


def _is_record(triple: Triple) -> bool:
    """Whether the registry says it, and not the description."""
    is_class = triple.predicate == RDF_TYPE and triple.object in _OWN_CLASSES
    return is_class or triple.predicate in RECORD_TERMS


def _prefixes(thing: Thing) -> dict[str, str]:
    """The prefixes that its document declares."""
    said = parse_document(thing.document.encode(), thing.iri).value.get("@context", [])
    parts = said if isinstance(said, list) else [said]
    return {
        prefix: namespace
        for part in parts
        for prefix, namespace in (part.items() if isinstance(part, dict) else ())
        if isinstance(namespace, str) and namespace.endswith(("/", "#"))
    }


def _iri(term: Term) -> Iri:
    assert isinstance(term, NamedNode)
    return Iri(term.value)


def _iri_of(document: JsonDocument) -> Iri:
    said = document.value.get("id", document.value.get("@id"))
    return Iri(said) if isinstance(said, str) else anonymous_iri(document.text)
