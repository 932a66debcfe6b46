"""A validator is given the components that its schema reaches: all of those, and no others."""

from __future__ import annotations

from interop_harness.generation.validation import Validators
from interop_harness.profile.openapi import OpenAPI

COMPONENTS = {
    "schemas": {
        "Thing": {
            "type": "object",
            # Members may be called what JSON Schema calls its own words.
            "properties": {
                "default": {"$ref": "#/components/schemas/Colour"},
                "next": {"$ref": "#/components/schemas/Thing"},
            },
        },
        "Colour": {"type": "string", "enum": ["red", "green"]},
        "Part": {"properties": {"size": {"$ref": "#/components/schemas/Size~1of~0part"}}},
        "Size/of~part": {"type": "integer", "nullable": True},
        "Unused": {"type": "object"},
    }
}


def validators() -> Validators:
    document = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}, "components": COMPONENTS}
    return Validators(OpenAPI(document))


def test_what_is_reached_through_others_is_checked():
    thing = {"$ref": "#/components/schemas/Thing"}
    made = validators()
    assert made.errors({"default": "red", "next": {"default": "green"}}, thing, "thing") == []
    found = made.errors({"next": {"next": {"default": "blue"}}}, thing, "thing")
    assert [error.pointer for error in found] == ["/next/next/default"]


def test_a_name_with_a_slash_and_a_part_of_a_component():
    made = validators()
    part = {"$ref": "#/components/schemas/Part/properties/size"}
    assert made.errors(None, part, "size") == []
    assert [error.keyword for error in made.errors("1", part, "size")] == ["type"]


def test_nothing_else_is_compiled():
    made = validators()
    assert set(made._reached({"$ref": "#/components/schemas/Thing"})["schemas"]) == {"Thing", "Colour"}
    assert made._reached({"type": "string"}) == {}


def test_the_first_error_speaks_for_a_value_of_very_many_members():
    part = {"type": "array", "items": {"type": "object", "properties": {"size": {"type": "integer"}}}}
    made = validators()
    few = made.errors([{"size": "x"}] * 3, part, "parts")
    many = made.errors([{"size": 1}] * 50_000 + [{"size": "x"}] * 3, part, "parts")
    assert [error.pointer for error in few] == ["/0/size", "/1/size", "/2/size"]
    assert [(error.pointer, error.keyword) for error in many] == [("/50000/size", "type")]
    assert made.errors([{"size": 1}] * 50_000, part, "parts") == []
