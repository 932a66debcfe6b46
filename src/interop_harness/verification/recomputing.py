"""Steps 11 to 13: the results are the profile's, each once, and everything else follows from them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from interop_harness.certificate import address, outcome, statement
from interop_harness.certificate.text import sanitise
from interop_harness.errors import HarnessError
from interop_harness.trust import TrustStore
from interop_harness.verification import waivers
from interop_harness.verification.result import KnownProfile, ProfileLocator, Refuse

_PYTHON = re.compile(r"(?:[0-9]{1,3}(?:\.[0-9]{1,3}){1,2}(?:(?:a|b|rc)[0-9]{1,3})?\+?)?\Z")
"""What ``platform.python_version()`` says; nothing, where a report does not say it."""

_SUITE = re.compile(r"[a-z][a-z0-9._-]{0,60}\Z")
_VERSION = re.compile(r"[0-9][0-9A-Za-z.!+-]{0,60}\Z")
_ADDRESS = re.compile(r"[0-9a-fA-F:.]{2,45}(?:%[0-9A-Za-z_.-]{1,20})?\Z")
"""Nothing but an address, of version 4 or 6: no words of the signer where these stand."""


def known_profile(
    profile: Mapping[str, Any], trust: TrustStore, profiles: ProfileLocator, refuse: Refuse
) -> KnownProfile | None:
    """What is known of the profile here. Whoever says something of its rows must say the same as all others."""
    name = (profile["id"], profile["version"], profile["sha256"])
    said = [
        KnownProfile(listed.sha256, listed.requirements_sha256)
        for listed in trust.profiles
        if (listed.id, listed.version, listed.sha256) == name
    ]
    installed = profiles(*name)
    if installed is not None and installed.sha256 == profile["sha256"]:
        said.append(installed)
    rows = {known.requirements_sha256 for known in said} - {None}
    if len(rows) > 1:
        refuse(
            "profile-contradicted",
            f"The requirements of the profile {profile['id']} {profile['version']} are listed in two ways: a trust "
            "store says otherwise than another, or than the profile installed here.",
            "Ask whoever keeps your trust stores which listing is right, and take the other store out.",
            exit_code=7,
        )
    kept = next((known.figures for known in said if known.figures is not None), None)
    return KnownProfile(profile["sha256"], next(iter(rows), None), kept) if said else None


def check_measured(predicate: Mapping[str, Any], known: KnownProfile, refuse: Refuse) -> str | None:
    """How good the tests are said to be: figures in the one form, against those kept here. What stays unproved."""
    profile, suite = predicate["profile"], predicate["suite"]["sha256"]
    said = profile["detection"]
    if said is None:
        return None
    of = {"suite": suite, "profile": profile["sha256"], "version": profile["version"]}
    if not statement.is_measured(said, **of):
        refuse("detection-malformed", "The certificate says of its tests what no measurement says.")
    here = statement.measured(known.figures, **of)
    if here is None:
        return "how good the tests are: no figures of this suite and profile are kept here"
    if here != said:
        refuse(
            "detection-contradicted",
            "The certificate says otherwise how good its tests are than the figures kept here for the same suite and "
            f"profile. Kept here: {here}.",
            "Ask the signer where its figures come from, or check with the version of this tool that made it.",
            exit_code=7,
        )
    return None


def check_coverage(predicate: Mapping[str, Any], known: KnownProfile, refuse: Refuse, notes: list[str]) -> bool:
    """Refuse rows that are not the profile's; False when nobody here knows which rows those are."""
    names = [row["id"] for row in predicate["results"]]
    if names != sorted(set(names)):
        refuse("results-repeated", "A requirement stands in the results twice, or out of order.")
    profile = predicate["profile"]
    digest = statement.catalogue_digest(profile, predicate["classes"], profile["layers"], predicate["results"])
    if digest != profile["requirementsSha256"]:
        refuse("results-incomplete", "The results are not the requirements the certificate says it has.")
    if known.requirements_sha256 is None:
        notes.append("Not checked here: whether every requirement of the profile is in the results.")
    elif digest != known.requirements_sha256:
        refuse(
            "results-incomplete",
            "The results are not the requirements of the profile: one is missing, added, weaker or worded otherwise.",
        )
    return known.requirements_sha256 is not None


