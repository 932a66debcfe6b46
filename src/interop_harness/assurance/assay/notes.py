"""What was judged already, noted line by line, so that a long assay that was broken off goes on where it stopped.

Notes count for the very suite, profile, seed and way of judging that they were made with, and for nothing else.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from interop_harness.assurance.assay.alarms import Alarm
from interop_harness.assurance.assay.trial import Found, Trial
from interop_harness.errors import UsageError
from interop_harness.execution.record import suite_sha256
from interop_harness.profile import Profile


class Notes:
    """The trials and alarms of one profile in a file that may hold those of others too."""

    def __init__(self, path: Path, profile: Profile, seed: str) -> None:
        self._path = path
        self._key = [suite_sha256(), profile.sha256, seed]
        self.trials: dict[tuple[str, bool], Trial] = {}
        self.alarms: dict[int, Alarm] = {}
        for line in self._lines():
            if line.get("key") == self._key:
                try:
                    self._read(line)
                except (KeyError, TypeError, ValueError) as error:
                    told = f"{path} holds a line that is no note of an assay: {error}"
                    raise UsageError("assay-notes", told, "Name another file, or delete it.") from error
        try:
            path.open("a", encoding="utf-8").close()
        except OSError as error:
            raise UsageError("assay-notes", f"{path} cannot be written: {error}", "Name another file.") from error

    def _lines(self) -> list[dict[str, Any]]:
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            raise UsageError("assay-notes", f"{self._path} cannot be read: {error}", "Name another file.") from error
        found = []
        for line in text.splitlines():
            try:
                value = json.loads(line)
            except ValueError:
                continue  # the line that was being written when it was broken off
            if isinstance(value, dict):
                found.append(value)
        return found

    def _read(self, line: dict[str, Any]) -> None:
        if "trial" in line:
            stated = line["trial"]
            lists = {
                name: tuple(stated[name]) for name in ("breaks", "failed", "accused") if stated.get(name) is not None
            }
            made = Trial(**{**stated, **lists, "found": Found(stated["found"])})
            self.trials[made.id, line["whole"]] = made
        else:
            stated = line["alarm"]
            lists = {name: tuple(stated[name]) for name in ("must", "should", "guilty")}
            self.alarms[stated["number"]] = Alarm(**{**stated, **lists})

    def note(self, made: Trial | Alarm, *, whole: bool = False) -> None:
        about: dict[str, Any] = {"key": self._key}
        if isinstance(made, Trial):
            about |= {"trial": dataclasses.asdict(made), "whole": whole}
        else:
            about |= {"alarm": dataclasses.asdict(made)}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(about, sort_keys=True) + "\n")
