"""How long policies take on a full catalogue: ``python -m benchmarks.policies``.

One model is held against all boards under rules of three kinds: what boards have, what they are
called, and a question in SPARQL, which may read anything. Times are of one process, rules read
before.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.models import REPOSITORY
from fitgraph.matcher import columns
from fitgraph.matcher.policies import broken, load_policies
from fitgraph.matcher.policy_graph import Pair
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.device_catalogue import catalogue_boards, catalogue_mcus
from fitgraph.registry.facts import model_facts
from fitgraph.registry.iris import board_iri, model_iri, runtime_iri
from fitgraph.registry.read_model import read_model

_PREFIXES: Final = """@prefix fg: <https://w3id.org/fitgraph/ontology#> .
@prefix rule: <https://example.com/rules#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
"""
_RULES: Final = {
    "vendor": """sh:not [ sh:path ( fg:board fg:vendor ) ; sh:hasValue "Nordic Semiconductor" ]""",
    "name": """sh:not [ sh:path ( fg:board fg:name ) ; sh:pattern "^nrf" ]""",
    "SPARQL": """sh:sparql [ sh:select '''SELECT $this WHERE {
        $this <https://w3id.org/fitgraph/ontology#board> ?board
        FILTER(STRSTARTS(STR(?board), "https://w3id.org/fitgraph/id/board/nrf")) }''' ]""",
}


def policies(folder: Path) -> dict[str, float]:
    """Seconds by the kind of rule."""
    file = REPOSITORY / "examples" / "digits" / "digits.onnx"
    model = read_model(file)
    with open_registry(folder / "store") as registry:
        registry.add_model(model, model_facts(model), file.read_bytes(), "digits")
        mcus, boards = tuple(catalogue_mcus()), tuple(catalogue_boards())
        registry.add_device_catalogue(mcus, boards, lambda _done: None)
        pairs = [
            Pair(model_iri(model.sha256), board_iri(one.board_id), runtime_iri("fitgraph-c"))
            for one in columns.boards(registry.store)
        ]
        found = {}
        for name, text in _RULES.items():
            (folder / name).mkdir()
            rule = f'rule:R a sh:NodeShape ; sh:targetClass fg:Match ; sh:message "no" ; {text} .\n'
            (folder / name / "rule.ttl").write_text(_PREFIXES + rule, encoding="utf-8")
            rules = load_policies(folder / name)
            start = time.perf_counter()
            broken(rules, registry.store, pairs)
            found[name] = round(time.perf_counter() - start, 2)
    return {"boards": len(pairs), **found}


def main() -> int:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="fitgraph-policies-") as folder:
        sys.stdout.write(json.dumps(policies(Path(folder)), indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
