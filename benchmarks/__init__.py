"""Measurements, each a ratio taken in one run on one machine: absolute times differ, ratios tell."""
