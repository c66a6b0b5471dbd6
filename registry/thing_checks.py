"""What is wrong with a Thing Description by itself, whatever else is there."""

from __future__ import annotations

from fitgraph.registry.thing import Finding
from fitgraph.registry.thing_json import JsonDocument
from fitgraph.registry.thing_rules import rule_errors
from fitgraph.registry.thing_schema import schema_errors


def thing_errors(document: JsonDocument) -> tuple[Finding, ...]:
    """What is wrong with a document by itself: against the schema, then against the rules."""
    return schema_errors(document.value) or rule_errors(document.value)
