"""Which boards of a whole catalogue run which model: ``python match_catalogue.py STORE``.

Makes the index once, then counts all pairs, lists the best boards of each model with their reasons,
and writes every pair into a Parquet file where ``pyarrow`` is installed.
"""

import importlib.util
import sys
from pathlib import Path

from fitgraph.matcher import index_of
from fitgraph.matcher.tables import write_pairs
from fitgraph.registry.catalogue import open_registry


def main(store: Path) -> None:
    """Print what fits what."""
    with open_registry(store, read_only=True) as registry:
        index = index_of(registry.store)
    print(f"{len(index.models):,} models on {len(index.boards):,} boards")
    for verdict, n_pairs in index.count().items():
        print(f"  {verdict:<8} {n_pairs:>10,}")
    for model in index.models:
        for found in index.explained(model.name, top=3):
            flash = found.constraint("flash").message
            print(f"{model.name} on {found.board}: {found.verdict}; flash {flash}")
    if importlib.util.find_spec("pyarrow"):
        print(f"{write_pairs(index, store / 'pairs.parquet'):,} pairs written")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
