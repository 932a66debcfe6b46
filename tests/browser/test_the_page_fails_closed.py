"""The verifier page refuses what the command line refuses: stores, packages, waivers, expectations, addresses."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import struct
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from interop_harness import detection
from interop_harness.certificate import address, grammar, package
from interop_harness.certificate.text import is_safe, sanitise
from interop_harness.errors import TrustError, VerificationError
from interop_harness.signing import KeySigner, canonical
from interop_harness.trust import Status, TrustStore, read_local, to_json
from interop_harness.trust.files import sign_store
from interop_harness.verification.page import build
from interop_harness.verification.quoting import quoted
from tests.browser.test_pages_in_a_browser import look, pytestmark  # noqa: F401
from tests.certificate import made
from tests.certificate.attacks import failed, genuine
from tests.certificate.check import check, refusal
from tests.certificate.test_expectations_given import SPELLINGS
from tests.certificate.test_figures_and_places import at_address
from tests.certificate.test_store_shapes import WRONG
from tests.certificate.test_what_is_said import IMITATION, aged
from tests.threats.test_rows_48_57_around import forged, granted, unsigned, waived_by
from tests.vectors.make import waived_certificate

CLOCK = made.NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
P = 2**255 - 19
ORDER_8 = int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little")
# RFC 8032: y of the points of order 1, 2, 4 (two signs) and 8 (two values, two signs each).
SMALL = (
    1, P - 1, 0, 1 << 255, *(y + sign for y in (ORDER_8, P - ORDER_8) for sign in (0, 1 << 255)),
)  # fmt: skip
MISSPELT = (P, P + 1, P | 1 << 255, 1 | 1 << 255, P - 1 | 1 << 255)


def plain(**changes: Any) -> dict[str, Any]:
    return {**to_json(made.store()), **changes}


def first(**changes: Any) -> dict[str, Any]:
    """The usual store with members of the supplier's key changed."""
    store = plain()
    for entry in store["keys"]:
        if entry["keyid"] == made.SUPPLIER.public.keyid:
            entry.update(changes)
    return store


def with_ed25519(number: int) -> dict[str, Any]:
    spki = bytes.fromhex("302a300506032b6570032100") + number.to_bytes(32, "little")
    pem = f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(spki).decode()}\n-----END PUBLIC KEY-----\n"
    return first(public=pem, keyid="SHA256:" + hashlib.sha256(spki).hexdigest())


def with_profile(**changes: Any) -> dict[str, Any]:
    store = plain()
    store["profiles"][0] |= changes
    return store


def without(member: str) -> dict[str, Any]:
    return {name: value for name, value in plain().items() if name != member}


def text_of(value: Any) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode()


def twice() -> dict[str, Any]:
    store = first()
    again = next(entry for entry in store["keys"] if entry["keyid"] == made.SUPPLIER.public.keyid)
    store["keys"].append({**again, "status": "revoked"})
    return store


