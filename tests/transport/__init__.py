"""Tests of the transport, the target file and the preflight."""
