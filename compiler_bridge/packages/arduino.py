"""An Arduino library: specification 1.5, revision 2.2."""

from __future__ import annotations

from fitgraph.compiler_bridge.packages.content import Content, filled
from fitgraph.compiler_bridge.packages.example import fill_inputs, say_outputs
from fitgraph.compiler_bridge.packages.model_alias import model_alias
from fitgraph.compiler_bridge.packages.readme import readme

# Names that start with it are those of official libraries; a name has at most 63 characters.
_RESERVED = "arduino"


def library_name(content: Content) -> str:
    """What the library is called."""
    prefix = content.prefix
    return f"model_{prefix}" if prefix.lower().startswith(_RESERVED) else prefix


def arduino_files(content: Content) -> dict[str, str]:
    """Name to text."""
    generated, macro = content.generated, content.prefix.upper()
    say = "Serial.print({name});\n        Serial.print(' ');\n        Serial.println({real}, 6);"
    sketch = filled(
        "sketch.ino",
        content,
        fill=fill_inputs(generated, names=macro),
        say=say_outputs(generated, say, names=macro),
        reset=f"    {content.prefix}_reset();\n" if generated.is_stateful else "",
    )
    switch = f"edit the line in `src/{content.prefix}.h`"
    return {
        "library.properties": filled("library.properties", content, name=library_name(content)),
        **{f"src/{name}": text for name, text in generated.files.items()},
        **{f"src/{name}": text for name, text in model_alias(content).items()},
        "examples/RunOnce/RunOnce.ino": sketch,
        "README.md": readme(content, "Arduino", "use_arduino.md", switch),
    }