STORES: dict[str, tuple[bytes, str, str]] = {
    **{f"small-{n}": (text_of(with_ed25519(y)), "key-small-order", "small order") for n, y in enumerate(SMALL)},
    **{
        f"misspelt-{n}": (text_of(with_ed25519(y)), "key-not-canonical", "canonical form")
        for n, y in enumerate(MISSPELT)
    },
    "off-curve": (text_of(with_ed25519(2)), "key-not-on-curve", "not a point"),
    "twice": (text_of(twice()), "key-listed-twice", "lists a key twice"),
    "status": (text_of(first(status="Revoked")), "trust-store-malformed", 'unknown status "Revoked"'),
    "until": (text_of(first(validUntil="31/12/2020")), "trust-store-malformed", 'validUntil "31/12/2020"'),
    "from": (text_of(first(validFrom="2026-02-30T00:00:00Z")), "trust-store-malformed", "validFrom"),
    "revoked-at": (text_of(first(revokedAt=7)), "trust-store-malformed", "revokedAt"),
    "issued": (text_of(plain(issued="rubbish")), "trust-store-malformed", 'issued "rubbish"'),
    "expires": (text_of(plain(expires="rubbish")), "trust-store-malformed", 'expires "rubbish"'),
    "roles": (text_of(first(roles="sign:first_party")), "trust-store-malformed", "roles that are not a list"),
    "role": (text_of(first(roles=["sign:first"])), "trust-store-malformed", 'unknown role "sign:first"'),
    "purposes": (text_of(first(roles=["sign:first_party", "grant-waiver"])), "key-two-purposes", "two kinds"),
    "profiles": (text_of(first(profiles=None)), "trust-store-malformed", "profiles that are not a list"),
    "profile": (text_of(with_profile(sha256=None)), "trust-store-malformed", "digits and letters"),
    "mislabelled": (text_of(first(keyid=made.COUNCIL.public.keyid)), "key-mislabelled", "the id it says"),
    "algorithm": (text_of(first(alg="ecdsa-p256-sha256")), "key-mislabelled", "the algorithm it says"),
    "member": (text_of(first(note="x")), "trust-store-malformed", "missing or unknown members"),
    "version": (text_of(plain(version=True)), "trust-store-malformed", "whole number"),
    "lacking": (text_of(without("revokedCertificates")), "trust-store-malformed", "missing or unknown"),
    "revocations": (text_of(plain(revokedCertificates=[1])), "trust-store-malformed", "not a list of texts"),
    "same-member": (
        text_of(plain()).replace(b'"status": "active"', b'"status": "revoked", "st\\u0061tus": "active"', 1),
        "trust-store-malformed",
        "occurs twice",
    ),
    "float": (text_of(plain(version=1)).replace(b'"version": 1,', b'"version": 1.0,'), "trust-store-unreadable", "cut"),
    "cut": (text_of(plain())[:300], "trust-store-unreadable", "cut short"),
    "signed": (
        sign_store(made.store(), KeySigner(made.PUBLISHER)).as_bytes(),
        "trust-store-unknown-publisher",
        "signed trust store of a publisher",
    ),
}


def read_with(tmp_path: Path, page: bytes, *vectors: dict[str, Any]) -> list[dict[str, Any]]:
    """What a page says of each certificate (``data``), with the store given to it first where there is one."""
    tmp_path.mkdir(exist_ok=True)
    place = tmp_path / "verify.html"
    place.write_bytes(page)
    jobs = []
    for number, vector in enumerate(vectors):
        job = {"name": str(number), "clock": CLOCK, "expectations": vector.get("expect", {})}
        for member, ending in (("data", "html"), ("store", "json")):
            if member in vector:
                path = tmp_path / f"{number}.{ending}"
                path.write_bytes(vector[member])
                job["path" if member == "data" else "store"] = str(path)
        jobs.append(job)
    return list(look(tmp_path, kind="vectors", page=place.as_uri(), vectors=jobs)["found"])


def test_a_store_that_the_command_line_refuses_is_refused_in_words(tmp_path: Path) -> None:
    for name, (data, code, _) in STORES.items():
        if name != "signed":
            with pytest.raises(TrustError) as refused:
                read_local(data)
            assert refused.value.code == code, name
    usual = text_of(plain())
    seen = read_with(
        tmp_path,
        build(None),
        {"data": genuine(), "store": usual},
        *({"data": genuine(), "store": data} for data, _, _ in STORES.values()),
        {"data": genuine(), "store": usual},
    )
    assert [entry["reason"] for entry in (seen[0], seen[-1])] == ["checked-pass"] * 2
    for (name, (_, code, words)), entry in zip(STORES.items(), seen[1:-1], strict=True):
        assert (entry["exit"], entry["reason"]) == (2, code), (name, entry["store"])
        assert words in entry["store"] and words in entry["text"], (name, entry["store"])
        assert entry["store"].startswith("The trust store was refused"), name


