"""What owlrl says of a graph that it has closed under OWL 2 RL."""

from __future__ import annotations

from rdflib import OWL, RDF, Graph, URIRef

#: How owlrl says that it found a contradiction.
ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")

#: owlrl takes a double for ill-formed whose value Python takes for false.
ZERO = (
    "Lexical value of the literal '0.0' does not match its datatype "
    "(http://www.w3.org/2001/XMLSchema#double)"
)


def contradictions(graph: Graph) -> list[str]:
    """Errors that the reasoner noted, and what is of no possible class."""
    nothings = (f"{thing} is nothing" for thing in graph.subjects(RDF.type, OWL.Nothing))
    errors = {str(message) for message in graph.objects(None, ERROR)} - {ZERO}
    return [*sorted(errors), *nothings]
