"""The council's records as they stand on one day: rounds become tasks, and days ago become dates.

Times are local to Europe/London and carry the offset that holds there on their own day, so the data is right on both
sides of a clock change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

Record = dict[str, Any]
LONDON = ZoneInfo("Europe/London")
PERIODS = {"weekly": 7, "alternate weekly": 14}
BEHIND, AHEAD = 2, 3
"""Rounds of each service that are kept behind today, and planned ahead (today's counts as ahead)."""
MORNING, DONE = time(7, 0), time(7, 20)


@dataclass(frozen=True)
class Entry:
    """One record with what the query parameters ask about it."""

    id: str
    body: Record
    uprn: str = ""
    usrn: str = ""
    postcode: str = ""
    day: date | None = None
    kind: str = ""
    service: str = ""
    upcoming: bool = False


@dataclass(frozen=True)
class Council:
    """The dataset as it is written down, with its sites, services and types by id."""

    raw: Mapping[str, Any]
    streets: Mapping[str, Mapping[str, Any]]
    sites: Mapping[str, Mapping[str, Any]]
    services: Mapping[str, Mapping[str, Any]]
    types: Mapping[str, Record]


@dataclass(frozen=True)
class Day:
    """Every collection of the council on one day, and which site belongs to which."""

    today: date
    collections: Mapping[str, Sequence[Entry]]
    parents: Mapping[str, str]
    streets: Mapping[str, str]


@lru_cache(maxsize=4)
def load(path: Path) -> Council:
    """Read the dataset."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Council(
        raw,
        {street["usrn"]: street for street in raw["streets"]},
        {_key(site): site for site in raw["sites"]},
        {service["id"]: service for service in raw["services"]},
        {kind["id"]: _feature_type(kind) for kind in raw["feature_types"]},
    )


def on(council: Council, today: date) -> Day:
    """The council as it stands on a day."""
    features = [entry for site in council.raw["sites"] for entry in _features(council, site)]
    tasks = [entry for site in council.raw["sites"] for entry in _tasks(council, site, features, today)]
    collections = {
        "services": [Entry(key, _service(council, service)) for key, service in council.services.items()],
        "tasks": tasks,
        "event-types": [Entry(kind["id"], _event_type(kind)) for kind in council.raw["event_types"]],
        "events": [_event(council, event, features, today) for event in council.raw["events"]],
        "features": features,
        "feature-types": [Entry(key, body) for key, body in council.types.items()],
        "sites": [_site(council, site) for site in council.raw["sites"]],
        "cases": [_case(council, case, today) for case in council.raw["cases"]],
    }
    parents = {key: str(site.get("parent", "")) for key, site in council.sites.items()}
    return Day(today, collections, parents, {key: site["usrn"] for key, site in council.sites.items()})


def local(day: date, at: time) -> str:
    """A local time of a day with the offset that holds there then."""
    return datetime.combine(day, at, LONDON).isoformat()


def _key(site: Mapping[str, Any]) -> str:
    return str(site.get("uprn") or site["id"])


def _feature_type(kind: Mapping[str, Any]) -> Record:
    materials = [
        {"@id": f"/materials/{name.replace(' & ', '-').replace(' ', '-')}", "name": name} for name in kind["materials"]
    ]
    plain = {name: value for name, value in kind.items() if name != "materials"}
    return {"@id": f"/feature-types/{kind['id']}", "@type": "WasteContainerType", **plain, "materials": materials}


def _service(council: Council, service: Mapping[str, Any]) -> Record:
    return {
        "@id": f"/services/{service['id']}",
        "@type": "WasteService",
        "id": service["id"],
        "name": service["name"],
        "description": service["description"],
        "frequency": service["frequency"],
        "esd_url": f"http://id.esd.org.uk/service/{service['esd']}",
        "feature_types": [council.types[kind] for kind in service["types"]],
        "provider": {
            "@type": "Organization",
            "name": council.raw["council"]["name"],
            "url": council.raw["council"]["url"],
        },
        "service_area": {"@type": "AdministrativeArea", "name": council.raw["council"]["area"]},
        "service_operator": {"@type": "Organization", "name": council.raw["operator"]["name"]},
    }


def _features(council: Council, site: Mapping[str, Any]) -> list[Entry]:
    key, street = _key(site), council.streets[site["usrn"]]
    found = []
    for number, kind in enumerate(site["bins"], 1):
        name = f"{key}-{number}"
        body = {
            "@id": f"/features/{name}",
            "@type": "WasteContainer",
            "id": name,
            "type": council.types[kind],
            "barcode": 7_700_000 + len(council.types) * int("".join(filter(str.isdigit, key)) or 0) % 90_000 + number,
            "rfid": 4_400_000 + int("".join(filter(str.isdigit, key)) or 0) % 90_000 + number,
            "status": "damaged" if kind == "communal-1100" else "in use",
            "usrn": site["usrn"],
        }
        if "uprn" in site:
            body["uprn"] = key
        found.append(Entry(name, body, key, site["usrn"], street["postcode"], kind=kind))
    return found


def _tasks(council: Council, site: Mapping[str, Any], features: Sequence[Entry], today: date) -> list[Entry]:
    key, found = _key(site), []
    for service, due in site["due"].items():
        stated = council.services[service]
        bins = [entry for entry in features if entry.uprn == key and entry.kind in stated["types"]]
        for step in range(-BEHIND, AHEAD):
            day = today + timedelta(days=due + step * PERIODS[stated["frequency"]])
            found.append(_task(key, site["usrn"], stated, bins, day, day < today))
    return found


def _task(key: str, usrn: str, service: Mapping[str, Any], bins: Sequence[Entry], day: date, done: bool) -> Entry:
    name = f"{service['id']}-{key}-{day:%Y%m%d}"
    body: Record = {
        "@id": f"/tasks/{name}",
        "@type": "EmptyBinTask",
        "id": name,
        "name": f"Empty {service['name'].lower()}",
        "description": f"Empty the containers for {service['name'].lower()}.",
        "status": "Closed / Complete" if done else "Not started",
        "location": f"/sites/{key}",
        "start_date": local(day, MORNING),
        "features": [{part: entry.body[part] for part in ("@id", "@type", "id", "status")} for entry in bins],
    }
    if done:
        body.update(actual_start_date=local(day, MORNING), end_date=local(day, DONE))
    return Entry(name, body, key, usrn, day=day, kind="EmptyBinTask", service=service["id"], upcoming=not done)


def _event_type(kind: Mapping[str, Any]) -> Record:
    return {"@id": f"/event-types/{kind['id']}", "@type": kind["kind"], "id": kind["id"], "name": kind["name"]}


def _event(council: Council, event: Mapping[str, Any], features: Sequence[Entry], today: date) -> Entry:
    uprn = str(event.get("uprn", ""))
    usrn = str(event.get("usrn") or council.sites[uprn]["usrn"])
    street, day = council.streets[usrn], today - timedelta(days=event["ago"])
    body: Record = {"@id": f"/events/{event['id']}", "@type": "WasteEvent", "id": event["id"], "type": event["type"]}
    body["start_date"] = local(day, time.fromisoformat(event["at"]))
    if uprn:
        body["uprn"] = uprn
    body.update(usrn=usrn, geo=_geo(street))
    if "image" in event:
        body["image"] = f"{council.raw['council']['url']}/images/{event['image']}"
    if "comments" in event:
        body["comments"] = event["comments"]
    bins = [entry.body for entry in features if uprn and entry.uprn == uprn and entry.kind == event.get("bin")]
    if bins:
        body["features"] = [{part: body_of[part] for part in ("@id", "@type", "id", "status")} for body_of in bins]
    return Entry(event["id"], body, uprn, usrn, street["postcode"], day)


def _geo(street: Mapping[str, Any]) -> Record:
    return {"@type": "GeoCoordinates", "latitude": street["latitude"], "longitude": street["longitude"]}


def _site(council: Council, site: Mapping[str, Any]) -> Entry:
    key, street = _key(site), council.streets[site["usrn"]]
    parts = {name: site[name] for name in ("saon", "paon") if name in site}
    parts.update({name: street[name] for name in ("street", "locality", "town", "county", "postcode")})
    body: Record = {"@id": f"/sites/{key}", "@type": "Site", "id": key}
    if "uprn" in site:
        body["uprn"] = key
    body.update(usrn=site["usrn"], geo=_geo(street), address={"@type": "BS7666Address", **parts})
    if "parent" in site:
        body["parent_uprn"] = site["parent"]
    if "attributes" in site:
        body["attributes"] = [{"name": name, "value": value} for name, value in site["attributes"].items()]
    return Entry(key, body, key, site["usrn"], street["postcode"])


def _case(council: Council, case: Mapping[str, Any], today: date) -> Entry:
    site = council.sites[case["uprn"]]
    day = today - timedelta(days=case["ago"])
    body: Record = {
        "@id": f"/cases/{case['id']}",
        "@type": case["type"],
        "id": case["id"],
        "subject": case["subject"],
        "status": case["status"],
        "customer": {"name": case["name"], "telephone": case["telephone"], "email": case["email"]},
        "date_created": local(day, time.fromisoformat(case["at"])),
    }
    body.update({name: case[name] for name in ("collection_type", "items") if name in case})
    return Entry(case["id"], body, case["uprn"], site["usrn"], council.streets[site["usrn"]]["postcode"], day)
