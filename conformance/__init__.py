"""The conformance suite: one module per family of checks, one function per check.

Every function takes a ``case`` (what the profile asks, with its arguments) and a ``supplier`` (the session with the
implementation under test). It asks, and hands what a pure function of ``interop_harness.checks`` finds to
``supplier.expect``. It runs twice over a supplier: live, to make the exchanges, and judging, over the record;
so it may decide what to ask next by what came back, and by nothing else.
"""
