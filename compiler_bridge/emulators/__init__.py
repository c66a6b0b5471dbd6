"""Emulators: a linked firmware runs on real inputs, and what it does is watched."""
