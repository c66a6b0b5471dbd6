"""What every package is made of, and how its templates are filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fitgraph.compiler_bridge.c_text import c_comment
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.text_templates import filled_in

# Of the package, which is made anew when its model is; nothing depends on an older one.
VERSION = "1.0.0"

# Library managers cut descriptions, or refuse long ones.
_LONGEST_TITLE = 80

# Of the compiler bridge, where the templates are.
FOLDER = "packages"


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """What is to be packed.

    Attributes:
        model_name: as the user calls the model.
        shown: what is known of the code: sentences, in Markdown.
        facts: for the manifest.
        documents: files to lie at the top, such as the proof.
    """

    generated: GeneratedCode
    model_name: str
    model_sha256: str
    shown: tuple[str, ...]
    facts: Mapping[str, object] = field(default_factory=dict)
    documents: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        return self.generated.prefix

    @property
    def title(self) -> str:
        """The model's name on one line, with nothing that ends a comment."""
        return " ".join(c_comment(self.model_name).split())[:_LONGEST_TITLE] or self.prefix

    @property
    def is_streaming(self) -> bool:
        """Whether rows can be pushed."""
        return f"{self.prefix}_stream.h" in self.generated.files

    def sources(self) -> dict[str, str]:
        """C files by name."""
        return {n: text for n, text in self.generated.files.items() if n.endswith(".c")}

    def headers(self) -> dict[str, str]:
        """Headers by name."""
        return {n: text for n, text in self.generated.files.items() if n.endswith(".h")}


def filled(template: str, content: Content, **more: str) -> str:
    """A template with every ``@name@`` replaced."""
    prefix = content.prefix
    values = {
        "prefix": prefix,
        "macro": prefix.upper(),
        "title": content.title,
        "version": VERSION,
        "sha256": content.model_sha256,
        "arena_bytes": str(content.generated.arena_bytes),
        "sources": " ".join(sorted(content.sources())),
        "src_sources": " ".join(f"src/{name}" for name in sorted(content.sources())),
        **more,
    }
    return filled_in(FOLDER, template, values)
