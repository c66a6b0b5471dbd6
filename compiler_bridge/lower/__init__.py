"""From a model graph to a program of kernel calls."""
