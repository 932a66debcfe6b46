"""Faults in the members of records: missing, wrong in type or form, empty, impossible."""

from __future__ import annotations

from collections.abc import Callable

from interop_harness.sandbox.open_referral_uk.store import Record

from .edits import (
    Both,
    SupplierFault,
    ageless,
    also,
    alter,
    catalogue,
    drop,
    every,
    holding,
    last,
    links,
    minimal,
    put,
    records,
    replace,
    services,
    some,
    swap,
    terms,
)

PLACE = "service_at_locations/*/location"


def detail(name: str, change: Callable[[Record], object], pick: object = None) -> SupplierFault:
    return services(name, ["detailed"], change, pick if callable(pick) else every)


SCHEMAS = catalogue(
    [
        services("name-missing-on-last-page", ["listed"], drop("name"), last),
        services("status-missing-in-list", ["listed"], drop("status")),
        services("organization-description-missing", ["listed"], drop("organization/description")),
        services("status-not-in-enumeration", Both, replace("status", "open"), minimal),
        services("id-a-digit-short", Both, alter("id", lambda text: text[:-1]), minimal),
        services("organization-email-broken", ["listed"], alter("organization/email", lambda text: text[6:])),
        services("organization-website-broken", ["listed"], replace("organization/website", "www.example.org")),
        services("last-modified-without-zone", ["listed"], alter("last_modified", lambda text: text[:23])),
        services("fees-as-number", ["listed"], put("fees", 2.5)),
        services("age-as-text", Both, put("minimum_age", "18 and over"), ageless),
        services("name-as-list", ["listed"], alter("name", lambda text: [text]), minimal),
        detail("location-type-missing", drop(f"{PLACE}/location_type")),
        detail("address-city-missing", drop(f"{PLACE}/addresses/*/city")),
        detail(
            "schedule-frequency-unknown", alter("schedules/*/freq", lambda freq: "DAILY" if freq == "WEEKLY" else freq)
        ),
        detail("cost-as-text", alter("cost_options/*/amount", str)),
        detail("contact-id-missing", drop("contacts/*/id")),
        detail("assurer-email-broken", replace("assurer_email", "assurance at council")),
        detail("schedules-as-object", alter("schedules", lambda rows: rows[0]), some(3)),
        detail("identifier-type-missing", drop("organization/organization_identifiers/*/identifier_type")),
        terms("term-description-missing", ["listed"], drop("description"), last),
        terms("term-detail-description-missing", ["detailed"], drop("description"), last),
        records("taxonomy-description-missing", "taxonomies", ["listed"], drop("description"), last),
        records("taxonomy-uri-broken", "taxonomies", ["detailed"], replace("uri", "service types")),
        links("link-location-type-unknown", ["listed"], replace("location/location_type", "building"), last),
        links("link-address-without-postcode", ["detailed"], drop("location/addresses/*/postal_code"), some(3)),
        links("link-status-missing", ["detailed"], drop("service/status"), last),
    ]
)

VALUES = catalogue(
    [
        services("organization-id-missing", Both, drop("organization_id")),
        detail("organization-id-missing-in-detail", drop("organization_id")),
        services("organization-id-missing-on-last-page", ["listed"], drop("organization_id"), last),
        services("name-blank", Both, replace("name", "   "), minimal),
        services("optional-null", Both, put("alert", None)),
        services("optional-empty-string", Both, put("accreditations", "")),
        services("extra-member-null", ["listed"], put("facebook_page", None)),
        detail("optional-empty-list", lambda record: record.setdefault("funding", [])),
        terms("term-uri-null", Both, lambda term: term.setdefault("term_uri", None)),
        detail("organization-not-nested", drop("organization"), some(4)),
        services("ages-exchanged", Both, also(put("minimum_age", 65), put("maximum_age", 18)), ageless),
        services("age-impossible", Both, put("maximum_age", 999), ageless),
        detail("latitude-impossible", alter(f"{PLACE}/latitude", lambda degrees: degrees + 100)),
        detail("coordinates-exchanged", swap(f"{PLACE}/latitude", "longitude")),
        detail("longitude-missing", drop(f"{PLACE}/longitude"), some(4)),
        links("link-latitude-impossible", Both, alter("location/latitude", lambda degrees: degrees + 100), last),
        detail("schedule-date-british", replace("schedules/*/valid_from", "05/01/2026")),
        detail("start-date-in-words", replace("schedules/*/dtstart", "5 January 2026")),
        services("extra-date-british", Both, put("reviewed_on", "31/10/2026")),
        services("extra-date-without-zone", Both, put("published_at", "2026-10-31T09:30:00")),
        detail("time-twelve-hour", replace("schedules/*/opens_at", "9.00am"), some(7)),
        detail("time-without-zone", alter("schedules/*/opens_at", lambda text: text.removesuffix("Z"))),
        detail("days-in-words", replace("schedules/*/byday", "Monday, Thursday"), some(7)),
        detail("day-of-month-impossible", replace("schedules/*/bymonthday", "32")),
        detail("day-of-month-in-weekly", put("schedules/*/bymonthday", "1"), some(3)),
        detail("fortnight-without-start", also(put("schedules/*/interval", 2), drop("schedules/*/dtstart"))),
        detail("validity-backwards", swap("schedules/*/valid_from", "valid_to")),
        detail("postcode-malformed", replace(f"{PLACE}/addresses/*/postal_code", "HM1"), some(4)),
        detail("country-in-words", replace(f"{PLACE}/addresses/*/country", "England"), some(4)),
        detail("logo-relative", replace("organization/logo", "/images/logo.png")),
        detail("extent-type-unknown", replace("service_areas/*/extent_type", "shapefile")),
        detail("extent-not-geojson", replace("service_areas/*/extent", "POLYGON((-2.4 52.8, -2.3 52.9))")),
        services("last-modified-to-the-second", Both, alter("last_modified", lambda text: text[:19] + text[23:])),
        detail("uprn-thirteen-digits", alter(f"{PLACE}/external_identifier", lambda text: f"{text}9")),
        services("extra-uprn-thirteen-digits", ["listed"], put("uprn", "9990000000019")),
        detail(
            "identifier-scheme-in-words",
            replace("organization/organization_identifiers/*/identifier_scheme", "Charity Commission"),
        ),
        services("assured-long-ago", Both, replace("assured_date", "2019-03-01")),
        services("assured-in-future", Both, replace("assured_date", "2099-12-31"), some(5)),
        detail("fees-without-costs", drop("cost_options"), holding("fees")),
        services("extra-member-other-case", ["listed"], put("localReferenceCode", "H-17")),
        services("extra-member-named-by-date", ["listed"], put("visits", {"2026-10-01": 4, "2026-10-02": 7})),
    ]
)

FAULTS = {**SCHEMAS, **VALUES}
