"""A validator is given the components that its schema reaches: all of those, and no others."""

from __future__ import annotations

import pytest

from interop_harness.generation.validation import TooDeepError, Validators
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
        "Nest": {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"$ref": "#/components/schemas/Nest"}}]},
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


def nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("levels", [20, 240, 300, 800])
def test_what_is_wrong_is_found_however_deep_the_wrong_value_is(levels: int) -> None:
    """A list where a text belongs is wrong at its top, whatever lies below."""
    found = validators().errors({"default": nested(levels)}, {"$ref": "#/components/schemas/Thing"}, "deep")
    assert {error.pointer for error in found} == {"/default"}


def test_what_cannot_be_seen_to_the_bottom_is_neither_right_nor_wrong() -> None:
    schema = {"$ref": "#/components/schemas/Nest"}
    assert validators().errors(nested(90), schema, "nest") == []
    assert [error.keyword for error in validators().errors([nested(90), "x"], schema, "nest")] == ["anyOf"]
    with pytest.raises(TooDeepError, match="100 levels"):
        validators().errors([nested(600), "x"], schema, "nest")


def test_a_half_character_keeps_nothing_else_from_being_found() -> None:
    value = {"default": "\ud800", "next": {"default": 5}}
    found = validators().errors(value, {"$ref": "#/components/schemas/Thing"}, "half")
    assert {error.pointer for error in found} == {"/default", "/next/default"}
