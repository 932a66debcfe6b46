from interop_harness.sandbox.fault import Fault

from .settings import Settings

CATALOGUE: dict[str, Fault[Settings]] = {}
