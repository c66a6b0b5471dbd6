"""Recipes: from a model to a variant of it, and what that did to its accuracy."""
