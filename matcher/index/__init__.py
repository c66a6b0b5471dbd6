"""Verdicts on any number of models and devices, without looking at each pair."""
