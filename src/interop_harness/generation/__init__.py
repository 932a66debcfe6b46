"""Inputs made from an OpenAPI document, and the judgement of an answer against it.

Schemathesis makes the inputs, once for each profile version (:mod:`~interop_harness.generation.inputs`);
jsonschema-rs, the validator inside Schemathesis, judges bodies (:mod:`~interop_harness.generation.validation`).
"""