def check_recomputed(predicate: Mapping[str, Any], refuse: Refuse) -> None:
    results, classes = predicate["results"], predicate["classes"]
    for entry in predicate["waivers"]:
        wrong = waivers.contradiction(entry)
        if wrong:
            refuse("waiver-misrepresented", f"A waiver is not what the certificate says: {wrong}.")
    waived = {entry["requirementId"] for entry in predicate["waivers"] if entry["accepted"]}
    verdict = outcome.certified_verdict(
        results,
        classes,
        waived,
        binding=outcome.binding_layers(predicate["profile"]["layers"]),
        probe=predicate["clientIdentity"]["disguisedProbe"],
    )
    if verdict != predicate["verdict"]:
        refuse("verdict-does-not-follow", "The verdict does not follow from the results.")
    if outcome.summary_of(results) != predicate["summary"]:
        refuse("counts-do-not-follow", "The counts do not follow from the results.")
    for row in results:
        unfit = (row["outcome"] == "pass" and "reason" in row) or (row["outcome"] != "fail" and "findings" in row)
        if unfit or ("moreFindings" in row and "findings" not in row):
            refuse("results-inconsistent", "A requirement carries words that its result cannot have.")
    if predicate["challenge"] is not None and predicate["seed"] != seed_of(predicate["challenge"]):
        refuse("seed-does-not-follow", "The tests were not drawn from the challenge that the certificate names.")
    if not _PYTHON.match(predicate["harness"]["python"]):
        refuse("harness-malformed", "The certificate names no version of Python where one must stand.")
    suite = predicate["suite"]
    if not _SUITE.match(suite["name"]) or not _VERSION.match(suite["version"]):
        refuse("harness-malformed", "The certificate names no suite and version where these must stand.")
    known = {entry["id"] for entry in classes}
    if len(known) != len(classes) or any(row["class"] not in known for row in results if "layer" not in row):
        refuse("classes-inconsistent", "The results name a conformance class that the certificate does not list.")
    for entry in classes:
        if entry["verdict"] != outcome.class_verdict(results, entry["id"]):
            refuse("verdict-does-not-follow", "The verdict of a class does not follow from the results.")
    for claim, name in (("claimed", "claimed"), ("disclaimed", "disclaimed"), ("not-claimed", "notClaimed")):
        if predicate["claims"][name] != sorted(entry["id"] for entry in classes if entry["claim"] == claim):
            refuse("claims-inconsistent", "The claims and the classes of the certificate disagree.")
    if any(entry["mandatory"] and entry["claim"] != "claimed" for entry in classes):
        refuse("claims-inconsistent", "The certificate leaves a class out that cannot be left out.")
    layers = {layer["id"]: layer["verdict"] for layer in predicate["profile"]["layers"]}
    if len(layers) != len(predicate["profile"]["layers"]) or predicate["profile"]["id"] in layers:
        refuse("layers-inconsistent", "The certificate lists an inherited profile twice, or the profile itself.")
    if not {row["layer"] for row in results if "layer" in row} <= set(layers):
        refuse("layers-inconsistent", "The results name an inherited profile that the certificate does not list.")
    for name, verdict in layers.items():
        if verdict != outcome.layer_verdict(results, name):
            refuse("verdict-does-not-follow", "The verdict of an inherited profile does not follow from the results.")
    _check_target(predicate["target"], refuse)


def seed_of(challenge: str) -> str:
    """What a challenge makes the tests be drawn from; the same rule that makes plans."""
    return hashlib.sha256(f"{statement.SEED_LABEL}\n{challenge}".encode()).hexdigest()


def seed_follows(predicate: Mapping[str, Any]) -> bool:
    """Whether the tests were drawn by the rule: from the challenge, else from the profile and the address alone."""
    if predicate["challenge"] is not None:
        return bool(predicate["seed"] == seed_of(predicate["challenge"]))
    url = predicate["target"]["url"]
    start, slashes, rest = url.partition("://")
    # A run is drawn from the address as its target gives it: a certificate drops the final dot of a host.
    dotted = start + slashes + re.sub(r"\A([^/:\[]+)", r"\1.", rest)
    return predicate["seed"] in {seed_of(f"{predicate['profile']['sha256']}\n{place}") for place in (url, dotted)}


def _check_target(target: Mapping[str, Any], refuse: Refuse) -> None:
    try:
        normal = address.normalise(target["url"])
    except HarnessError:
        normal = ""
    host = address.host_of(normal)
    if normal != target["url"] or host != target["hostAscii"]:
        refuse("target-malformed", "The address in the certificate is not spelt in its one form.")
    if address.is_own(host) and target["environment"] != "development":
        refuse("target-malformed", "The certificate calls a program on the tester's own machine a service of others.")
    if not all(_ADDRESS.match(found) for found in target["addresses"]):
        refuse("target-malformed", "The certificate names no address where the service's addresses must stand.")
    name = address.unicode_host(host)
    if target["hostUnicode"] is not None and (name is None or sanitise(name) != target["hostUnicode"]):
        refuse("target-malformed", "The certificate spells the host name in two different ways.")
    if target["hostUnicode"] is None and name is not None:
        refuse("target-malformed", "The certificate hides how the host name reads.")
