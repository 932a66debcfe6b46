"""The hostile-server lab: behaviours on real sockets, and what the harness must make of each."""
