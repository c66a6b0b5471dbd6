"""Records to triples and back: pure functions, one module a kind of record."""