def test_the_page_takes_no_store_that_the_command_line_refuses(tmp_path: Path) -> None:
    stores = []
    for change in WRONG.values():
        store = plain()
        change(store)
        stores.append(text_of(store))
    seen = read_with(tmp_path, build(None), *({"data": genuine(), "store": data} for data in stores))
    for name, data, entry in zip(WRONG, stores, seen, strict=True):
        with pytest.raises(TrustError) as refused:
            read_local(data)
        assert refused.value.code == "trust-store-malformed", name
        assert entry["exit"] == 2 and entry["store"].startswith("The trust store was refused"), (name, entry)


def test_a_store_built_in_goes_the_same_way(tmp_path: Path) -> None:
    page = build(made.store())
    changed = page.replace(b'"status":"active"', b'"status":"Revoked"')
    assert changed != page
    (seen,) = read_with(tmp_path, changed, {"data": genuine()})
    assert (seen["exit"], seen["reason"]) == (2, "trust-store-malformed")


def test_a_profile_listed_in_two_ways_tells_nothing(tmp_path: Path) -> None:
    store = plain()
    store["profiles"] = [{**store["profiles"][0], "requirementsSha256": "0" * 64}, *store["profiles"]]
    for name, profiles in (("first", store["profiles"]), ("last", store["profiles"][::-1])):
        data = text_of(plain(profiles=profiles))
        with pytest.raises(VerificationError) as refused:
            check(genuine(), trust=read_local(data))
        (seen,) = read_with(tmp_path / name, build(None), {"data": genuine(), "store": data})
        assert (seen["exit"], seen["reason"]) == (refused.value.exit_code, refused.value.code)


def packages() -> dict[str, bytes]:
    """Zip files that are nearly the package of the tool."""
    whole = package.write(genuine(), gzip.compress(made.EVIDENCE, mtime=0))
    directory = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    second = whole.index(b"PK\x03\x04", 4)
    other = failed()
    size = struct.pack("<L", len(genuine()) + 1)

    def put(place: int, new: bytes, data: bytes = whole) -> bytes:
        return data[:place] + new + data[place + len(new) :]

    return {
        "trailing": whole + b"x",
        "comment": put(len(whole) - 2, b"\x01\x00") + b"x",
        "no-directory": whole[:directory],
        "no-end": whole[:end],
        "check-sum": put(14, b"\0\0\0\0"),
        "both-check-sums": put(directory + 16, b"\0\0\0\0", put(14, b"\0\0\0\0")),
        "directory-names-another": put(directory + 46, b"certificate.exe."),
        "directory-shows-another": put(directory + 42, struct.pack("<L", second)),
        "directory-size": put(directory + 20, size),
        "link": put(directory + 38, struct.pack("<L", 0o120777 << 16)),
        "flags": put(6, b"\x01\x00"),
        "date": put(12, b"\x22\x00"),
        "packed-size": put(18, size),
        "real-size": put(22, size),
        "between": whole[:second] + b"x" + whole[second:],
        "before-directory": whole[:directory] + b"x" + whole[directory:],
        "not-together": package._zip((other, grammar.split(genuine()).block, gzip.compress(made.EVIDENCE, mtime=0))),
    }


def test_only_the_package_that_the_tool_makes_is_opened(tmp_path: Path) -> None:
    wanted = []
    for data in packages().values():
        with pytest.raises(VerificationError) as refused:
            package.read(data)
        wanted.append((3, refused.value.code))
    good = package.write(genuine(), gzip.compress(made.EVIDENCE, mtime=0))
    seen = read_with(tmp_path, build(made.store()), *({"data": data} for data in (good, *packages().values())))
    found = [(entry["exit"], entry["reason"]) for entry in seen]
    assert found[0] == (0, "checked-pass")
    assert dict(zip(packages(), found[1:], strict=True)) == dict(zip(packages(), wanted, strict=True))


