"""Do lists whose pages are joined by links hold together: the links, the pages, the total, the entries?

For FHIR Bundles; OpenActive's paged feeds and the item collections of OGC API Features are joined in the same way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from interop_harness.checks.pagination import Page
from interop_harness.checks.references import UUID
from interop_harness.checks.values import Value, at
from interop_harness.evidence import Finding
from interop_harness.generation.validation import show

SHOWN = 3
PORTS = {"http": 80, "https": 443}


def same_page(one: str, other: str) -> bool:
    """Whether two targets ask for the same, however they are encoded."""
    (path, _, query), (another, _, more) = one.partition("?"), other.partition("?")
    return path == another and sorted(parse_qsl(query, True)) == sorted(parse_qsl(more, True))


def ends(pages: Sequence[Page], link: str | None, target: str | None, where: str) -> Iterator[Finding]:
    """The last page that was read links to no page read before. ``target`` is where its ``link`` leads."""
    if link is None or not pages:
        return
    last = pages[-1]
    if target is None:
        yield Finding("an address of a next page that can be followed", show(link), last.exchange.id, where)
        return
    for page in pages:
        if same_page(page.exchange.request.target, target):
            which = "itself" if page is last else f"page {page.number} again"
            expected = f"pages that come to an end (page {last.number} of {pages[0].exchange.request.target})"
            yield Finding(expected, f"a next link to {which}: {show(link)}", last.exchange.id, where)
            return


def here(base_url: str, page: Page, link: str, where: str) -> Iterator[Finding]:
    """A link to another page leads to the service that was asked."""
    try:
        base, there = urlsplit(base_url), urlsplit(urljoin(f"{base_url}{page.exchange.request.target}", link))
        origin = (there.scheme, (there.hostname or "").lower(), there.port or PORTS.get(there.scheme))
        own = (base.scheme, (base.hostname or "").lower(), base.port or PORTS.get(base.scheme))
    except ValueError:
        return  # what cannot be read is found where pages are followed
    if there.scheme in PORTS and origin != own:
        yield Finding(f"a next link below {base_url}", show(link), page.exchange.id, where)


def whole(plain: Sequence[str], parts: Sequence[str], page: Page) -> Iterator[Finding]:
    """The pages together hold each record of the list once. ``parts`` are the ids of the pages, in order."""
    asked = page.exchange.request.target
    lost = [name for name in plain if name not in set(parts)]
    more = [name for name in dict.fromkeys(parts) if name not in set(plain)]
    twice = [name for name, count in Counter(parts).items() if count > 1]
    for names, words in ((lost, "without"), (more, "with others:"), (twice, "with some twice:")):
        if names:
            expected = f"each of the {len(plain)} records once on the pages of {asked}"
            yield Finding(expected, f"pages {words} {', '.join(names[:SHOWN])}", page.exchange.id)


def once(names: Sequence[str], page: Page) -> Iterator[Finding]:
    """One answer holds each record once. ``names`` are the ids of its records."""
    twice = [name for name, count in Counter(names).items() if name and count > 1]
    if twice:
        expected = f"each record once in the answer to {page.exchange.request.target}"
        yield Finding(expected, f"some twice: {', '.join(twice[:SHOWN])}", page.exchange.id)


def total(pages: Sequence[Page], count: int) -> Iterator[Finding]:
    """The stated total is the number of records on all pages."""
    for page in pages:
        stated = page.member("total_items")
        if isinstance(stated, int) and not isinstance(stated, bool) and stated != count:
            yield Finding(
                f"{count}, the records on all pages", str(stated), page.exchange.id, page.pointer("total_items")
            )


def entry_members(entries: Sequence[Value], members: Sequence[str]) -> Iterator[Finding]:
    """Every entry has the members, whatever it holds."""
    for member in members:
        lacking = [entry for entry in entries if all(found.blank for found in at([entry], member))]
        for entry in lacking[:SHOWN]:
            yield Finding(f"{member} in every entry", "no such member", entry.exchange, entry.pointer)


def addresses(entries: Sequence[Value], address: str, record: str, kind: str, identifier: str) -> Iterator[Finding]:
    """The address of an entry ends in the kind and the id of the record that it holds; a URN is no such address."""
    for entry in entries:
        place = next(iter(at([entry], address)), None)
        inner = next(iter(at([entry], record)), None)
        body = inner.value if inner is not None and isinstance(inner.value, Mapping) else {}
        if place is None or not isinstance(place.value, str) or _urn(place.value):
            continue
        name, number = body.get(kind), body.get(identifier)
        if name and number and not place.value.split("?")[0].endswith(f"/{name}/{number}"):
            expected = f"an address that ends in {name}/{number}"
            yield Finding(expected, show(place.value), place.exchange, place.pointer)


def _urn(text: str) -> bool:
    return text.lower().startswith(("urn:uuid:", "urn:oid:")) or bool(UUID.match(text))


def own_link(page: Page, relations: Sequence[Any], relation: str, where: str) -> Iterator[Finding]:
    """The page has a link of the relation."""
    if relation not in relations:
        observed = ", ".join(str(found) for found in relations) or "no links"
        yield Finding(f"a link with the relation {relation}", observed, page.exchange.id, where)
