"""Reads XML bodies as the data that JSON would hold, by the document's own schema; whatever could harm is refused.

The standard library's expat with its dangerous parts refused is enough, and one dependency less: a document type
declaration stops the reading at its first byte, and without one there are no entities to expand and nothing
external to fetch. Depth, elements and bytes are bounded here too, which defusedxml leaves to its caller.

An OpenAPI schema says how it looks in XML (its ``xml`` object): an array is an element of its own with one child
an item, an object has a child a member, everything else is text. An empty element is null.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 40
MAX_ELEMENTS = 400_000
NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?")

Resolve = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class RefusedXml(ValueError):  # noqa: N818 - what was done with it
    """XML that may be well formed and is not read all the same: it declares a document type, or is out of bounds."""


@dataclass(slots=True)
class Element:
    """An element with its child elements, and the text before, between and after them in one piece."""

    name: str
    attributes: Mapping[str, str]
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces).strip()


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document: its root element, and what its XML declaration says."""

    root: Element
    declared: bool
    encoding: str | None


def parse(body: bytes) -> Document:
    """The document as it stands, read as UTF-8 whatever it says of itself.

    Raises RefusedXml for a document type declaration or too much of anything, else ValueError with a short reason.
    """
    if len(body) > MAX_BYTES:
        raise RefusedXml(f"XML of {len(body)} bytes is not read: the limit is {MAX_BYTES}")
    builder = _Builder()
    try:
        _parser(builder).Parse(body, True)
    except expat.ExpatError as error:
        words = expat.ErrorString(error.code)
        raise ValueError(f"not XML: {words} at line {error.lineno} column {error.offset + 1}") from error
    assert builder.root is not None  # expat has refused a document without an element
    return Document(builder.root, builder.declared, builder.encoding)


@dataclass(frozen=True, slots=True)
class Traits:
    """What XML is judged by beside its content: small, where a document may hold hundreds of thousands of elements."""

    declared: bool = False
    encoding: str | None = None
    names: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()
    refused: str = ""
    """Why it was not read although it may be well formed."""
    readable: bool = True


def traits(body: bytes) -> Traits:
    """The traits of a document; whatever the bytes, nothing is raised."""
    try:
        document = parse(body)
    except RefusedXml as refused:
        return Traits(refused=str(refused), readable=False)
    except ValueError:
        return Traits(readable=False)
    names: set[str] = set()
    namespaces: set[str] = set()
    queue = [document.root]
    while queue:
        element = queue.pop()
        names.add(element.name)
        namespaces.update(text for name, text in element.attributes.items() if name.partition(":")[0] == "xmlns")
        queue += element.children
    return Traits(document.declared, document.encoding, frozenset(names), frozenset(namespaces))


def _parser(builder: _Builder) -> expat.XMLParserType:
    """A parser that knows its builder, which does not know the parser: a circle would outlive the reading."""
    parser = expat.ParserCreate("UTF-8")
    parser.buffer_text = True
    parser.XmlDeclHandler = builder.declaration
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.doctype
    parser.EntityDeclHandler = builder.entity
    parser.ExternalEntityRefHandler = builder.entity
    parser.SkippedEntityHandler = builder.entity
    return parser


class _Builder:
    def __init__(self) -> None:
        self.root: Element | None = None
        self.declared = False
        self.encoding: str | None = None
        self._open: list[Element] = []
        self._count = 0

    def declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        self.declared, self.encoding = True, encoding

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise RefusedXml(f"XML of more than {MAX_ELEMENTS} elements is not read")
        if len(self._open) >= MAX_DEPTH:
            raise RefusedXml(f"XML nested deeper than {MAX_DEPTH} elements is not read")
        made = Element(name, attributes)
        if self._open:
            self._open[-1].children.append(made)
        else:
            self.root = made
        self._open.append(made)

    def end(self, name: str) -> None:
        self._open.pop()

    def text(self, data: str) -> None:
        self._open[-1].pieces.append(data)

    def doctype(self, name: str, *_: Any) -> None:
        if name.lower() == "html":  # a page of a website: no answer of any interface, and nothing to be wary of
            raise ValueError("not XML: an HTML page")
        raise RefusedXml("XML with a document type declaration (DTD) is not read")

    def entity(self, *_: Any) -> int:
        raise RefusedXml("XML with entities of its own is not read")


def read(body: bytes, schema: Mapping[str, Any], resolve: Resolve) -> Any:
    """The body as data of the schema's shape. Raises ValueError with a short reason."""
    root = parse(body).root
    shapes = _Shapes(resolve)
    wanted = shapes.of(schema).name
    if wanted and _local(root.name) != wanted:
        raise ValueError(f"not the documented XML: the root element is <{root.name[:60]}>, not <{wanted}>")
    return _value(root, schema, shapes)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What reading needs of a schema, its references resolved."""

    schema: Mapping[str, Any]
    name: str
    type: str
    items: Mapping[str, Any]
    members: Mapping[str, tuple[str, Mapping[str, Any]]]
    """Element → the member that it is, and the schema of that."""


class _Shapes:
    """Shapes by schema, made once a body: a list has one schema and very many elements."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._made: dict[int, tuple[Mapping[str, Any], _Shape]] = {}

    def of(self, schema: Mapping[str, Any]) -> _Shape:
        kept = self._made.get(id(schema))
        if kept is None:
            # The schema is kept beside its shape, so that no other can come to have its identity meanwhile.
            kept = self._made[id(schema)] = (schema, self._shape(self._resolve(schema)))
        return kept[1]

    def _shape(self, schema: Mapping[str, Any]) -> _Shape:
        members = {
            _name(self._resolve(child)) or name: (name, child) for name, child in schema.get("properties", {}).items()
        }
        return _Shape(schema, _name(schema), str(schema.get("type", "")), schema.get("items", {}), members)


_ANYTHING: Mapping[str, Any] = {}


def _value(element: Element, schema: Mapping[str, Any], shapes: _Shapes) -> Any:
    shape = shapes.of(schema)
    own = [child for child in element.children if ":" not in child.name]  # foreign names are somebody else's
    if shape.type == "array" and not (not own and element.text):
        wanted = shapes.of(shape.items).name
        for child in own:
            if wanted and child.name != wanted:
                outer, inner = element.name[:60], child.name[:60]
                raise ValueError(f"not the documented XML: <{inner}> inside <{outer}>, where each item is <{wanted}>")
        return [_value(child, shape.items, shapes) for child in own]
    if not own:
        return {} if shape.type == "object" and not element.text else _scalar(element.text, shape.schema)
    found: dict[str, Any] = {}
    several: set[str] = set()
    for child in own:
        name, below = shape.members.get(child.name, (child.name, _ANYTHING))
        value = _value(child, below, shapes)
        if name not in found:
            found[name] = value
        elif name in several:
            found[name].append(value)
        else:  # an object has a member once: the schema says what is wrong with a list
            found[name] = [*(found[name] if isinstance(found[name], list) else [found[name]]), value]
            several.add(name)
    return found


def _scalar(text: str, schema: Mapping[str, Any]) -> Any:
    """Text as the first type that the schema names, where it is written as that type is; else as it stands."""
    first = next(iter(schema.get("anyOf", ())), schema)
    if first.get("type") == "boolean" and text in {"true", "false"}:
        return text == "true"
    if first.get("type") in {"number", "integer"} and NUMBER.fullmatch(text):
        return int(text) if "." not in text else float(text)
    return text or None


def _name(schema: Mapping[str, Any]) -> str:
    return str((schema.get("xml") or {}).get("name", ""))


def _local(name: str) -> str:
    return name.rpartition(":")[2]
