"""The checks: pure functions, exchanges and values in, findings out. One module per family; no network, no clock."""
