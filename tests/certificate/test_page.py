"""The frozen page: its digest is pinned, its golden certificates verify, and it says what it must, in order."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import jinja2
import pytest

from interop_harness.certificate import grammar, templates
from interop_harness.certificate.templates import compiled_v1, v1
from interop_harness.certificate.text import is_safe, mixed_scripts, sanitise, visible
from tests.certificate import compile_page, made
from tests.certificate.attacks import failed, genuine
from tests.certificate.check import check
from tests.certificate.test_vectors import FOLDER, INDEX
from tests.certificate.test_what_is_said import untested_certificate
from tests.threats.test_rows_48_57_around import granted, waived

PINNED = {"v1": "45b6c09823b0a4644b20902125fb124085cbb8797e8e047ddcb2704e65b0f635"}
"""Never change a digest: a repair is a new version of the renderer, and certificates outlive this release."""


def text_of(data: bytes) -> str:
    import re

    page = grammar.split(data).core.decode("ascii").partition("<main>")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_renderers_are_frozen() -> None:
    assert {version: templates.digest(version) for version in templates.VERSIONS} == PINNED


def test_what_was_compiled_is_what_jinja2_makes_of_the_template() -> None:
    """Kept compiled because compiling costs `verify` more than rendering; never another page for it."""
    assert templates.digest("v1") == compiled_v1.RENDERER, "run: python -m tests.certificate.compile_page"
    if jinja2.__version__ == compiled_v1.JINJA2:
        assert compile_page.PLACE.read_text(encoding="ascii") == compile_page.compiled()


@pytest.mark.parametrize("name", ["genuine", "failed"])
def test_the_page_is_the_same_compiled_before_or_now(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = genuine() if name == "genuine" else failed()
    predicate = made.payload(data)["predicate"]
    assert v1.render(predicate) == templates.render("v1", predicate) == grammar.split(data).core
    if jinja2.__version__ == compiled_v1.JINJA2:
        assert v1.render(predicate, compiled_v1.build) == v1.render(predicate)
    used: list[object] = []
    monkeypatch.setattr(v1, "render", lambda predicate, compiled=None: used.append(compiled) or b"")
    for other in ({"JINJA2": "0.0"}, {"RENDERER": "0" * 64}):
        with monkeypatch.context() as patch:
            for name_, value in other.items():
                patch.setattr(compiled_v1, name_, value)
            templates.render("v1", predicate)
    assert used == [None, None], "of another Jinja2 or of another template it is not used"


@pytest.mark.parametrize("vector", [v for v in INDEX["vectors"] if "values" in v], ids=lambda v: str(v["name"]))
def test_golden_certificates_render_to_the_same_bytes(vector: dict[str, str]) -> None:
    data = (FOLDER / vector["file"]).read_bytes()
    predicate = made.payload(data)["predicate"]
    assert templates.render(predicate["renderer"]["id"], predicate) == grammar.split(data).core


def test_the_page_depends_on_no_locale_zone_or_hash_seed(tmp_path: Path) -> None:
    predicate = tmp_path / "predicate.json"
    predicate.write_text(json.dumps(made.payload(failed())["predicate"]))
    program = (
        "import json,sys,hashlib\nfrom interop_harness.certificate import templates\n"
        "print(hashlib.sha256(templates.render('v1', json.load(open(sys.argv[1])))).hexdigest())"
    )
    seen = set()
    for seed, zone, locale in (("1", "Asia/Tokyo", "tr_TR.UTF-8"), ("2", "UTC", "C"), ("3", "America/Lima", "de_DE")):
        environment = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, "LANG": locale}
        done = subprocess.run(
            [sys.executable, "-c", program, str(predicate)], env=environment, capture_output=True, text=True, check=True
        )
        seen.add(done.stdout)
    assert len(seen) == 1


def test_reading_order() -> None:
    said = text_of(failed())
    order = (
        "Supplier self-declaration of conformance",
        "Fail The product named below is not conformant with Example directory 1.0",
        "Product, in the signer&#8217;s words &#8220; Directory &#8221;, version &#8220; 4.2 &#8221;",
        "Supplier, in the signer&#8217;s words &#8220; Example Ltd &#8221;",
        "Classes claimed: Basic (basic). Not claimed: Extended (extended)",
        "Public-sector baseline 1.0, an inherited profile judged apart: conformant",
        "This printed copy cannot be verified on paper: ask for the file.",
        "Nobody independent has checked",
        "Valid until 19 February 2027 at 10:30am UTC",
        "What was tested",
        "This page cannot prove itself",
        "What failed",
        "EX-PAGE-01: Every page says",
        "Expected: size equals the number of items",
        "Observed: size is 10",
        "EX-PAGE-02",
        "All results",
        "Seen before the tests",
        "What this does not say",
        "How to check this file",
    )
    places = [said.index(words) for words in order]
    assert places == sorted(places)


def test_failures_that_decide_come_first_and_say_what_they_mean() -> None:
    rows = made.report()["requirements"]
    for row in rows:
        if row["id"] != "EX-LIST-01":
            row["verdict"] = "fail"
    said = text_of(made.issued(made.report(*rows)))
    order = ("EX-DATA-01: ", "EX-PAGE-01: ", "GOV-HTTPS-01: ", "EX-FILTER-01: ", "EX-PAGE-02: ")
    places = [said.index(name) for name in order]
    assert places == sorted(places)
    for words in ("Decides the result.", "Judged apart", "this class was not claimed", "A warning"):
        assert words in said


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("draft", "a draft"),
        ("experimental", "not agreed by anybody"),
        ("project-defined", "written by the makers of this test suite"),
        ("dormant", "no longer maintained"),
    ],
)
def test_status_of_the_profile_stands_in_the_verdict(status: str, words: str) -> None:
    said = text_of(made.issued(made.report(profile={"status": status})))
    assert words in said.partition("Who says so")[0]


def test_names_stand_apart_from_our_own_sentences() -> None:
    said = text_of(made.issued(made.report(implementation={"product": "X is fully conformant"})))
    verdict = said.partition("Who says so")[0]
    assert verdict.count("X is fully conformant") == 1
    assert "in the signer&#8217;s words &#8220; X is fully conformant &#8221;" in verdict
    assert "somebody else declares this" not in said
    assert "somebody else declares this" in text_of(made.issued(issuer="Other Ltd"))


def test_mandatory_classes_that_were_not_tested_stand_in_the_verdict() -> None:
    data = untested_certificate()[0]
    verdict = text_of(data).partition("Who says so")[0]
    assert "conformant with Example directory" in verdict
    assert "Not tested, although it counts: Secure transport (secure, mandatory)." in verdict
    assert "Not tested, although" not in text_of(genuine())


def test_a_last_day_is_shown_as_a_day() -> None:
    until = datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC)
    said = text_of(waived(granted(expires=until)))
    waivers = said.partition("Waivers A waiver")[2].partition("All results")[0]
    assert waivers.rstrip().endswith("Until 31 January 2027")


def test_counts_findings_and_sampling() -> None:
    row = made.row("EX-PAGE-01", "fail", sampled=[{"what": "services", "checked": 100, "total": 5112}])
    row["findings"] = row["findings"] * 9
    data = made.issued(made.report(row, made.row("EX-LIST-01")))
    said = text_of(data)
    assert said.count("Observed:") == 5 and "4 more in the report." in said
    assert "Sampled: services: 100 of 5,112 checked." in said
    assert made.payload(data)["predicate"]["summary"]["MUST"]["fail"] == 1


def test_three_hundred_requirements_stay_small() -> None:
    rows = [
        made.row(
            f"EX-MANY-{n:03d}", "fail" if n % 30 == 0 else "pass", statement=f"Page {n} holds what it says it holds."
        )
        for n in range(300)
    ]
    data = made.issued(made.report(*rows))
    assert len(data) < 300_000
    assert check(data, trust=made.store(profiles=(made.known(made.report(*rows)),))).exit_code == 1


def test_page_is_ascii_with_references() -> None:
    data = made.issued(made.report(implementation={"supplier": "Cyngor Sir Gâr \u2013 Tŷ"}))
    assert data.isascii() and b"Cyngor Sir G&#226;r &#8211; T&#375;" in data
    assert made.payload(genuine())["predicate"]["renderer"]["id"] == "v1"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain  text\n\tagain ", "plain text again"),
        ("a\u202eb", "a[U+202E]b"),
        ("a\x00\x1b[31m", "a[U+0000][U+001B][31m"),
        ("e\u0301", "e\u0301"),
        ("Z\u0300\u0301\u0302\u0303", "Z\u0300\u0301[U+0302][U+0303]"),
        ("\ufeff\ufe0f\u00ad\u3164", "[U+FEFF][U+FE0F][U+00AD][U+3164]"),
        ("\U000e0041", "[U+E0041]"),
        ("x" * 700, "x" * 596 + " ..."),
    ],
)
def test_sanitise(text: str, shown: str) -> None:
    assert sanitise(text) == shown
    assert sanitise(shown) == shown or len(text) > 600
    assert is_safe(shown) and visible(shown) == shown


def test_sanitising_uses_no_unicode_database() -> None:
    folder = Path(templates.__file__).parent.parent
    for path in [folder / "text.py", *folder.glob("templates/**/*.py")]:
        assert "unicodedata" not in path.read_text(encoding="utf-8")


def test_mixed_scripts() -> None:
    assert mixed_scripts("Exаmple") == ("Latin", "Cyrillic")  # noqa: RUF001
    assert mixed_scripts("Example Пример") == ()
    assert mixed_scripts("Tŷ Gwydr") == ()


def test_the_lock_of_profiles_says_what_loading_them_says() -> None:
    """``interop profiles lock`` writes it; a profile in it is known without being loaded."""
    from interop_harness.cli.known_profiles import _locked, catalogues, known_profile

    assert _locked() == catalogues(), "run: interop profiles lock"
    for name, entry in catalogues().items():
        found = known_profile(*name.split("@"), entry["sha256"])
        assert found and found.requirements_sha256 == entry["requirementsSha256"]
    assert known_profile("open-referral-uk", "3.0", "7" * 64) == known_profile("open-referral-uk", "3.0")
    assert known_profile("../../evil", "3.0", "7" * 64) is None


def test_the_short_way_through_ascii_text_finds_the_same() -> None:
    for number in range(128):
        assert is_safe(f"a{chr(number)}b") == is_safe(f"a{chr(number)}b\u00e9"), number
