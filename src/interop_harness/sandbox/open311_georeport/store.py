"""The dataset as records whose moments are those of the supplier's present day, and what was submitted since."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from interop_harness.profile import read_yaml

Record = dict[str, Any]
MOST_CREATED = 500


@dataclass(frozen=True, slots=True)
class Submitted:
    """A report that came in while the supplier ran. What the sender is called is kept apart and never shown."""

    record: Record
    made: datetime


@dataclass
class Store:
    """Services, their definitions, and reports: those of the dataset and those submitted."""

    services: list[Record]
    definitions: dict[str, list[Record]]
    rows: list[Record]
    key: str
    created: dict[str, Submitted] = field(default_factory=dict)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def service(self, code: str) -> Record | None:
        return next((service for service in self.services if service["service_code"] == code), None)

    def requests(self, now: datetime) -> list[tuple[datetime, Record]]:
        """Every report with its moment, the newest first."""
        day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        with self.guard:
            found = [(one.made, one.record) for one in self.created.values()]
        found += [self._record(row, day) for row in self.rows]
        return sorted(found, key=lambda pair: (pair[0], pair[1]["service_request_id"]), reverse=True)

    def _record(self, row: Record, day: datetime) -> tuple[datetime, Record]:
        made = day - timedelta(minutes=round(row["days"] * 1440))
        service = self.service(row["service"]) or {}
        closed = row["status"] == "closed"
        updated = made + timedelta(hours=row["closed_after"]) if closed else made
        return made, {
            "service_request_id": row["request"],
            "status": row["status"],
            "status_notes": row.get("notes"),
            "service_name": service.get("service_name"),
            "service_code": row["service"],
            "description": row["description"],
            "agency_responsible": "Borough of Westerby",
            "service_notice": row.get("notice"),
            "requested_datetime": written(made),
            "updated_datetime": written(updated),
            "expected_datetime": None if closed else written(made + timedelta(days=10)),
            "address": row["address"],
            "address_id": row["address_id"],
            "zipcode": row["zipcode"],
            "lat": row.get("lat"),
            "long": row.get("long"),
            "media_url": row.get("media"),
        }

    def keep(self, identifier: str, record: Record, now: datetime) -> None:
        """Keep a report. The same report submitted again is the same one; the oldest go when there are too many."""
        with self.guard:
            self.created[identifier] = Submitted(record, now.replace(microsecond=0))
            while len(self.created) > MOST_CREATED:
                del self.created[next(iter(self.created))]


def written(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def load(folder: Path) -> Store:
    """The dataset of a profile folder, ready to be served."""
    services, definitions, rows, key = _read(folder)
    return Store([dict(service) for service in services], definitions, rows, key)


@lru_cache(maxsize=2)
def _read(folder: Path) -> tuple[list[Record], dict[str, list[Record]], list[Record], str]:
    services = read_yaml(folder / "services.yaml")
    rows = read_yaml(folder / "requests.yaml")["requests"]
    return services["services"], services["definitions"], rows, read_yaml(folder / "target.yaml")["auth"]["value"]
