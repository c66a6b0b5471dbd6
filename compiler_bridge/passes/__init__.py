"""Rewrites of a lowered program that leave its outputs as they are, to the bit."""
