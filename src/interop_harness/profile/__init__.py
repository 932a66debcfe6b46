"""Profiles: what is asked of an implementation, as data."""

from interop_harness.profile.loading import find_folder, installed, load
from interop_harness.profile.model import ASPECTS, ConformanceClass, GeneratedAspect, Layer, Profile
from interop_harness.profile.openapi import OpenAPI, Operation, Parameter
from interop_harness.profile.yaml_reader import parse_yaml, read_yaml

__all__ = [
    "ASPECTS",
    "ConformanceClass",
    "GeneratedAspect",
    "Layer",
    "OpenAPI",
    "Operation",
    "Parameter",
    "Profile",
    "find_folder",
    "installed",
    "load",
    "parse_yaml",
    "read_yaml",
]
