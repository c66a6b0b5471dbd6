"""The vocabulary: Turtle, SHACL shapes, JSON-LD contexts and competency questions."""
