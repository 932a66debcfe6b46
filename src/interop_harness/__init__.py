"""Conformance suites for the systems councils buy, judged from evidence and certified."""

__version__ = "0.1.0"

from pathlib import Path as _Path

_CHECKOUT = _Path(__file__).resolve().parents[2]
if not (_Path(__file__).parent / "conformance").is_dir() and (_CHECKOUT / "conformance" / "__init__.py").is_file():
    # In a checkout the suite lies at the top; in a wheel inside this package. It has one import name in both.
    __path__.append(str(_CHECKOUT))