def misstated(document: bytes | None = None, **changes: Any) -> bytes:
    """A certificate that says of a waiver, or carries as its document, something else than was granted."""
    if document is not None:
        changes["document"] = base64.b64encode(document).decode()
    return made.resigned(waived_certificate(), lambda p: p["waivers"][0].update(changes))


def council(**more: Any) -> TrustStore:
    """The usual store with something else of the key that grants waivers."""
    keys = [key for key in made.store().keys if key.keyid != made.COUNCIL.public.keyid]
    return made.store(keys=(*keys, made.trusted(made.COUNCIL, "Example council", "grant-waiver", **more)))


def granted_otherwise(**more: Any) -> bytes:
    """A waiver that does not count for this certificate, counted by its signer all the same."""
    document = granted(**more)
    says = json.loads(base64.b64decode(json.loads(document)["payload"]))
    return misstated(document, id=says["id"], expires=says["expires"], reason=says["reason"])


EARLIER = made.NOW - timedelta(days=90)
NO_DATE = canonical({**json.loads(unsigned()), "issued": "2026-02-30T10:30:00Z"})
WAIVERS: dict[str, tuple[bytes, TrustStore, str]] = {
    "unsigned": (misstated(unsigned()), made.store(), "its grantedBy is not"),
    "nobody": (misstated(unsigned(), grantedBy=None), made.store(), "it is not signed"),
    "word": (misstated(b"nothing"), made.store(), "cannot be read"),
    "no-date": (misstated(NO_DATE), made.store(), "cannot be read"),
    "long": (misstated(granted() + b" " * 12000), made.store(), "cannot be read"),
    "reason": (misstated(reason="Accepted for ever."), made.store(), "its reason is not"),
    "id": (misstated(id="urn:uuid:019aa5f0-0000-7000-8000-0000000000ab"), made.store(), "its id is not"),
    "another-kind": (
        misstated(sign_store(made.store(), KeySigner(made.COUNCIL)).as_bytes()), made.store(), "cannot be read"
    ),
    "forged": (misstated(forged(), reason="Accepted until some later release."), made.store(), "is not genuine"),
    "retired": (waived_certificate(), council(status=Status.RETIRED, valid_until=EARLIER), "was retired on"),
    "retired-undated": (waived_certificate(), council(status=Status.RETIRED), "does not say since when"),
    "revoked": (waived_certificate(), council(status=Status.REVOKED), "was revoked"),
    "old": (waived_certificate(), council(valid_until=EARLIER), "no longer valid"),
    "young": (waived_certificate(), council(valid_from=made.NOW), "not valid yet"),
    "profile": (waived_certificate(), council(profiles=("open-*",)), "for th"),
    "other-product": (granted_otherwise(product="Other"), made.store(), "for another product or profile"),
    "other-profile": (granted_otherwise(profile="open-referral-uk"), made.store(), "for another product or profile"),
    "later": (granted_otherwise(now=made.NOW + timedelta(days=1)), made.store(), "not in force"),
}  # fmt: skip


def test_a_waiver_counts_only_where_the_command_line_counts_it(tmp_path: Path) -> None:
    jobs = [{"data": data, "store": text_of(to_json(store))} for data, store, _ in WAIVERS.values()]
    seen = read_with(tmp_path, build(None), *jobs)
    for (name, (data, store, words)), entry in zip(WAIVERS.items(), seen, strict=True):
        try:
            tool = check(data, trust=store)
            said = (tool.exit_code, tool.code, " ".join(tool.notes))
        except VerificationError as error:
            said = (error.exit_code, error.code, error.message)
        assert (entry["exit"], entry["reason"]) == said[:2], (name, entry["text"])
        assert said[1] in {"waiver-misrepresented", "waiver-not-accepted"}, name
        assert words in said[2] and words in entry["text"], (name, said, entry["text"])
        assert "Nothing wrong found" not in entry["text"], name
        assert entry["text"].startswith("Do not rely" if said[0] == 3 else "A fail: a waiver is not accepted"), name


