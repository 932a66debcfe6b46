"""What the reader expects: a genuine certificate for something else is not what they asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from interop_harness.certificate import address
from interop_harness.certificate.outcome import binding_classes
from interop_harness.certificate.statement import Assurance, parse_time
from interop_harness.errors import UsageError


@dataclass(frozen=True, slots=True)
class Expectations:
    """What must be true of a certificate besides being genuine; None means the reader did not say."""

    supplier: str | None = None
    product: str | None = None
    product_version: str | None = None
    target: str | None = None
    profile: str | None = None
    profile_version: str | None = None
    min_version: str | None = None
    classes: tuple[str, ...] = ()
    environment: str | None = None
    challenge: str | None = None
    assurance: Assurance | None = None
    max_age: timedelta | None = None

    def refuse_empty(self) -> None:
        """Raise UsageError for an expectation that says nothing: whoever gave it believes that it is checked."""
        said = {
            "supplier": self.supplier,
            "product": self.product,
            "product-version": self.product_version,
            "target": self.target,
            "profile": self.profile,
            "profile-version": self.profile_version,
            "min-version": self.min_version,
            "environment": self.environment,
            "challenge": None if self.challenge is None else _letters(self.challenge),
        }
        empty = [name for name, value in said.items() if value is not None and not value.strip()]
        empty += ["class"] * any(not name.strip() for name in self.classes)
        if empty:
            raise UsageError(
                "expectation-empty",
                f"You said that you expect something, and not what: {', '.join(empty)}.",
                "Give the value, or leave the option out.",
            )
        if self.min_version is not None:
            _lowest(self.min_version)

    def unmet(self, predicate: Mapping[str, Any], now: datetime) -> Iterator[tuple[str, str]]:
        """Each expectation that is not met: a stable code and a sentence with expected and found."""
        implementation, profile, target = predicate["implementation"], predicate["profile"], predicate["target"]
        for name, expected, found in (
            ("supplier", self.supplier, implementation["supplier"]),
            ("product", self.product, implementation["product"]),
            ("product-version", self.product_version, implementation["version"]),
        ):
            if expected is not None and _plain(expected) != _plain(found):
                yield f"expected-{name}", f"It is for the {name.replace('-', ' ')} {found!r}, not {expected!r}."
        if self.target is not None and address.normalise(self.target) != target["url"]:
            yield "expected-target", f"It is for {target['url']}, not {address.normalise(self.target)}."
        if self.profile is not None and self.profile != profile["id"]:
            yield "expected-profile", f"It is for the profile {profile['id']}, not {self.profile}."
        if self.profile_version is not None and self.profile_version != profile["version"]:
            yield "expected-profile-version", f"It is for version {profile['version']}, not {self.profile_version}."
        if self.min_version is not None and _version(profile["version"]) < _lowest(self.min_version):
            yield "expected-min-version", f"It is for version {profile['version']}, older than {self.min_version}."
        for name in self.classes:
            if name not in binding_classes(predicate["classes"]):
                yield "expected-class", f"The class {name} was not claimed."
        environment = target["environment"]
        if self.environment is not None and self.environment != environment:
            yield "expected-environment", f"It was tested in the {environment} environment, not {self.environment}."
        if environment == "development" and self.environment is None:
            yield "expected-environment", "It was tested on a development endpoint, which proves nothing of a service."
        if self.challenge is not None:
            found = predicate["challenge"] or ""
            if not _same_challenge(self.challenge, found):
                yield "expected-challenge", "The tests were not made with your challenge."
            elif found != self.challenge.strip() and not _ONE_SPELLING.match(found):
                yield (
                    "expected-challenge",
                    f"The tests were made with another spelling of your challenge, {found!r}, and what was asked "
                    "follows from the spelling: the supplier may have tried several. Give it exactly as you sent it.",
                )
        if self.assurance is not None and Assurance(predicate["assurance"]).rank < self.assurance.rank:
            yield "expected-assurance", f"It is {predicate['assurance']}, less than {self.assurance.value}."
        if self.max_age is not None and now - parse_time(predicate["run"]["finishedAt"]) > self.max_age:
            yield "expected-max-age", f"The tests ended on {predicate['run']['finishedAt']}, longer ago than asked."


_ONE_SPELLING = re.compile(r"[a-z2-7]{8}(?:-[a-z2-7]{8}){3}\Z")
"""As `interop challenge new` prints a challenge: whoever types it otherwise can mean no other."""


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _letters(challenge: str) -> str:
    """A challenge as it may be read out or typed: capitals, hyphens and spaces make no difference."""
    return re.sub(r"[\s-]", "", challenge).lower()


def _same_challenge(expected: str, found: str) -> bool:
    return bool(_letters(expected)) and _letters(expected) == _letters(found)


def _lowest(text: str) -> tuple[int, ...]:
    if not re.match(r"v?[0-9]", text):
        raise UsageError("min-version-unusable", f"{text!r} is no version.", "Give a version such as 1.2.")
    return _version(text)


def _version(text: str) -> tuple[int, ...]:
    """Its numbers; zeros at the end say nothing, so that 1.0.0 is no more than 1.0."""
    numbers = [int(number) for number in re.findall(r"\d{1,18}", text, re.ASCII)[:8]]
    while numbers and not numbers[-1]:
        del numbers[-1]
    return tuple(numbers)
