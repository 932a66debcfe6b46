"""The reference supplier of Open Referral UK: what it answers, each filter against a plain reading of the data."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from interop_harness.errors import UsageError
from interop_harness.sandbox import handler, profile_folder
from interop_harness.sandbox.open_referral_uk import examples_handler
from interop_harness.sandbox.server import serving

from .supplier import COLLECTIONS, PROFILE, UNKNOWN, ask, clean, details, get, ids, listed

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


# pages


@pytest.mark.parametrize("collection", COLLECTIONS)
@pytest.mark.parametrize("per_page", [1, 5, 24, 25, 42, 100])
def test_page_arithmetic(collection: str, per_page: int) -> None:
    total = len(details(collection))
    pages = math.ceil(total / per_page)
    seen: list[str] = []
    for number in range(1, pages + 1):
        page = get(clean(), f"/{collection}", page=number, per_page=per_page)
        contents = page.pop("contents")
        assert page == {
            "total_items": total,
            "total_pages": pages,
            "page_number": number,
            "size": len(contents),
            "first_page": number == 1,
            "last_page": number == pages,
            "empty": False,
        }
        assert len(contents) == (per_page if number < pages else total - per_page * (pages - 1))
        seen += [record["id"] for record in contents]
    assert seen == list(details(collection))
    assert len(set(seen)) == total


def test_page_defaults_and_cap() -> None:
    assert get(clean(), "/services") == get(clean(), "/services", page=1, per_page=25)
    assert get(clean(), "/services", per_page=5000)["size"] == 100


def test_page_beyond_the_end_is_empty() -> None:
    page = get(clean(), "/services", page=10**20)
    assert page["contents"] == []
    assert (page["empty"], page["last_page"], page["size"], page["page_number"]) == (True, True, 0, 10**20)


def test_empty_result() -> None:
    page = get(clean(), "/services", search="qzxvkjwq")
    assert (page["total_items"], page["total_pages"], page["empty"], page["last_page"]) == (0, 0, True, True)


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_list_and_detail_agree(collection: str) -> None:
    nested = {"organization", "location", "service", "taxonomy_terms"}
    for record in listed(clean(), collection):
        detail = details(collection)[record["id"]]
        for key, value in record.items():
            if key in nested:
                assert {name: detail[key][name] for name in value if name != "organization"} == {
                    name: value[name] for name in value if name != "organization"
                }
            else:
                assert detail[key] == value


def test_lists_hold_one_to_one_members_only() -> None:
    for record in listed(clean(), "services") + listed(clean(), "service_at_locations"):
        assert not [key for key, value in record.items() if isinstance(value, list)]
        for child in ("organization", "location", "service"):
            assert not [key for key, value in record.get(child, {}).items() if isinstance(value, list)]


# filters, each against a reading of the detailed records


def _schedules(service: Any) -> list[Any]:
    return list(service.get("schedules", ()))


def _terms(service: Any) -> list[Any]:
    return [attribute["taxonomy_term"] for attribute in service.get("attributes", ())]


EXPECTED: dict[str, Callable[[Any, str], bool]] = {
    "search": lambda service, text: all(
        word in (service["name"] + " " + service.get("description", "")).lower() for word in text.lower().split()
    ),
    "taxonomy_term_id": lambda service, key: key in [term["id"] for term in _terms(service)],
    "taxonomy_id": lambda service, key: key in [term["taxonomy_id"] for term in _terms(service)],
    "minimum_age": lambda service, age: service.get("minimum_age", -1) >= float(age),
    "maximum_age": lambda service, age: service.get("maximum_age", math.inf) <= float(age),
    "start_time": lambda service, at: any(row["opens_at"][:5] >= at for row in _schedules(service)),
    "end_time": lambda service, at: any(row["closes_at"][:5] <= at for row in _schedules(service)),
    "day": lambda service, day: any(
        day == part.lstrip("-0123456789") for row in _schedules(service) for part in row["byday"].split(",")
    ),
}


def _values() -> list[tuple[str, str]]:
    services = details("services").values()
    chosen = [("search", text) for text in ("club", "CAFÉ", "help advice", "zzzz", "")]
    chosen += [("taxonomy_term_id", key) for key in (*details("taxonomy_terms"), UNKNOWN)]
    chosen += [("taxonomy_id", key) for key in (*details("taxonomies"), UNKNOWN)]
    for name in ("minimum_age", "maximum_age"):
        chosen += [(name, str(age)) for age in sorted({each[name] for each in services if name in each} | {0, 130})]
    for name, member in (("start_time", "opens_at"), ("end_time", "closes_at")):
        times = {row[member][:5] for each in services for row in _schedules(each)} | {"00:00", "23:59"}
        chosen += [(name, clock) for clock in sorted(times)]
    return chosen + [("day", day) for day in DAYS]


def test_each_filter_of_services() -> None:
    for name, value in _values():
        expected = [key for key, service in details("services").items() if EXPECTED[name](service, value)]
        assert ids(clean(), "services", **{name: value}) == expected, (name, value)


def test_each_filter_of_service_at_locations() -> None:
    for name, value in _values():
        expected = [
            key
            for key, link in details("service_at_locations").items()
            if EXPECTED[name](details("services")[link["service_id"]], value)
        ]
        assert ids(clean(), "service_at_locations", **{name: value}) == expected, (name, value)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_each_filter_separates(name: str) -> None:
    sizes = {len(ids(clean(), "services", **{name: value})) for key, value in _values() if key == name}
    assert any(0 < size < len(details("services")) for size in sizes)


def test_filters_are_cumulative() -> None:
    one = {"day": "TU", "minimum_age": "12", "search": "e"}
    alone = [set(ids(clean(), "services", **{name: value})) for name, value in one.items()]
    together = set(ids(clean(), "services", **one))
    assert together == set.intersection(*alone)
    assert 0 < len(together) < min(map(len, alone))


def test_filter_stays_on_across_pages() -> None:
    whole = ids(clean(), "services", day="WE")
    pages = [get(clean(), "/services", day="WE", per_page=4, page=number) for number in range(1, 40)]
    assert [record["id"] for page in pages for record in page["contents"]] == whole
    assert {page["total_items"] for page in pages} == {len(whole)}


def _distance(one: Any, other: Any) -> float:
    """Flat-earth distance, good to a metre within a borough."""
    north = (one["latitude"] - other["latitude"]) * 111_194.93
    east = (one["longitude"] - other["longitude"]) * 111_194.93 * math.cos(math.radians(one["latitude"]))
    return math.hypot(north, east)


def _table(name: str) -> list[Any]:
    return list(json.loads((profile_folder(PROFILE) / "dataset" / f"{name}.json").read_text("utf-8")))


def _covers(service: Any, place: Any) -> bool:
    wards = {area["uri"]: area["wards"] for area in _table("areas")}
    areas = [wards[area["uri"]] for area in service.get("service_areas", ())]
    return not areas or any(place["ward"] in each for each in areas)


@pytest.mark.parametrize("metres", [1, 40, 1000, 5000, 50000])
def test_proximity(metres: int) -> None:
    for place in _table("postcodes")[::9]:
        found = set(ids(clean(), "service_at_locations", postcode=place["postcode"], proximity=metres))
        for key, link in details("service_at_locations").items():
            located = "latitude" in link.get("location", {})
            distance = _distance(link["location"], place) if located else math.inf
            if abs(distance - metres) > 2:
                expected = distance < metres and _covers(details("services")[link["service_id"]], place)
                assert (key in found) is expected, (place["postcode"], key, distance)


def test_each_place_is_found_by_its_own_postcode() -> None:
    checked = 0
    for key, link in details("service_at_locations").items():
        for address in link.get("location", {}).get("addresses", ()):
            asked = {"postcode": address["postal_code"].lower().replace(" ", "")}
            assert key in ids(clean(), "service_at_locations", **asked)
            assert key in ids(clean(), "service_at_locations", **asked, proximity=50)
            checked += 1
    assert checked > 200


def test_postcode_alone_asks_for_coverage() -> None:
    place = _table("postcodes")[50]
    expected = [
        key
        for key, link in details("service_at_locations").items()
        if _covers(details("services")[link["service_id"]], place)
    ]
    assert ids(clean(), "service_at_locations", postcode=place["postcode"]) == expected
    assert 0 < len(expected) < len(details("service_at_locations"))


def test_unknown_postcode_matches_nothing_and_proximity_alone_asks_nothing() -> None:
    assert ids(clean(), "service_at_locations", postcode="SW1A 2AA", proximity=5000) == []
    assert len(ids(clean(), "service_at_locations", proximity=1)) == len(details("service_at_locations"))


# HTTP


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/services", 200),
        ("GET", f"/services/{UNKNOWN}", 404),
        ("GET", "/services/", 404),
        ("GET", "/services/a/b", 404),
        ("GET", "/nowhere", 404),
        ("GET", "//services", 404),
        ("GET", "/services?page=0", 400),
        ("GET", "/services?page=one", 400),
        ("GET", "/services?page=", 400),
        ("GET", "/services?per_page=-1", 400),
        ("GET", "/services?per_page=1&per_page=2", 400),
        ("GET", "/services?minimum_age=old", 400),
        ("GET", "/services?minimum_age=NaN", 400),
        ("GET", "/services?maximum_age=131", 400),
        ("GET", "/services?start_time=9am", 400),
        ("GET", "/services?end_time=24:00", 400),
        ("GET", "/services?day=Monday", 400),
        ("GET", "/services?taxonomy_id=food", 400),
        ("GET", "/services?taxonomy_term_id=", 400),
        ("GET", "/service_at_locations?postcode=Harrowmere", 400),
        ("GET", "/service_at_locations?postcode=HM1+1AB&proximity=0", 400),
        ("GET", "/service_at_locations?proximity=-1&postcode=HM1", 400),
        ("GET", "/services?unknown=1&postcode=x&proximity=far", 200),
        ("GET", "/taxonomies?day=nonsense", 200),
        ("GET", "/taxonomy_terms?page=x", 400),
        ("POST", "/services", 405),
        ("DELETE", f"/services/{UNKNOWN}", 405),
        ("TRACE", "/", 405),
        ("POST", "/nowhere", 404),
        ("HEAD", "/services", 200),
    ],
)
def test_status_headers_and_body(method: str, target: str, status: int) -> None:
    answer = ask(clean(), target, method)
    assert answer.status == status
    assert answer.header("access-control-allow-origin") == "*"
    assert answer.header("content-type") == "application/json; charset=utf-8"
    body = json.loads(answer.body)
    if status >= 400:
        assert set(body) == {"error"}
        assert body["error"]["status"] == status
        assert "Traceback" not in str(body)
    assert bool(answer.header("allow")) is (status == 405)


def test_options_is_answered_everywhere() -> None:
    for target in ("/", "/services", "/services/x", "/openapi.json"):
        answer = ask(clean(), target, "OPTIONS")
        assert (answer.status, answer.body, answer.header("allow")) == (204, b"", "GET, HEAD, OPTIONS")
        assert answer.header("access-control-allow-origin") == "*"


def test_discovery_names_its_own_address() -> None:
    answer = json.loads(ask(clean(), "/").body)
    assert answer["openapi_url"] == "http://directory.test/openapi.json"
    assert "3.0" in answer["version"]
    assert answer["profile"].startswith("https://")
    forged = ask(clean(), "/", headers=(("host", "second"),))
    assert b"directory.test" in forged.body
    hostile = handler(PROFILE)
    from interop_harness.sandbox.message import SandboxRequest

    body = hostile(SandboxRequest("GET", "/", (), (("Host", 'x"><script>'),))).body
    assert b"http://localhost/openapi.json" in body


def test_openapi_document_is_the_profiles() -> None:
    path = profile_folder(PROFILE) / "openapi.yaml"
    document = get(clean(), "/openapi.json")
    assert document["paths"].keys() == yaml.safe_load(path.read_text("utf-8"))["paths"].keys()


def test_ids_are_read_in_either_case() -> None:
    key = next(iter(details("services")))
    assert get(clean(), f"/services/{key.upper()}")["id"] == key


def test_clock_can_be_fixed() -> None:
    fixed = handler(PROFILE, now=datetime(2026, 5, 4, 10, 30, tzinfo=UTC))
    assert ask(fixed, "/").header("date") == "Mon, 04 May 2026 10:30:00 GMT"
    assert ask(clean(), "/").header("date") == ""


def test_on_a_real_socket() -> None:
    with serving(clean()) as base, httpx.Client(base_url=base, trust_env=False) as client:
        details_of_api = client.get("/").json()
        assert details_of_api["openapi_url"] == f"{base}/openapi.json"
        assert client.get(details_of_api["openapi_url"]).json()["openapi"].startswith("3.")
        first = client.get("/services", params={"per_page": 1, "search": "café"}).json()["contents"][0]
        assert client.get(f"/services/{first['id']}").json()["name"] == first["name"]
        assert client.head("/services").headers["content-length"] == str(len(client.get("/services").content))
        assert client.request("DELETE", "/services").status_code == 405
        assert client.get("/services?page=0").headers["access-control-allow-origin"] == "*"


def test_answers_are_quick() -> None:
    for target in ("/services?per_page=100", "/services?search=club&day=MO", "/", f"/services/{UNKNOWN}"):
        started = time.perf_counter()
        for _ in range(50):
            ask(clean(), target)
        assert (time.perf_counter() - started) / 50 < 0.003, target


# the published examples


def _examples(folder: Path) -> dict[str, bytes]:
    made = {}
    for number, (name, single) in enumerate(
        [
            ("organization_list", "organization_full"),
            ("service_list", "service_full"),
            ("service_at_location_list", "service_at_location_full"),
            ("taxonomy_list", "taxonomy"),
            ("taxonomy_term_list", "taxonomy_term"),
        ]
    ):
        made[single] = json.dumps({"id": f"{number}", "text": "é"}, indent=3).encode()
        made[name] = json.dumps({"total_pages": 10, "contents": []}, indent=2).encode()
        (folder / f"{name}.json").write_bytes(made[name])
        (folder / f"{single}.json").write_bytes(made[single])
    return made


def test_examples_are_served_as_they_are(tmp_path: Path) -> None:
    made = _examples(tmp_path)
    supplier = examples_handler(tmp_path)
    assert ask(supplier, "/services?page=7&per_page=3").body == made["service_list"]
    assert ask(supplier, "/services/1").body == made["service_full"]
    assert ask(supplier, "/taxonomy_terms/4").body == made["taxonomy_term"]
    assert ask(supplier, "/organizations/0").body == made["organization_full"]
    assert ask(supplier, "/services/2").status == 404
    assert ask(supplier, "/services", "POST").status == 405
    assert ask(supplier, "/services", "OPTIONS").status == 204
    assert json.loads(ask(supplier, "/").body)["version"] == "HSDS-UK-3.0"


def test_missing_or_damaged_examples_are_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"organization_full\.json"):
        examples_handler(tmp_path)
    _examples(tmp_path)
    (tmp_path / "taxonomy.json").write_text("<html>")
    with pytest.raises(UsageError, match=r"taxonomy\.json"):
        examples_handler(tmp_path)