def test_a_waiver_that_counts_is_checked_whole(tmp_path: Path) -> None:
    own = waived_certificate()
    (seen,) = read_with(tmp_path, build(made.store()), {"data": own})
    assert seen["reason"] == "checked-waivers"
    assert "EX-PAGE-01: accepted by your trust store. Granted by" in seen["text"]
    assert "signature and the wording of each waiver" not in seen["text"]


def test_waivers_that_are_not_needed_change_nothing(tmp_path: Path) -> None:
    """As with the tool: one that counts is enough, and one of what passed is not needed, whoever granted it."""
    theirs = made.trusted(made.STRANGER, "Another council", "grant-waiver")
    both = made.store(keys=(*made.store().keys, theirs))
    signer = made.trusted(made.SUPPLIER, "Example Ltd", "sign:first_party")
    unneeded = waived_by([granted(), granted(made.STRANGER, requirement="EX-LIST-01")], both)
    twice = waived_by([granted(), granted(made.STRANGER)], both)
    passed = waived_by([granted(requirement="EX-LIST-01")], report=made.report())
    stores = [made.store(), made.store(), made.store(keys=(signer, theirs)), made.store(keys=(signer,)), made.store()]
    files = [unneeded, twice, twice, twice, passed]
    jobs = [{"data": data, "store": text_of(to_json(store))} for data, store in zip(files, stores, strict=True)]
    seen = read_with(tmp_path, build(None), *jobs)
    codes = ["checked-waivers", "checked-waivers", "checked-waivers", "waiver-not-accepted", "checked-pass"]
    assert [entry["reason"] for entry in seen] == codes
    for data, store, entry in zip(files, stores, seen, strict=True):
        for waiver in check(data, trust=store).waivers:
            assert (
                not waiver["refusal"]
                or f"NOT ACCEPTED by your trust store: {waiver['refusal']}." in entry["text"]
                or f"NOT ACCEPTED: {waiver['refusal']}." in entry["text"]
            ), entry["text"]
    assert "EX-LIST-01: NOT ACCEPTED: it changes nothing" in seen[0]["text"]


def test_piled_marks_of_any_script_are_refused_as_by_the_tool(tmp_path: Path) -> None:
    names = [f"a{mark * count}" for mark in "\u0615\u0591\u0951\U0001d1aa" for count in (4, 5)]
    files = [made.resigned(genuine(), lambda p, n=name: p["implementation"].update(product=n)) for name in names]
    seen = read_with(tmp_path, build(made.store()), *({"data": data} for data in files))
    assert [entry["reason"] for entry in seen] == ["checked-pass", "payload-hidden-text"] * 4
    for data, entry in zip(files, seen, strict=True):
        assert (refusal(data).code if entry["exit"] else check(data).exit_code) == (entry["exit"] and entry["reason"])


def test_the_page_quotes_and_notes_as_the_tool_does(tmp_path: Path) -> None:
    texts = [IMITATION, "\u02ee\u2033\uff02\U0001f676 '' a\u201db", "x \u030b\u3000\u2003y\u2032\u2032"]
    files = [made.resigned(genuine(), lambda p, t=text: p["implementation"].update(product=t)) for text in texts]
    seen = read_with(tmp_path, build(made.store()), *({"data": data} for data in (*files, aged(367), aged(365))))
    for text, entry in zip(texts, seen, strict=False):
        assert f"{quoted(text)}, version" in entry["text"], entry["text"]
    assert ["more than a year ago" in entry["text"] for entry in seen] == [False, False, False, True, False]
    assert "The tests ended on 19 November 2025, more than a year ago" in seen[3]["text"]


