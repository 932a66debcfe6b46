"""XML is read as the data its schema describes; what could harm the reader is refused, and nothing is fetched."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from interop_harness.suite import xml

SCHEMA = {
    "type": "array",
    "xml": {"name": "things", "wrapped": True},
    "items": {
        "type": "object",
        "xml": {"name": "thing"},
        "properties": {
            "code": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            "size": {"anyOf": [{"type": "number"}, {"type": "string"}]},
            "good": {"type": "boolean"},
            "kinds": {"type": "array", "xml": {"name": "kinds", "wrapped": True}, "items": {"xml": {"name": "kind"}}},
            "maker": {"type": "object", "xml": {"name": "made_by"}, "properties": {"name": {"type": "string"}}},
        },
    },
}


def read(text: str | bytes) -> Any:
    return xml.read(text.encode() if isinstance(text, str) else text, SCHEMA, lambda node: node)


def test_elements_become_the_data_that_the_schema_describes() -> None:
    text = """<?xml version="1.0" encoding="utf-8"?>
    <things>
      <thing><code>001</code><size>-1.50</size><good>true</good><kinds><kind>a</kind><kind>b</kind></kinds>
        <made_by><name> Tŷ &amp; Sons </name></made_by></thing>
      <thing><code/><size>big</size><good>no</good><kinds/><extra>e</extra></thing>
    </things>"""
    assert read(text) == [
        {"code": "001", "size": -1.5, "good": True, "kinds": ["a", "b"], "maker": {"name": "Tŷ & Sons"}},
        {"code": None, "size": "big", "good": "no", "kinds": [], "extra": "e"},
    ]


def test_an_empty_list_is_empty_and_one_item_is_still_a_list() -> None:
    assert read("<things/>") == []
    assert read("<things><thing><kinds><kind>a</kind></kinds></thing></things>") == [{"kinds": ["a"]}]


def test_a_member_given_twice_is_kept_for_the_schema_to_object_to() -> None:
    assert read("<things><thing><code>1</code><code>2</code></thing></things>") == [{"code": ["1", "2"]}]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<others/>", "root element is <others>, not <things>"),
        ("<things><item/></things>", "<item> inside <things>"),
        ("<things>", "no element found"),
        ("", "no element found"),
        ('[{"code": 1}]', "syntax error"),
        ("<things>&unknown;</things>", "undefined entity"),
        ("<things>\x00</things>", "not well-formed"),
        (b"<things>\xe9</things>", "not well-formed"),
        ("<things/><things/>", "junk after document element"),
    ],
)
def test_what_is_not_the_documented_xml_is_said(text: str | bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        read(text)
    assert not isinstance(caught.value, xml.RefusedXml)


LAUGHS = (
    '<!DOCTYPE things [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    + "]><things>&m;</things>"
)


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE things><things/>",
        LAUGHS,
        f'<!DOCTYPE things [<!ENTITY a "{"x" * 5000}">]><things>{"&a;" * 5000}</things>',
        '<!DOCTYPE things [<!ENTITY a SYSTEM "file:///etc/passwd">]><things>&a;</things>',
        '<!DOCTYPE things [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x"> %a;]><things/>',
        '<!DOCTYPE things PUBLIC "-//X" "http://127.0.0.1:9/x.dtd"><things/>',
        f"{'<thing>' * 100}{'</thing>' * 100}",
    ],
    ids=["harmless", "laughs", "quadratic", "file", "parameter entity", "public", "deep"],
)
def test_what_could_harm_the_reader_is_refused(text: str) -> None:
    with pytest.raises(xml.RefusedXml):
        read(text)


def test_size_and_elements_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MAX_ELEMENTS", 10)
    with pytest.raises(xml.RefusedXml, match="more than 10 elements"):
        read(f"<things>{'<thing/>' * 20}</things>")
    monkeypatch.setattr(xml, "MAX_BYTES", 20)
    with pytest.raises(xml.RefusedXml, match="bytes"):
        read(f"<things>{' ' * 20}</things>")


def test_nothing_is_fetched() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        caught = threading.Event()

        def wait() -> None:
            try:
                listener.accept()[0].close()
                caught.set()
            except TimeoutError:
                pass

        watcher = threading.Thread(target=wait)
        watcher.start()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/x.dtd"
        for text in (f'<!DOCTYPE things SYSTEM "{address}"><things/>', f'<things xmlns="{address}"/>'):
            try:
                read(text)
            except ValueError:
                continue
        watcher.join()
    assert not caught.is_set()


def test_the_documents_own_encoding_is_told_and_not_followed() -> None:
    made = xml.parse('<?xml version="1.0" encoding="ISO-8859-1"?><things>é</things>'.encode())
    assert (made.declared, made.encoding, made.root.text) == (True, "ISO-8859-1", "é")


def test_a_page_of_a_website_is_no_xml_and_no_danger() -> None:
    with pytest.raises(ValueError, match="an HTML page") as refused:
        xml.parse(b"<!DOCTYPE html><html><body>Something went wrong</body></html>")
    assert not isinstance(refused.value, xml.RefusedXml)
