"""A program for the machine that it is compiled on."""

from __future__ import annotations

from fitgraph.compiler_bridge.firmware.files import c_file
from fitgraph.compiler_bridge.firmware.model_header import MODEL_HEADER, model_header
from fitgraph.compiler_bridge.packages.cmake import main_c
from fitgraph.compiler_bridge.packages.content import Content, filled
from fitgraph.compiler_bridge.packages.model_alias import model_alias
from fitgraph.compiler_bridge.packages.readme import readme


def host_files(content: Content) -> dict[str, str]:
    """Name to text."""
    headers = {**content.headers(), **model_alias(content)}
    headers[MODEL_HEADER] = model_header(content.generated)
    return {
        "Makefile": filled("makefile", content),
        **{f"include/{name}": text for name, text in headers.items()},
        **{f"src/{name}": text for name, text in content.sources().items()},
        "run.c": c_file("harness_host.c"),
        "main.c": main_c(content),
        "README.md": readme(content, "On this machine", "use_host.md"),
    }