ADDRESSES = (
    ("http://2130706433", "2130706433"),
    ("http://[::ffff:127.0.0.1]", "::ffff:127.0.0.1"),
    ("https://[2001:db8::1]:8443/v1", "2001:db8::1"),
    ("https://127.1", "127.1"),
    ("http://api.example.org/%2e%2e/a", "api.example.org"),
    ("http://api.example.org/%7Ea/%2F", "api.example.org"),
    ("http://api.example.org/a'b", "api.example.org"),
    ("http://a..b.example.org", "a..b.example.org"),
    ("http://a_b.example.org", "a_b.example.org"),
    ("http://api.example.org:8080/v1", "api.example.org"),
    ("http://api.example.org:080", "api.example.org"),
    ("http://api.example.org:443", "api.example.org"),
    ("https://api.example.org:443", "api.example.org"),
    ("https://api.example.org:99999", "api.example.org"),
    ("https://api.example.org/a//b", "api.example.org"),
    ("https://api.example.org/a/../b", "api.example.org"),
    ("https://api.example.org/a/", "api.example.org"),
    ("https://API.example.org", "api.example.org"),
    ("https://api.example.org.", "api.example.org"),
    ("https://api.example.org", "api.example.com"),
    ("https://user@api.example.org", "api.example.org"),
    ("https://[::1", "::1"),
    ("https://[1:2]", "1:2"),
    ("https://-a.example.org", "-a.example.org"),
    ("ftp://api.example.org", "api.example.org"),
    ("http://127.0.0.1:8000", "127.0.0.1"),
    ("http://[::1]:8000", "::1"),
    ("https://0x7f.1", "0x7f.1"),
    ("https://0177.0.0.1", "0177.0.0.1"),
    ("https://0.0.0.0", "0.0.0.0"),
    ("https://128.0.0.1", "128.0.0.1"),
    ("https://127.256.0.1", "127.256.0.1"),
    ("https://[::]", "::"),
    ("https://[::7f00:1]", "::7f00:1"),
    ("https://[::8000:1]", "::8000:1"),
    ("https://[::ffff:8.8.8.8]", "::ffff:8.8.8.8"),
    ("https://[2002:7f00:1::]", "2002:7f00:1::"),
    ("https://[2002:800:1::]", "2002:800:1::"),
    ("https://[64:ff9b::7f00:1]", "64:ff9b::7f00:1"),
    ("http://api.localhost", "api.localhost"),
)


def at(url: str, host: str) -> bytes:
    return made.resigned(genuine(), lambda p: p["target"].update(url=url, hostAscii=host))


def test_addresses_are_read_as_the_command_line_reads_them(tmp_path: Path) -> None:
    files = [at(url, host) for url, host in ADDRESSES]
    seen = read_with(tmp_path, build(made.store()), *({"data": data} for data in files))
    for place, data, entry in zip(ADDRESSES, files, seen, strict=True):
        try:
            wanted = check(data).exit_code
        except VerificationError as error:
            wanted = error.exit_code
        assert entry["exit"] == wanted, (place, entry["text"][:300])


def reading(label: str, host_unicode: str | None) -> bytes:
    host = f"{label}.evil.example"
    place = {"url": f"https://{host}/v1", "hostAscii": host, "hostUnicode": host_unicode}
    return made.resigned(genuine(), lambda p: p["target"].update(place))


