"""The manifest of what a back end delivers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from fitgraph.compiler_bridge.back_ends.protocol import Delivered, Request
from fitgraph.compiler_bridge.deliver import MANIFEST


def with_manifest(runtime: str, request: Request, delivered: Delivered) -> Mapping[str, bytes]:
    """All files, and ``manifest.json`` with the digest of each."""
    document = {
        "model_sha256": request.graph.sha256,
        "runtime": runtime,
        "isa_class": request.isa_class,
        "options": dict(sorted(request.options.items())),
        "facts": dict(delivered.facts),
        "files": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in sorted(delivered.files.items())
        },
    }
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return {**delivered.files, MANIFEST: text.encode()}
