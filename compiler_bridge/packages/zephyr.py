"""A Zephyr module with a sample."""

from __future__ import annotations

from fitgraph.compiler_bridge.packages.content import Content, filled
from fitgraph.compiler_bridge.packages.example import fill_inputs, say_outputs
from fitgraph.compiler_bridge.packages.model_alias import model_alias
from fitgraph.compiler_bridge.packages.readme import readme


def zephyr_files(content: Content) -> dict[str, str]:
    """Name to text."""
    say = 'printk("%s[%d] = %d / 1000\\n", {name}, i, (int)(1000.0 * ({real})));'
    sample = filled(
        "zephyr_main.c",
        content,
        fill=fill_inputs(content.generated),
        say=say_outputs(content.generated, say),
        reset="    model_reset();\n" if content.generated.is_stateful else "",
    )
    sources = " ".join(f"../src/{name}" for name in sorted(content.sources()))
    headers = {**content.headers(), **model_alias(content)}
    switch = f"`CONFIG_FITGRAPH_{content.prefix.upper()}_CALLER_ARENA=y`"
    return {
        "zephyr/module.yml": filled("module.yml", content),
        "zephyr/CMakeLists.txt": filled("zephyr_cmake.txt", content, paths=sources),
        "zephyr/Kconfig": filled("zephyr_kconfig", content),
        **{f"include/{name}": text for name, text in headers.items()},
        **{f"src/{name}": text for name, text in content.sources().items()},
        "samples/run_once/CMakeLists.txt": filled("sample_cmake.txt", content),
        "samples/run_once/prj.conf": filled("prj.conf", content),
        "samples/run_once/sample.yaml": filled("sample.yaml", content),
        "samples/run_once/src/main.c": sample,
        "README.md": readme(content, "Zephyr", "use_zephyr.md", switch),
    }