def test_a_host_name_reads_only_as_the_command_line_reads_it(tmp_path: Path) -> None:
    """No character that hides in a name makes room for another name."""
    hidden = ("a\u200b", "\u202eb", "a\u0301\u0302\u0303\u0304", "\U000e0041", "a\ud83d\ude00", "\u00fc", "\U0001f600")
    labels = [f"xn--{name.encode('punycode').decode()}" for name in hidden]
    # What cannot be decoded, a first hyphen that parts nothing from the rest, and a name beyond the longest text.
    labels += ["xn--99999999", "xn---tda", "xn--" + ("a" * 90 + "\u200b" * 90).encode("punycode").decode()]
    files = []
    for label in labels:
        read = address.unicode_host(f"{label}.evil.example")
        assert read is not None
        right = sanitise(read)
        wrong = ["api.example-council.gov.uk", f"{label}.evil.example", read.replace("\u200b", ""), None]
        files += [reading(label, each) for each in (right, *wrong) if each is None or is_safe(each)]
    seen = read_with(tmp_path, build(made.store()), *({"data": data} for data in files))
    ends = set()
    for data, entry in zip(files, seen, strict=True):
        try:
            result = check(data)
            wanted = (result.exit_code, "checked-pass")
        except VerificationError as error:
            wanted = (error.exit_code, error.code)
            assert "(reads " not in entry["text"]
        ends.add(wanted)
        assert (entry["exit"], entry["reason"]) == wanted, (
            made.payload(data)["predicate"]["target"],
            entry["text"][:300],
        )
    assert ends == {(0, "checked-pass"), (3, "target-malformed")}


def test_an_address_expected_may_be_typed_in_any_of_its_spellings(tmp_path: Path) -> None:
    data = genuine()
    spellings = {
        "https://api.supplier.example/v1": 0,
        " HTTPS://API.supplier.example.:443/x/../v1/ ": 0,
        "https://api.supplier.example/V1": 6,
        "https://api.supplier.example/%761": 6,
        "https://api.supplier.example:0/v1": 6,
        "http://api.supplier.example/v1": 6,
        "api.supplier.example/v1": 2,
        "https://api.supplier.example/v1?x": 2,
    }
    jobs = ({"data": data, "expect": {"target": spelling}} for spelling in spellings)
    seen = read_with(tmp_path, build(made.store()), *jobs)
    assert dict(zip(spellings, (entry["exit"] for entry in seen), strict=True)) == spellings


def test_a_challenge_of_nothing_is_never_met(tmp_path: Path) -> None:
    jobs = [{"data": genuine(), "expect": {"challenge": typed}} for typed in ("-", "  ", "- -")]
    for entry in read_with(tmp_path, build(made.store()), *jobs, {"data": genuine(), "expect": {"challenge": "a-b"}}):
        wanted = (6, "expected-challenge") if entry["name"] == "3" else (2, "expectation-unusable")
        assert (entry["exit"], entry["reason"]) == wanted, entry["text"]


def test_another_spelling_of_a_challenge_of_ones_own_is_not_taken_for_it(tmp_path: Path) -> None:
    jobs = [
        {"data": made.issued(made.report(plan={"challenge": named})), "expect": {"challenge": typed}}
        for named, typed, _ in SPELLINGS
    ]
    for (_, _, met), entry in zip(SPELLINGS, read_with(tmp_path, build(made.store()), *jobs), strict=True):
        assert entry["reason"] == ("checked-pass" if met else "expected-challenge"), entry["text"]


def test_a_name_that_led_to_the_testers_own_machine_is_said_as_the_tool_says_it(tmp_path: Path) -> None:
    data = [
        at_address(*found)
        for found in (("127.0.1.1", "192.0.2.17"), ("::1",), ("192.0.2.17", "fe80::1%x", "a:b", "10.0.0.1"))
    ]
    seen = read_with(tmp_path, build(made.store()), *({"data": each} for each in data))
    for each, entry in zip(data, seen, strict=True):
        told = check(each).warnings
        assert entry["reason"] == "checked-pass" and all(text in entry["text"] for text in told)
        assert ("Take care" in entry["text"]) is bool(told)


def test_a_challenge_that_the_reader_did_not_send_may_be_the_suppliers_own(tmp_path: Path) -> None:
    data = made.issued(made.report(plan={"challenge": "kind-to-us-0123456789abcdef"}))
    typed = ({}, {"challenge": "kind-to-us-0123456789abcdef"})
    first, second = read_with(tmp_path, build(made.store()), *({"data": data, "expect": expect} for expect in typed))
    assert first["reason"] == second["reason"] == "checked-pass"
    words = 'drawn from the challenge "kind-to-us-0123456789abcdef". If neither you nor another buyer sent it'
    assert words in first["text"] and words not in second["text"]


