"""Write the fictional directory that the reference supplier serves; the same bytes on every run.

The committed JSON files are what is served. Run ``python generate.py`` after changing the vocabulary.
People, organisations, places and the postcode area HM are invented; telephone numbers come from the ranges
that Ofcom keeps for drama; every address on the web is below example.org.
"""

from __future__ import annotations

import json
import random
import uuid
from pathlib import Path
from typing import Any

import vocabulary as words

Record = dict[str, Any]
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://data.harrowmere.example.org/id/")
FULL, MINIMAL, EVERY = 4, 13, 21
"""Of every 21 services the one at FULL has every optional field and the one at MINIMAL has none."""
LINKS = "https://{}.example.org"


def identifier(kind: str, *key: object) -> str:
    """The same UUID for the same thing, whatever else changes."""
    return str(uuid.uuid5(NAMESPACE, "/".join([kind, *map(str, key)])))


class Directory:
    """Everything that is generated, collection by collection."""

    def __init__(self) -> None:
        self.chance = random.Random(20260)  # noqa: S311 - invented data, not a secret
        self.telephones = 0
        self.terms: dict[str, Record] = {}
        self.taxonomies = self._taxonomies()
        self.postcodes, self.areas = self._places()
        self.organizations = [self._organization(*row) for row in words.ORGANISATIONS]
        self.kinds: dict[str, list[Record]] = {}
        for row, record in zip(words.ORGANISATIONS, self.organizations, strict=True):
            self.kinds.setdefault(row[3], []).append(record)
        self.locations = self._locations()
        self.services: list[Record] = []
        self.service_at_locations: list[Record] = []
        for number in range(4 * len(words.TEMPLATES)):
            self._service(number)

    # vocabularies

    def _taxonomies(self) -> list[Record]:
        types = self._taxonomy("service-types", "Harrowmere service types", "What a service does.", "2.1")
        needs = self._taxonomy("needs", "Harrowmere needs", "Whom a service is for, in their own words.", "")
        for code, name, description, children in words.SERVICE_TYPES:
            parent = self._term(types, code, name, description)
            for child in children:
                self._term(types, *child, parent=parent["id"])
        for need in words.NEEDS:
            self._term(needs, *need)
        return [types, needs]

    def _taxonomy(self, code: str, name: str, description: str, version: str) -> Record:
        record = {"id": identifier("taxonomy", code), "name": name, "description": description}
        if version:
            record |= {"uri": f"https://vocabularies.example.org/{code}", "version": version}
        return record

    def _term(self, taxonomy: Record, code: str, name: str, description: str, parent: str = "") -> Record:
        record = {"id": identifier("term", code), "name": name, "description": description}
        if parent:
            record["parent_id"] = parent
        record |= {"taxonomy": taxonomy["name"], "taxonomy_id": taxonomy["id"]}
        if "uri" in taxonomy:
            record |= {"term_uri": f"{taxonomy['uri']}/{code}", "term": name}
        self.terms[code] = record
        return record

    def attribute(self, link_id: str, entity: str, code: str, link_type: str = "") -> Record:
        record = {
            "id": identifier("attribute", link_id, code),
            "link_id": link_id,
            "link_entity": entity,
            "taxonomy_term_id": self.terms[code]["id"],
        }
        return record | ({"link_type": link_type} if link_type else {})

    # places

    def _places(self) -> tuple[list[Record], list[Record]]:
        postcodes: list[Record] = []
        areas: list[Record] = []
        borough = self._area("borough", "Borough of Harrowmere", [])
        for town, (district, latitude, longitude, wards) in words.TOWNS.items():
            names = []
            for ward in wards:
                names.append(ward)
                areas.append(self._area("ward", f"{ward} ward", [ward]))
                for code in self._codes(ward, len(names)):
                    postcodes.append(
                        {
                            "postcode": f"{district} {code}",
                            "town": town,
                            "ward": ward,
                            "latitude": round(latitude + self.chance.uniform(-0.018, 0.018), 6),
                            "longitude": round(longitude + self.chance.uniform(-0.028, 0.028), 6),
                        }
                    )
            areas.append(self._area("town", f"Town of {town}", names))
            borough["wards"] += names
        return postcodes, [borough, *areas]

    def _area(self, level: str, name: str, wards: list[str]) -> Record:
        slug = name.lower().replace(" ", "-")
        return {"uri": f"https://areas.example.org/{level}/{slug}", "name": name, "wards": wards}

    def _codes(self, ward: str, number: int) -> list[str]:
        letters = "ABDEFGHJLNPQRSTUWXYZ"
        picked = self.chance.sample([a + b for a in letters for b in letters], 10)
        return [f"{number}{pair}" for pair in sorted(picked)]

    def _extent(self, area: Record) -> str:
        inside = [row for row in self.postcodes if row["ward"] in area["wards"]]
        west, east = (pick(row["longitude"] for row in inside) for pick in (min, max))
        south, north = (pick(row["latitude"] for row in inside) for pick in (min, max))
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        return json.dumps({"type": "Polygon", "coordinates": [ring]})

    # organisations and locations

    def telephone(self) -> str:
        self.telephones += 1
        number = self.telephones
        return (
            f"01632 960{number % 1000:03d}",
            f"020 7946 0{number % 1000:03d}",
            f"0808 157 0{number % 1000:03d}",
            f"+44 1632 960{number % 1000:03d}",
        )[number % 4]

    def _organization(self, name: str, description: str, web: str, kind: str) -> Record:
        record: Record = {"id": identifier("organization", web), "name": name, "description": description}
        number = sum(map(ord, web))
        if web in ("larder", "tenants", "young-farmers", "walking"):
            return record  # an organisation with nothing but what is required
        full = web in ("council", "advice", "carers", "bellmakers")
        site = LINKS.format(web)
        record |= {"email": f"hello@{web}.example.org", "website": f"{site}/"}
        if full or self.chance.random() < 0.5:
            record["logo"] = f"{site}/logo.png"
        if full or self.chance.random() < 0.5:
            record["uri"] = f"https://register.example.org/id/{web}"
        if kind == "council" and web != "council":
            record["parent_organization_id"] = identifier("organization", "council")
        elif full:
            record["parent_organization_id"] = identifier("organization", "public-health")
        if full or kind in ("older", "children", "advice"):
            link = {"id": identifier("organization_identifier", web), "organization_id": record["id"]}
            charity = {"identifier_scheme": "GB-CHC", "identifier_type": "Charity number"}
            record["organization_identifiers"] = [link | charity | {"identifier": f"99{number:05d}"}]
            if full:
                record["organization_identifiers"][0]["attributes"] = [
                    self.attribute(link["id"], "organization_identifier", "money", "kind")
                ]
        if full:
            record["attributes"] = [self.attribute(record["id"], "organization", "benefits", "kind")]
        return record

    def _locations(self) -> list[Record]:
        locations = [self._location(number) for number in range(84)]
        for name, description in (
            ("Video call", "An appointment by video; the link is sent by e-mail."),
            ("Telephone appointment", "A call back at an agreed time."),
        ):
            locations.append(
                {
                    "id": identifier("location", name),
                    "location_type": "virtual",
                    "name": name,
                    "description": description,
                }
            )
        post = {"id": identifier("location", "post"), "location_type": "postal", "name": "Freepost Harrowmere"}
        place = self.postcodes[11]
        post |= {"latitude": round(place["latitude"] + 0.00011, 6), "longitude": place["longitude"]}
        post["addresses"] = [self._address(post["id"], place, "PO Box 60", "postal")]
        locations.append(post)
        locations.append({"id": identifier("location", "bare"), "location_type": "virtual"})
        return locations

    def _location(self, number: int) -> Record:
        place = self.postcodes[(number * 7) % len(self.postcodes)]
        venue = words.VENUES[number % len(words.VENUES)]
        street = words.STREETS[(number * 5) % len(words.STREETS)]
        record: Record = {"id": identifier("location", number), "location_type": "physical"}
        full = number % 12 == 0
        record["name"] = f"{place['ward']} {venue}"
        if full or number % 3:
            record["description"] = f"{venue} on {street}, {place['town']}."
        # A building stands within some 25 metres of the middle of its postcode.
        record["latitude"] = round(place["latitude"] + self.chance.uniform(-0.00015, 0.00015), 6)
        record["longitude"] = round(place["longitude"] + self.chance.uniform(-0.0002, 0.0002), 6)
        if full or number % 2:
            record |= {"external_identifier": f"9990{number:08d}", "external_identifier_type": "UPRN"}
        address = self._address(record["id"], place, f"{3 + number * 2} {street}", "physical")
        if full:
            address |= {"attention": "The front desk", "region": words.REGION}
            address["attributes"] = [self.attribute(address["id"], "address", "transport", "feature")]
        record["addresses"] = [address]
        if full or number % 4 == 1:
            access = {
                "id": identifier("accessibility", number),
                "location_id": record["id"],
                "description": "Step-free entrance and an accessible toilet.",
                "accessibility": "Step-free entrance and an accessible toilet.",
            }
            if full:
                access |= {"details": "Induction loop in the main hall; switch hearing aids to T."}
                access |= {"url": f"https://access.example.org/places/{number}"}
                access["attributes"] = [self.attribute(access["id"], "accessibility", "transport", "feature")]
            record["accessibility"] = [access]
        if full:
            record["attributes"] = [self.attribute(record["id"], "location", "transport", "feature")]
        return record

    def _address(self, location: str, place: Record, line: str, kind: str) -> Record:
        return {
            "id": identifier("address", location),
            "location_id": location,
            "address_1": line,
            "city": place["town"],
            "state_province": words.COUNTY,
            "postal_code": place["postcode"],
            "country": "GB",
            "address_type": kind,
        }

    # services

    def _service(self, number: int) -> None:
        template = words.TEMPLATES[number % len(words.TEMPLATES)]
        kind, title, description, _, _, (youngest, oldest), _, days = template
        branch = number // len(words.TEMPLATES)
        full, minimal = number % EVERY == FULL, number % EVERY == MINIMAL
        owners = self.kinds[kind]
        owner = owners[(branch + sum(map(ord, title))) % len(owners)]
        if full:  # the organisation of that kind that has every optional member
            owner = next((each for each in owners if "attributes" in each), owner)
        links = [] if minimal else self._links(number, full)
        town = self._town(links, branch, number)
        record: Record = {
            "id": identifier("service", number),
            "organization_id": owner["id"],
            "name": f"{title}, {town}",
            "status": ("active", "active", "active", "inactive", "active", "temporarily closed", "defunct")[number % 7],
        }
        if not minimal:
            record["status"] = "active" if full else record["status"]
            web = LINKS.format(f"service-{number}")
            self._own_fields(record, number, full, description, web)
            self._ages(record, youngest, oldest, branch, full)
            record["schedules"] = self._schedules(record, number, days, links, full)
            record["service_areas"] = self._service_areas(record, links, number, full)
            self._details(record, number, full, template)
            record = {key: value for key, value in record.items() if value != []}
        self.services.append(record)
        for location in links:
            link = {
                "id": identifier("service_at_location", number, location["id"]),
                "service_id": record["id"],
                "location_id": location["id"],
            }
            self.service_at_locations.append(link)

    def _links(self, number: int, full: bool) -> list[Record]:
        physical, virtual = self.locations[:84], self.locations[84:]
        if number % 11 == 7 and not full:
            return []
        start = (number * 17) % 84
        count = 1 if full else (1, 1, 2, 1, 3)[number % 5]
        if full:
            start -= start % 12  # these locations have every optional member
        links = [physical[(start + step * 29) % 84] for step in range(count)]
        if number % 9 == 5:
            links.append(virtual[number % len(virtual)])
        return links

    def _town(self, links: list[Record], branch: int, number: int) -> str:
        towns = list(words.TOWNS)
        if links and "addresses" in links[0]:
            return str(links[0]["addresses"][0]["city"])
        return towns[(branch + number) % len(towns)]

    def _own_fields(self, record: Record, number: int, full: bool, description: str, web: str) -> None:
        optional = {
            "description": description,
            "url": f"{web}/",
            "email": f"hello@service-{number}.example.org",
            "accreditations": "Marchshire Quality Mark, level 2",
            "assured_date": f"2026-{9 + number % 2:02d}-{1 + number % 30:02d}",
            "assurer_email": "assurance@council.example.org",
            "alert": "Closed on bank holidays; please telephone first.",
        }
        share = {"description": 0.95, "url": 0.7, "email": 0.6, "assured_date": 0.7}
        for key, value in optional.items():
            if full or self.chance.random() < share.get(key, 0.2):
                record[key] = value
        if full or self.chance.random() < 0.85:
            month, day, hour = 1 + number % 10, 1 + number * 5 % 28, 7 + number % 12
            zone = "+01:00" if month in range(4, 11) else "Z"
            record["last_modified"] = f"2026-{month:02d}-{day:02d}T{hour:02d}:{number % 60:02d}:07.{number:03d}{zone}"

    def _ages(self, record: Record, youngest: Any, oldest: Any, branch: int, full: bool) -> None:
        if youngest is not None and (branch != 3 or full):
            record["minimum_age"] = youngest + (branch if youngest >= 12 else 0)
        if oldest is not None and (branch != 2 or full):
            record["maximum_age"] = oldest
        elif full:
            record["maximum_age"] = 105
        if full and "minimum_age" not in record:
            record["minimum_age"] = 0

    def _schedules(self, record: Record, number: int, days: str, links: list[Record], full: bool) -> list[Record]:
        if number % 10 == 9 and not full:
            return []
        opens = ("09:00Z", "09:30Z", "10:00Z", "13:15Z", "17:30Z", "18:45Z")[(number * 5) % 6]
        closes = ("12:00Z", "12:30Z", "15:00Z", "16:45Z", "20:00Z", "21:15Z")[(number * 5) % 6]
        monthly = days[0] in "-123"
        first: Record = {
            "id": identifier("schedule", number, 0),
            "service_id": record["id"],
            "freq": "MONTHLY" if monthly else "WEEKLY",
            "byday": days,
            "opens_at": opens,
            "closes_at": closes,
        }
        if full:
            first |= {
                "service_at_location_id": identifier("service_at_location", number, links[0]["id"]),
                "valid_from": "2026-01-05",
                "valid_to": "2026-12-18",
                "dtstart": "2026-01-05",
                "interval": 1,
                "description": "Not in the school holidays.",
                "schedule_link": f"https://service-{number}.example.org/sessions",
                "attending_type": "in person",
                "notes": "The doors open ten minutes early.",
            }
        schedules = [first]
        if full:
            schedules.append(
                {
                    **first,
                    "id": identifier("schedule", number, 2),
                    "freq": "MONTHLY",
                    "byday": "1SA,-1SA",
                    "bymonthday": "1,-1",
                    "notes": "A longer session; booking is advised.",
                }
            )
        if number % 6 == 2 and not monthly:
            later = {
                "id": identifier("schedule", number, 1),
                "byday": "SU",
                "opens_at": "14:00Z",
                "closes_at": "16:00Z",
            }
            schedules.append({**first, **later})
        return schedules

    def _service_areas(self, record: Record, links: list[Record], number: int, full: bool) -> list[Record]:
        if number % 8 == 3 and not full:
            return []
        wards = {
            place["ward"]
            for link in links
            for address in link.get("addresses", ())
            for place in self.postcodes
            if place["postcode"] == address["postal_code"]
        }
        if number % 3 == 0 or not wards:
            chosen = self.areas[:1]
        else:
            level = "/ward/" if number % 3 == 1 else "/town/"
            chosen = [area for area in self.areas if level in area["uri"] and wards & set(area["wards"])]
        areas = []
        for area in chosen:
            row = {
                "id": identifier("service_area", number, area["uri"]),
                "service_id": record["id"],
                "name": area["name"],
                "uri": area["uri"],
                "service_area": area["name"],
            }
            if full:
                row |= {"extent": self._extent(area), "extent_type": "geojson"}
            areas.append(row)
        return areas

    def _details(self, record: Record, number: int, full: bool, template: tuple[Any, ...]) -> None:
        code, needs, price = template[3], template[4], template[6]
        own = {"service_id": record["id"]}
        languages = (("English", "en"), ("Welsh", "cy"), ("Polish", "pl"), ("Urdu", "ur"))
        spoken = languages[: 1 + number % 4] if full or number % 4 == 1 else ()
        record["languages"] = [
            {"id": identifier("language", number, short), **own, "name": name, "code": short} for name, short in spoken
        ]
        if full:
            record["languages"][0]["phone_id"] = identifier("phone", number)
        if full or number % 5 == 0:
            source = {"source": "A grant from the borough council and local donations."}
            record["funding"] = [{"id": identifier("funding", number), **own, **source}]
        record["cost_options"] = self._costs(record, number, full, price)
        record["contacts"] = self._contacts(own, number, full)
        terms = [(code, "service type")] if full or number % 13 != 6 else []
        if full or number % 5 != 3:  # most services are classified by both vocabularies, some by one
            terms += [(need, "audience") for need in needs]
        record["attributes"] = [self.attribute(record["id"], "service", *term) for term in terms]

    def _costs(self, record: Record, number: int, full: bool, price: Any) -> list[Record]:
        if price is None and not full:
            return []
        own = {"service_id": record["id"]}
        cost = {"id": identifier("cost_option", number, 0), **own, "option": "Standard", "amount": price or 5}
        cost["amount_description"] = "per session"
        if full:
            cost |= {"valid_from": "2026-01-01", "valid_to": "2026-12-31"}
        costs = [cost]
        if full or number % 3 == 0:
            record["fees"] = "£2 to £45; ask about free places"
        if full or number % 2:
            free = {"id": identifier("cost_option", number, 1), **own, "option": "On a low income", "amount": 0}
            costs.append(free)
        return costs

    def _contacts(self, own: Record, number: int, full: bool) -> list[Record]:
        if number % 3 == 1 and not full:
            return []
        contact: Record = {"id": identifier("contact", number), **own}
        contact["name"] = words.PEOPLE[number % len(words.PEOPLE)]
        if full or number % 2:
            contact["title"] = words.JOBS[number % len(words.JOBS)]
        telephone: Record = {
            "id": identifier("phone", number),
            "contact_id": contact["id"],
            "number": self.telephone(),
        }
        contact["phones"] = [telephone]
        if full:
            telephone["description"] = "Answered on weekday mornings."
            telephone["languages"] = [
                {"id": identifier("language", "phone", number), "phone_id": telephone["id"], "code": "en"}
            ]
            contact["attributes"] = [self.attribute(contact["id"], "contact", "befriending", "role")]
        return [contact]


def main(folder: Path) -> None:
    directory = Directory()
    files = {
        "taxonomies": directory.taxonomies,
        "taxonomy_terms": list(directory.terms.values()),
        "organizations": directory.organizations,
        "locations": directory.locations,
        "services": directory.services,
        "service_at_locations": directory.service_at_locations,
        "postcodes": directory.postcodes,
        "areas": directory.areas,
    }
    for name, records in files.items():
        lines = ",\n".join(json.dumps(record, ensure_ascii=False) for record in records)
        (folder / f"{name}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(__file__).resolve().parent)
