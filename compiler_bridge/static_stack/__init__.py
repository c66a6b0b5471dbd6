"""How deep a linked firmware's stack can get, told from its code alone."""