def test_a_challenge_stands_in_quotation_marks_that_it_cannot_close(tmp_path: Path) -> None:
    """What the supplier chose to call its challenge must not read as what the page says of it."""
    ours = "yours, sent on 1 November 2026 (compared with your trust store: the same)"
    named = {ours: f'"{ours}"', 'mine" is yours': '"mine\' is yours"', "none": '"none"', None: "none"}
    files = [made.issued(made.report(plan={"challenge": each})) for each in named]
    seen = read_with(tmp_path, build(made.store()), *({"data": data} for data in files))
    for wanted, entry in zip(named.values(), seen, strict=True):
        assert entry["reason"] == "checked-pass" and f"Challenge\n{wanted}\nCertificate\n" in entry["text"], entry[
            "text"
        ]


def test_only_the_file_chosen_last_is_spoken_of(tmp_path: Path) -> None:
    """A pass must not stay, or come late, where the file chosen now is another or cannot be read."""
    (tmp_path / "verify.html").write_bytes(build(made.store()))
    good, bad = {"path": str(tmp_path / "good.html")}, {"path": str(tmp_path / "bad.html")}
    (tmp_path / "good.html").write_bytes(genuine())
    (tmp_path / "bad.html").write_bytes(genuine()[:-1])
    rounds = [
        [{"name": "good", **good}],
        [{"name": "slow", "delay": 600, **good}, {"name": "bad", **bad}],
        [{"name": "good", **good}],
        [{"name": "gone", "delay": -50, **good}],
        [{"name": "slow", "delay": 600, **good}, {"name": "gone", "delay": -1, **good}],
    ]
    page = (tmp_path / "verify.html").as_uri()
    seen = look(tmp_path, kind="drops", page=page, clock=CLOCK, rounds=rounds)["found"]
    assert [entry["reason"] for entry in seen] == [
        "checked-pass", "signature-block-misplaced", "checked-pass", "file-unreadable", "file-unreadable",
    ], seen  # fmt: skip
    assert all(entry["hidden"] and entry["shown"] for entry in seen)


def test_words_of_the_signer_where_figures_must_stand(tmp_path: Path) -> None:
    profile, suite = made.report()["profile"], made.report()["suite"]["sha256"]
    counts = {**dict.fromkeys(detection.COUNTS, 0), "caught": 9_998, "total": 10_000, "excused": 2}
    figures = {**counts, "variants": {"judged": 40, "false_alarms": 0}, "suite": suite, "profile": profile["sha256"]}
    of = {"suite": suite, "profile": profile["sha256"], "version": profile["version"]}
    good = detection.sentence(figures, **of)
    unjudged = detection.sentence({**figures, "variants": {"judged": 0, "false_alarms": 0}}, **of)
    assert good and unjudged
    bad = (
        "Audited and approved; no fault was found",
        good + ", audited",
        "Audited. " + good,
        good.replace("9,998", "9,999"),
        good.replace("9,998", "9998"),
        good.replace("0 of 40", "41 of 40"),
        good.replace("0 of 40", "0 of 0"),
        good.replace(suite[:12], "f" * 12),
        good.replace("version 1.0", "version 1.1"),
    )
    said = [{"data": made.resigned(genuine(), lambda p, t=text: p["profile"].update(detection=t))} for text in
            (good, unjudged, *bad)]  # fmt: skip
    python = made.resigned(genuine(), lambda p: p["harness"].update(python="3.13 (audited build)"))
    seen = read_with(tmp_path, build(made.store()), *said, {"data": python})
    wanted = ["checked-pass"] * 2 + ["detection-malformed"] * len(bad) + ["harness-malformed"]
    assert [entry["reason"] for entry in seen] == wanted
