"""A C99 library with CMake: `find_package`, `add_subdirectory` or `FetchContent`."""

from __future__ import annotations

from fitgraph.compiler_bridge.packages.content import Content, filled
from fitgraph.compiler_bridge.packages.example import fill_inputs, say_outputs
from fitgraph.compiler_bridge.packages.model_alias import model_alias
from fitgraph.compiler_bridge.packages.readme import readme


def cmake_files(content: Content) -> dict[str, str]:
    """Name to text."""
    headers = {**content.headers(), **model_alias(content)}
    switch = f"link `{content.prefix}::{content.prefix}_reentrant`"
    return {
        "CMakeLists.txt": filled(
            "cmake.txt", content, headers=_listed(headers), library=_library(content)
        ),
        f"cmake/{content.prefix}-config.cmake": filled("cmake_config.cmake", content),
        **{f"include/{name}": text for name, text in headers.items()},
        **{f"src/{name}": text for name, text in content.sources().items()},
        "examples/main.c": main_c(content),
        "README.md": readme(content, "CMake", "use_cmake.md", switch),
    }


def _library(content: Content) -> str:
    """What finds and compiles a library that the sources call."""
    library = content.generated.library
    if library is None:
        return ""
    sources = "\n    ".join(library.sources)
    return filled("cmake_library.txt", content, library=library.name, library_sources=sources)


def _listed(headers: dict[str, str]) -> str:
    return " ".join(f"include/{name}" for name in sorted(headers))


def main_c(content: Content) -> str:
    """An example for machines with a screen."""
    say = 'printf("%s[%d] = %g\\n", {name}, i, {real});'
    return filled(
        "main.c",
        content,
        fill=fill_inputs(content.generated),
        say=say_outputs(content.generated, say),
        reset="    model_reset();\n" if content.generated.is_stateful else "",
    )
