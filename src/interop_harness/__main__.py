"""``python -m interop_harness`` is ``interop``."""

from interop_harness.cli import main

main()
