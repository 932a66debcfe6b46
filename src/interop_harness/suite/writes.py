"""What a run writes into a supplier's system: only where that is allowed, and once for all cases that need it.

A profile's ``parameters.submissions`` say what is submitted, as data: the operation, the values (a text, a stated
fact, or taken from a record of a list), the fields that a description of a form asks for, and where the service itself
must say that it is for tests. The same submission is the same request, so it is sent once, whoever asks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from urllib.parse import quote, urlencode

from interop_harness.evidence import Attribution, Exchange, Request
from interop_harness.generation.validation import show
from interop_harness.profile import Operation, Profile
from interop_harness.profile.openapi import find
from interop_harness.suite.collection import Collection, identifier
from interop_harness.suite.outcome import Inconclusive, NotApplicable
from interop_harness.suite.supplier import Supplier

FORM = "application/x-www-form-urlencoded"
Sent = dict[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Submission:
    """One thing to be written: the request that writes it, and the values in it by name."""

    name: str
    operation: Operation
    request: Request
    sent: Mapping[str, str | list[str]]
    created: tuple[str, ...]
    """Pointers to what the answer calls the thing created."""
    removal: str
    """How it is removed from the supplier's system: a sentence for the ledger."""


def submission(supplier: Supplier, arguments: Mapping[str, Any]) -> Submission:
    """The submission that a row names (``submit``), with the row's own ``values``, ``without``, ``lacking``, ``auth``.

    ``lacking: one`` leaves out the last of the fields that a form requires. Raises Inconclusive where nothing may be
    written, NotApplicable when the supplier has nothing to submit it to, or no form that requires several fields.
    """
    name = str(arguments["submit"])
    stated = described(supplier.profile, name)
    operation = supplier.operation(stated["operation"])
    _allowed(supplier, operation, stated.get("gate"))
    sent: Sent = {}
    for key, value in {**stated.get("values", {}), **arguments.get("values", {})}.items():
        text = _value(supplier, value)
        if text is not None:
            sent[key] = text
    made, required = _filled(supplier, stated["fill"], sent) if "fill" in stated else ({}, [])
    sent.update(made)
    if arguments.get("lacking") == "one":
        if len(required) < 2:
            raise NotApplicable(f"The form of {name} does not require several fields, so that one could be left out.")
        del sent[required[-1]]
    dropped = {*stated.get("without", ()), *arguments.get("without", ())}
    sent = {key: value for key, value in sent.items() if key.partition("[")[0] not in dropped}
    content, body = _body(operation, sent)
    request = supplier.request(
        operation, headers=[("Content-Type", content)], body=body, auth=str(arguments.get("auth", "default"))
    )
    created = tuple(str(pointer) for pointer in stated.get("created", ()))
    return Submission(name, operation, request, sent, created, str(stated.get("removal", "")))


def submitted(supplier: Supplier, operation: Operation) -> Exchange:
    """The answer to the first submission that the profile describes for an operation that writes."""
    name = usual(supplier.profile, operation)
    if not name:
        raise Inconclusive(f"The profile describes nothing to submit to {operation.method} {operation.path}.")
    return supplier.send(submission(supplier, {"submit": name}).request)


def usual(profile: Profile, operation: Operation) -> str:
    """The name of the first submission that a profile describes for an operation, or nothing."""
    names = profile.parameters.get("submissions", {})
    return next((name for name in names if described(profile, name)["operation"] == operation.id), "")


def described(profile: Profile, name: str) -> Mapping[str, Any]:
    """A submission as the profile describes it; one that is ``like`` another says only what differs."""
    stated: Mapping[str, Any] = profile.parameters["submissions"][name]
    if "like" not in stated:
        return stated
    other: Mapping[str, Any] = profile.parameters["submissions"][stated["like"]]
    return {**other, **stated, "values": {**other.get("values", {}), **stated.get("values", {})}}


def _allowed(supplier: Supplier, operation: Operation, gate: Mapping[str, Any] | None) -> None:
    what = f"{operation.method} {operation.path} creates something"
    if not supplier.plan.options.allow_writes:
        told = f"{what}, and nothing is written without --allow-writes."
        raise Inconclusive(told, attribution=Attribution.CONFIGURATION)
    if supplier.environment == "production":
        told = f"{what}, and nothing is written to a production environment."
        raise Inconclusive(told, attribution=Attribution.CONFIGURATION)
    if gate is None:
        return
    asked = supplier.call(supplier.operation(gate["operation"]))
    entries = find(supplier.json(asked), gate["each"])
    usable = [entry for entry in entries if has(entry, gate.get("among", {}))] if isinstance(entries, list) else []
    here = [entry for entry in usable if _base(find(entry, gate["address"])) == _base(supplier.base_url)]
    # An address that is nowhere listed may be another name of any of those that are.
    chosen = here or usable
    if not chosen or not all(has(entry, gate["require"]) for entry in chosen):
        wanted = " and ".join(f"{value} at {pointer}" for pointer, value in gate["require"].items())
        reason = f"{what}, and {asked.request.target} does not say {wanted} of {supplier.base_url}."
        raise Inconclusive(reason, asked.id)


