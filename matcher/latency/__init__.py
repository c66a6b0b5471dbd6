"""Latency and energy as intervals, calibrated on published results."""
