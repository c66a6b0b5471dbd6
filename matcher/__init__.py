"""Requirements against capabilities: verdicts with evidence.

``from fitgraph.matcher import match, index_of`` is what planning scripts need. Both are loaded when
they are asked for: the command line shows its help without the store.
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fitgraph.matcher.index.index import index_of as index_of
    from fitgraph.matcher.match import match as match


class _Matcher(ModuleType):
    """A package whose ``match`` is the function, and stays it once the module of that name is read.

    Importing a module sets it as an attribute of its package, which a property takes no notice of.
    """

    @property
    def match(self) -> Any:  # noqa: ANN401 - its type is that of the import above
        from fitgraph.matcher.match import match as function  # noqa: PLC0415

        return function

    @match.setter
    def match(self, module: ModuleType) -> None:
        """Keep the function."""

    @property
    def index_of(self) -> Any:  # noqa: ANN401 - its type is that of the import above
        from fitgraph.matcher.index.index import index_of as function  # noqa: PLC0415

        return function


sys.modules[__name__].__class__ = _Matcher