def _base(address: Any) -> str:
    return str(address).rstrip("/").lower()


def has(record: Any, wanted: Mapping[str, Any]) -> bool:
    """Whether a record has these values (pointer → value, or a list of values), whatever their type in JSON."""
    for pointer, value in wanted.items():
        allowed = [str(one).lower() for one in (value if isinstance(value, list) else [value])]
        if str(find(record, pointer)).lower() not in allowed:
            return False
    return True


def _value(supplier: Supplier, value: Any) -> str | None:
    """A text with its marks replaced, a stated fact, or else a value of a list's record.

    A fact that is not stated, and has no list to fall back on, is left out. Without a record: Inconclusive,
    NotApplicable where the profile calls the value ``optional``, left out where it says ``or_leave_out``.
    """
    if not isinstance(value, Mapping):
        return marked(supplier, str(value))
    if value.get("fact") in supplier.facts:
        return str(supplier.facts[value["fact"]])
    if "operation" not in value:
        return None
    operation = supplier.operation(value["operation"])
    for record in supplier.collection(operation.id).records():
        found = find(record.value, value["take"])
        if has(record.value, value.get("where", {})) and found is not None:
            # A form holds no 5e-05, which is how a place near Greenwich would be written.
            return f"{found:.9f}".rstrip("0") if isinstance(found, float) else str(found)
    if value.get("or_leave_out"):
        return None
    wanted = " and ".join(f"{one} at {pointer}" for pointer, one in value.get("where", {}).items())
    reason = f"No record of {operation.path} has {wanted or value['take']}."
    raise NotApplicable(reason) if value.get("optional") else Inconclusive(reason)


def marked(supplier: Supplier, text: str) -> str:
    """``{marker}`` is eight digits of this run's own, ``{now}`` the time at which it started.

    A service that takes the same report twice for one must not take a later run's for an earlier one's.
    """
    now = supplier.now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return text.replace("{marker}", supplier.rank(f"marker {now}")[:8]).replace("{now}", now)


def _filled(supplier: Supplier, fill: Mapping[str, Any], sent: Sent) -> tuple[Sent, list[str]]:
    """A value for each field that the description of a form asks for, chosen by the field's type; which it requires."""
    if not all(name in sent for name in fill["path"].values()):
        return {}, []
    path = {parameter: str(sent[name]) for parameter, name in fill["path"].items()}
    operation = supplier.operation(fill["operation"])
    answer, lists = supplier.call(operation, path), _listing(supplier, operation)
    # Where what a form asks for is not known, a submission without it would be refused with good reason.
    if not answer.ok:
        absent = answer.response is not None and answer.status in range(400, 500) and answer.status != 429
        known = [record for one in lists for record in one.records() if one.has_item(record)]
        if absent and not any(record.id in path.values() for record in known):
            return {}, []  # there is no such form
        raise Inconclusive(answer.told(), answer.id)
    made: Sent = {}
    required = []
    form = supplier.json(answer)
    fields, own = find(form, fill["each"]), {identifier(form, one.spec) for one in lists}
    if not isinstance(fields, list):
        raise Inconclusive(f"{answer.request.target} has no array at {fill['each']}.", answer.id)
    if own - {"", *path.values()}:
        raise Inconclusive(f"{answer.request.target} is about something else: {show(max(own))}.", answer.id)
    for field in fields:
        code, kind = find(field, fill["code"]), str(find(field, fill["kind"]))
        chosen = fill["values"].get(kind)
        if chosen is None or code is None or not has(field, fill.get("when", {})):
            continue
        many = isinstance(chosen, Mapping) and chosen.get("many") is True
        values = list(_options(field, chosen)) if isinstance(chosen, Mapping) else [marked(supplier, str(chosen))]
        name = str(fill["many" if many else "one"]).replace("{code}", str(code))
        if not values:
            raise Inconclusive(f"{answer.request.target} offers nothing to choose from for {show(code)}.", answer.id)
        made[name] = values if many else values[0]
        if "required" in fill and has(field, fill["required"]):
            required.append(name)
    return made, required


def _listing(supplier: Supplier, operation: Operation) -> list[Collection]:
    """The claimed lists whose records this operation serves one by one."""
    stated = supplier.profile.parameters.get("collections", {})
    names = [name for name, one in stated.items() if one.get("item") == operation.id]
    return [
        supplier.collection(one) for one in names if supplier.plan.claimed(supplier.operation(one).conformance_class)
    ]


def _options(field: Any, chosen: Mapping[str, Any]) -> Iterator[str]:
    """The keys that a field lets one choose from."""
    options = find(field, chosen["each"])
    for option in options if isinstance(options, list) else []:
        found = find(option, chosen["take"])
        if found is not None and str(found).strip():
            yield str(found)


def _body(operation: Operation, sent: Sent) -> tuple[str, bytes]:
    if FORM in (operation.request_body or {}).get("content", {}):
        return f"{FORM}; charset=utf-8", urlencode(sent, doseq=True, quote_via=quote, safe="[]").encode()
    return "application/json", json.dumps(sent, sort_keys=True, ensure_ascii=False).encode()
