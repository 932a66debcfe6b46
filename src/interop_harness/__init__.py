"""Conformance suites for the systems councils buy, judged from evidence and certified."""

__version__ = "0.1.0"
