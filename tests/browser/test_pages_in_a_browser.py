"""The certificate and the verifier page in real headless Chromium; axe-core and the Nu HTML checker on both.

The tools come from npm and are optional: run ``npm install --ignore-scripts`` in this folder. Without them, or
without a browser, these tests are skipped and say so.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from interop_harness.trust import Status, TrustStore
from interop_harness.verification.next_steps import NEXT
from interop_harness.verification.page import build, fingerprint
from tests.certificate import made
from tests.certificate.attacks import failed, genuine
from tests.certificate.check import check
from tests.certificate.test_vectors import FOLDER as VECTORS
from tests.certificate.test_vectors import INDEX
from tests.certificate.test_what_is_said import endings, untested_certificate
from tests.vectors.make import waived_certificate

FOLDER = Path(__file__).parent
BROWSER = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
NODE = shutil.which("node")
VNU = FOLDER / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (BROWSER and NODE and (FOLDER / "node_modules").is_dir()),
        reason="needs chromium, node and `npm install --ignore-scripts` in tests/browser",
    ),
]
HOSTILE = "<script>alert(1)</script>\u202eabc " + "W" * 180


def look(tmp_path: Path, **job: Any) -> dict[str, Any]:
    profile = tmp_path / "browser"
    profile.mkdir(parents=True)
    assert NODE
    done = subprocess.run(
        [NODE, "look.mjs"],
        cwd=FOLDER,
        input=json.dumps({"browser": BROWSER, "profile": str(profile), **job}),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout))


def test_the_verifier_page_gives_the_published_results(tmp_path: Path) -> None:
    page = tmp_path / "verify.html"
    page.write_bytes(build(made.store()))
    wanted = [vector for vector in INDEX["vectors"] if vector["page"] is not None]
    vectors = [{**vector, "path": str(VECTORS / vector["file"])} for vector in wanted]
    seen = look(tmp_path, kind="vectors", page=page.as_uri(), vectors=vectors)
    differing = [
        (entry["name"], entry["exit"], entry["reason"], vector["page"])
        for entry, vector in zip(seen["found"], wanted, strict=True)
        if {"exit": entry["exit"], "reason": entry["reason"]} != vector["page"]
    ]
    assert not differing
    assert seen["requests"] == [], "the page asks nobody"
    assert "Example council, version 3" in seen["store"] and "Fingerprint" in seen["store"]
    for entry in seen["found"]:
        assert "genuine" not in entry["text"].lower()
        assert entry["nodes"] == 0
        if entry["exit"] < 2:
            assert "Not checked here: use the tool" in entry["text"]


def test_a_trust_store_can_be_given_to_an_empty_page(tmp_path: Path) -> None:
    page = tmp_path / "verify.html"
    page.write_bytes(build(None))
    wanted = [
        vector for vector in INDEX["vectors"] if vector["name"] in {"pass-ed25519", "unknown-key", "pass-package"}
    ]
    vectors = [{**vector, "path": str(VECTORS / vector["file"])} for vector in wanted]
    without = look(tmp_path / "a", kind="vectors", page=page.as_uri(), vectors=vectors)
    assert {entry["reason"] for entry in without["found"]} == {"trust-store-missing"}
    seen = look(tmp_path / "b", kind="vectors", page=page.as_uri(), vectors=vectors, store=str(VECTORS / "trust.json"))
    assert [entry["reason"] for entry in seen["found"]] == [vector["page"]["reason"] for vector in wanted]
    assert fingerprint(made.store()) in seen["store"]


def read_by(tmp_path: Path, store: TrustStore, *files: bytes, **expect: str) -> list[dict[str, Any]]:
    """What the verifier page of a store says of each file, at the usual moment."""
    tmp_path.mkdir(exist_ok=True)
    page = tmp_path / "verify.html"
    page.write_bytes(build(store))
    vectors = []
    for number, data in enumerate(files):
        path = tmp_path / f"{number}.html"
        path.write_bytes(data)
        clock = made.NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
        vectors.append({"name": str(number), "path": str(path), "clock": clock, "expectations": expect})
    return list(look(tmp_path, kind="vectors", page=page.as_uri(), vectors=vectors)["found"])


def test_a_retired_key_signs_no_more(tmp_path: Path) -> None:
    keyid = made.SUPPLIER.public.keyid
    for days, reason in ((1, "checked-pass"), (-1, "signer-not-authorised")):
        moment = made.NOW + timedelta(days=days)
        store = made.store().with_status(keyid, Status.RETIRED, made.NOW, ends=moment)
        (seen,) = read_by(tmp_path / str(days), store, genuine())
        assert seen["reason"] == reason
    assert "retired on 20 November 2026" in seen["text"]


def test_the_page_says_who_signed_in_the_words_of_the_tool(tmp_path: Path) -> None:
    key = made.trusted(made.SUPPLIER, "Other Ltd", "sign:first_party")
    store = made.store(keys=(key,))
    (seen,) = read_by(tmp_path / "other", store, genuine())
    for warning in check(genuine(), trust=store).warnings:
        assert warning in seen["text"]
    assert '"Other Ltd" (in your trust store) declares this of a product of "Example Ltd".' in seen["text"]
    assert "the supplier's own declaration" not in seen["text"]
    (own,) = read_by(tmp_path / "own", made.store(), genuine())
    assert "the supplier's own declaration" in own["text"] and "Take care" not in own["text"]
    assert '"Directory", version "4.2"' in own["text"] and "Stated by the signer, not checked" in own["text"]


def test_the_page_says_what_waivers_are_worth(tmp_path: Path) -> None:
    data = waived_certificate()
    (seen,) = read_by(tmp_path / "known", made.store(), data, environment="production")
    assert seen["reason"] == "checked-waivers"
    assert 'Granted by "Example council" (in your trust store) until 21 December 2026' in seen["text"]
    assert '"Accepted until the spring release."' in seen["text"]
    assert "EX-PAGE-01 (MUST): Every page says how many items it holds." in seen["text"]
    unknown = made.store(keys=(made.trusted(made.SUPPLIER, "Example Ltd", "sign:first_party"),))
    (seen,) = read_by(tmp_path / "unknown", unknown, data)
    assert (seen["exit"], seen["reason"]) == (1, "waiver-not-accepted")
    assert "Granted by a key not in your trust store" in seen["text"]
    assert "NOT ACCEPTED by your trust store: its signer is not in the trust store" in seen["text"]
    assert "Result\nFail (the signer counts it as a pass with waivers" in seen["text"]


def test_the_page_says_what_to_do_now_in_the_words_of_the_tool(tmp_path: Path) -> None:
    for code, (data, store) in endings().items():
        (seen,) = read_by(tmp_path / code, store, data)
        assert f"What to do now: {NEXT[code]}" in seen["text"], (code, seen["text"])


def test_classes_not_tested_stand_beside_the_verdict_of_the_page(tmp_path: Path) -> None:
    data, store = untested_certificate()
    (seen,) = read_by(tmp_path / "untested", store, data)
    assert check(data, trust=store).message.partition("pass. ")[2] in seen["text"]
    assert "Not tested\nSecure transport (secure, mandatory)." in seen["text"]


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs pdftotext")
def test_the_first_printed_page_says_that_paper_proves_nothing(tmp_path: Path) -> None:
    page, printed = tmp_path / "failed.html", tmp_path / "failed.pdf"
    page.write_bytes(failed())
    look(tmp_path, kind="pages", pages=[{"url": page.as_uri(), "shots": None, "full": False, "pdf": str(printed)}])
    done = subprocess.run(["pdftotext", "-l", "1", str(printed), "-"], capture_output=True, text=True, check=True)
    assert "This printed copy cannot be verified on paper" in " ".join(done.stdout.split())


def pages() -> dict[str, bytes]:
    many = [
        made.row(
            f"EX-LONG-{number:03d}",
            "fail" if number % 25 == 0 else "pass",
            statement=f"Requirement {number} says what a page of a listing must hold, in one sentence of some length.",
        )
        for number in range(300)
    ]
    hostile = made.failing()
    hostile["implementation"] |= {"supplier": HOSTILE, "product": HOSTILE, "version": HOSTILE}
    for row in hostile["requirements"]:
        for finding in row["findings"]:
            finding |= {"expected": HOSTILE, "observed": HOSTILE, "pointer": "/" + "a" * 300}
    golden = FOLDER.parent / "rendering" / "golden"
    unsigned = {
        f"unsigned-{state}": (golden / f"report-{state}.html").read_bytes()
        for state in ("passing", "failing", "inconclusive", "hostile")
    }
    return {
        **unsigned,
        "pass": genuine(),
        "fail": failed(),
        "waiver": waived_certificate(),
        "untested": untested_certificate()[0],
        "many": made.issued(made.report(*many)),
        "hostile": made.issued(hostile),
        "verifier": build(made.store()),
        "verifier-empty": build(None),
    }


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = Path(os.environ.get("INTEROP_SHOTS") or tmp_path_factory.mktemp("pages"))
    folder.mkdir(exist_ok=True)
    paths = {}
    for name, data in pages().items():
        paths[name] = folder / f"{name}.html"
        paths[name].write_bytes(data)
    return paths


def test_pages_are_accessible_and_do_not_scroll_sideways(tmp_path: Path, written: dict[str, Path]) -> None:
    keep = bool(os.environ.get("INTEROP_SHOTS"))
    jobs = [
        {
            "url": path.as_uri(),
            "shots": str(path.with_suffix("")) if keep else None,
            "full": name != "many",
            "pdf": str(path.with_suffix(".pdf")) if keep and "verifier" not in name else None,
        }
        for name, path in written.items()
    ]
    seen = look(tmp_path, kind="pages", pages=jobs)
    for entry in seen["found"]:
        assert entry["violations"] == [], entry["url"]
        # A command longer than its box scrolls inside it; what lies behind its hidden part axe cannot tell.
        scrolled = [{"id": "color-contrast", "nodes": ['<code class="command">']}]
        assert entry["incomplete"] in ([], scrolled if "unsigned" in entry["url"] else []), entry["url"]
        assert entry["overflow"] == {"320": 0, "1280": 0}, entry["url"]
        if "unsigned-hostile" not in entry["url"]:
            assert entry["broken"] == [], entry["url"]
        assert entry["requests"] == []
        assert entry["scripts"] == (2 if "verifier" in entry["url"] else 0)


@pytest.mark.skipif(not (shutil.which("java") and VNU.is_file()), reason="needs java and vnu-jar")
def test_pages_are_valid_html(written: dict[str, Path]) -> None:
    done = subprocess.run(
        ["java", "-jar", str(VNU), "--format", "json", "--also-check-css", *map(str, written.values())],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    # The checker does not compute the hashes of a content security policy; Chromium does, and applies the style.
    unaware = "violates Content Security Policy (meta tag)"
    found = [entry for entry in json.loads(done.stderr)["messages"] if unaware not in entry["message"]]
    # It also guesses the language from the words, by drawing lots; what is all quoted signs is in none.
    found = [
        entry for entry in found if "hostile" not in entry["url"] or "appears to be written in" not in entry["message"]
    ]
    assert found == []


def test_the_page_is_the_same_for_the_same_store(tmp_path: Path) -> None:
    make: Callable[[], bytes] = lambda: build(made.store())  # noqa: E731
    assert make() == make()
    evil: TrustStore = made.store(name="</script><script>alert(1)</script>")
    assert build(evil).count(b"<script") == 2
