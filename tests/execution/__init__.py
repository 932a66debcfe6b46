"""Runs as processes: cut off, resumed, limited, gated."""
