"""Holds documents against the JSON Schemas of TD 1.1; what is wrong is said with its path."""

from __future__ import annotations

from functools import cache
from typing import Any

from fitgraph.ontology.td_schema import td_schema, tm_schema
from fitgraph.registry.thing import Finding, is_model
from fitgraph.registry.thing_json import Json, step

_SHOWN: int = 120


def schema_errors(value: dict[str, Json]) -> tuple[Finding, ...]:
    """What breaks the schema of descriptions, or of models if it says that it is one."""
    errors = _validator(is_model=is_model(value)).iter_errors(value)
    found = sorted({_finding(error) for error in errors}, key=lambda found: found.path)
    return tuple(found)


@cache
def _validator(*, is_model: bool) -> Any:  # noqa: ANN401 - jsonschema has no types
    from jsonschema import Draft7Validator  # noqa: PLC0415 - 0.1 s that most commands don't need

    return Draft7Validator(tm_schema() if is_model else td_schema())


def _finding(error: Any) -> Finding:  # noqa: ANN401
    """The innermost error: an alternative says no more than that none of it holds."""
    while error.context:
        error = min(error.context, key=lambda inner: (-len(inner.path), str(inner.message)))
    path = "".join(f"/{step(str(part))}" for part in error.absolute_path)
    return Finding(path, _sentence(error))


def _sentence(error: Any) -> str:  # noqa: ANN401, PLR0911 - one a keyword
    value, rule = _shown(error.instance), error.validator_value
    match error.validator:
        case "required":
            missing = [name for name in rule if name not in error.instance]
            return f"lacks {', '.join(missing)}"
        case "enum":
            return f"{value} is none of {', '.join(map(str, rule))}"
        case "const":
            return f"{value} is not {rule}"
        case "type":
            return f"{value} is not of type {rule}"
        case "minItems" | "minProperties":
            return f"has {len(error.instance)} entries and needs at least {rule}"
        case "uniqueItems":
            return f"{value} has an entry twice"
        case "minimum" | "exclusiveMinimum":
            return f"{value} is {'not above' if 'ex' in error.validator else 'below'} {rule}"
        case "pattern":
            return f"{value} does not have the form {rule}"
        case "contains":
            return f"{value} has no {rule.get('const', 'entry of the kind')}"
        case _:
            return f"{value} may not stand here"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
