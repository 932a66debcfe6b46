"""Faults of identity: ids that lead nowhere, records that disagree with each other."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from interop_harness.sandbox.open_referral_uk.store import Record

from .edits import (
    NOWHERE,
    Both,
    SupplierFault,
    also,
    alter,
    catalogue,
    drop,
    last,
    links,
    minimal,
    put,
    records,
    replace,
    services,
    some,
    switch,
    terms,
)

Instead = Callable[[Mapping[str, Record], str], str]


def _instead(name: str, collection: str, choose: Instead) -> SupplierFault:
    return switch(name, lambda settings: settings.instead.update({collection: choose}))


def _next_minimal(detailed: Mapping[str, Record], key: str) -> str:
    """Services of which little is known are answered with one another."""
    keys = [each for each, record in detailed.items() if minimal(0, 0, record)]
    return keys[(keys.index(key) + 1) % len(keys)] if key in keys else key


def _last_two(detailed: Mapping[str, Record], key: str) -> str:
    *_, one, other = detailed
    return {one: other, other: one}.get(key, key)


def _repeat_ids(record: Record) -> None:
    for row in record.get("attributes", ())[1:]:
        row["id"] = record["attributes"][0]["id"]


def _of_unknown_service(record: Record) -> None:
    """The link and all that lies in it belong to a service that nobody has heard of."""
    text = json.dumps(record).replace(record["service_id"], NOWHERE)
    record.update(json.loads(text))


def _unknown_place(record: Record) -> None:
    for place in record.get("service_at_locations", ())[:1]:
        place["id"] = NOWHERE


def _every_second(function: Callable[[Any], Any], path: str) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        if int(record["id"][-1], 16) % 2:
            alter(path, function)(record)

    return change


FAULTS = catalogue(
    [
        services("list-id-unknown-in-detail", ["listed"], replace("id", NOWHERE), last),
        services("detail-name-differs", ["detailed"], alter("name", str.upper), minimal),
        services(
            "detail-description-differs",
            ["detailed"],
            alter("description", lambda text: f"{text} Read more online."),
        ),
        services(
            "nested-organization-differs",
            ["detailed"],
            also(
                replace("organization/id", NOWHERE),
                replace("organization/organization_identifiers/*/organization_id", NOWHERE),
                replace("organization/attributes/*/link_id", NOWHERE),
            ),
        ),
        _instead("detail-of-another-record", "services", _next_minimal),
        services("schedule-of-another-service", ["detailed"], replace("schedules/*/service_id", NOWHERE)),
        services(
            "address-of-another-location",
            ["detailed"],
            replace("service_at_locations/*/location/addresses/*/location_id", NOWHERE),
        ),
        services("attribute-names-another-term", ["detailed"], replace("attributes/*/taxonomy_term_id", NOWHERE)),
        services("nested-ids-repeat", ["detailed"], _repeat_ids),
        terms("term-list-id-unknown-in-detail", ["listed"], replace("id", NOWHERE), last),
        terms("term-detail-name-differs", ["detailed"], alter("name", str.upper), last),
        terms("term-taxonomy-unknown", Both, replace("taxonomy_id", NOWHERE), last),
        terms("term-parent-unknown", Both, put("parent_id", NOWHERE), last),
        terms("term-own-parent", Both, lambda term: term.update(parent_id=term["id"]), last),
        links(
            "link-service-unknown",
            Both,
            _of_unknown_service,
            last,
        ),
        links("link-location-id-differs", Both, replace("location_id", NOWHERE)),
        links("link-names-nothing", Both, drop("location_id", "location"), last),
        links("link-nested-service-differs", ["detailed"], replace("service/status", "inactive")),
        _instead("term-of-another-id", "taxonomy_terms", _last_two),
        records(
            "taxonomy-nests-foreign-term",
            "taxonomies",
            ["detailed"],
            replace("taxonomy_terms/*/taxonomy_id", NOWHERE),
        ),
        services(
            "service-term-unknown",
            ["detailed"],
            also(
                replace("attributes/*/taxonomy_term_id", NOWHERE),
                replace("attributes/*/taxonomy_term/id", NOWHERE),
            ),
            last,
        ),
        services("service-place-unknown", ["detailed"], _unknown_place, some(3)),
        services(
            "organization-name-varies",
            ["listed"],
            _every_second(lambda name: f"{name} Ltd", "organization/name"),
        ),
    ]
)
