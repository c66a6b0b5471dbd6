"""Model files, boards and runtimes become records, and records become triples."""
