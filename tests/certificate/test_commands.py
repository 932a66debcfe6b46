"""The commands as people run them: a real run of the reference supplier, signed, sent, checked. Exit codes 0 to 7."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from interop_harness.sandbox import handler
from interop_harness.sandbox.server import serving

PROFILE = "open-referral-uk"


def interop(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "interop_harness", *arguments],
        cwd=cwd,
        env={**os.environ, "XDG_STATE_HOME": str(cwd / "state"), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run, its certificate and package, keys and a trust store."""
    folder = tmp_path_factory.mktemp("commands")
    with serving(handler(PROFILE)) as url:
        (folder / "url").write_text(url)
        done = interop("run", PROFILE, "--target", url, "--out", "run", "--quiet", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("issuer", "other", "council"):
        interop("keys", "new", "--issuer", name, "--out", f"{name}.key", "--unencrypted", cwd=folder)
    trust = ("trust", "add", "--trust", "trust.json", "--yes")
    assert interop(*trust, "issuer.pub.pem", "--issuer", "Example Ltd", cwd=folder).returncode == 0
    done = interop("sign", "run", "--key", "issuer.key", "--issuer", "Example Ltd", "--zip", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def verify(place: Path, *arguments: str, file: str = "run/certificate.html", trust: str = "trust.json") -> int:
    development = () if "--environment" in arguments else ("--environment", "development")
    return interop("verify", file, "--trust", trust, *development, *arguments, "-q", cwd=place).returncode


def test_exit_0_and_what_is_said(place: Path) -> None:
    url = (place / "url").read_text()
    arguments = ("--target", url, "--profile", f"{PROFILE}@3.0", "--environment", "development", "--ci", "--json")
    done = interop("verify", "run/certificate.html", "--trust", "trust.json", *arguments, cwd=place)
    said = json.loads(done.stdout)
    assert done.returncode == said["exit"] == 0, done.stdout
    assert said["genuine"] and said["code"] == "genuine-pass"
    assert said["signer"]["name"] == "Example Ltd" and said["certificate"]["environment"] == "development"
    assert not any("Not checked here" in note for note in said["notes"]), "the profile is installed"


def test_evidence_is_judged_again_from_the_package(place: Path) -> None:
    done = interop(
        "verify", "run/certificate.zip", "--trust", "trust.json", "--environment", "development", "--json", cwd=place
    )
    said = json.loads(done.stdout)
    assert said["exit"] == 0, said
    assert "judged again here, lead to exactly this result" in said["proved"][1]


def test_exit_2_wrong_use(place: Path) -> None:
    assert interop("verify", "run/certificate.html", cwd=place).returncode == 2
    assert verify(place, "--ci") == 2
    assert verify(place, file="nowhere.html") == 2
    assert verify(place, trust="nowhere.json") == 2
    assert verify(place, "--assurance", "fourth_party") == 2


def test_exit_3_changed(place: Path) -> None:
    data = (place / "run" / "certificate.html").read_text()
    (place / "changed.html").write_text(data.replace("Pass", "PASS", 1))
    assert verify(place, file="changed.html") == 3
    assert verify(place, "--evidence", "run/report.json") == 3


@pytest.mark.parametrize("name", ["report.html", "junit.xml", "summary.md"])
def test_a_run_directory_with_an_edited_page_is_not_signed(place: Path, tmp_path: Path, name: str) -> None:
    run = tmp_path / "run"
    shutil.copytree(place / "run", run, ignore=shutil.ignore_patterns("certificate.*"))
    page = (run / name).read_bytes()
    (run / name).write_bytes(page.replace(b"conformant", b"Conformant", 1))
    assert (run / name).read_bytes() != page
    done = interop("sign", str(run), "--key", "issuer.key", cwd=place)
    assert done.returncode == 2 and name in done.stderr and "not what its evidence gives" in done.stderr, done.stderr
    assert interop("replay", str(run), "--check", cwd=place).returncode == 3
    (run / name).unlink()
    assert interop("sign", str(run), "--key", "issuer.key", cwd=place).returncode == 0


def test_exit_4_unsigned_or_unknown(place: Path) -> None:
    shutil.copy(place / "run" / "report.html", place / "report.html")
    assert verify(place, file="report.html") in {3, 4}
    shutil.copytree(place / "run", place / "again", dirs_exist_ok=True)
    assert interop("sign", "again", "--key", "other.key", cwd=place).returncode == 0
    assert verify(place, file="again/certificate.html") == 4


def test_exit_5_revoked(place: Path) -> None:
    shutil.copy(place / "trust.json", place / "revoked.json")
    keyid = json.loads((place / "trust.json").read_text())["keys"][0]["keyid"]
    assert interop("trust", "revoke", keyid, "--trust", "revoked.json", cwd=place).returncode == 0
    assert verify(place, trust="revoked.json") == 5


def test_a_retired_key_signs_no_more_and_keeps_what_it_signed(place: Path) -> None:
    keyid = json.loads((place / "trust.json").read_text())["keys"][0]["keyid"]
    yesterday = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%d")
    for name, more, exit_code in (("now", (), 0), ("before", ("--at", yesterday), 4)):
        shutil.copy(place / "trust.json", place / f"{name}.json")
        done = interop("trust", "revoke", keyid, "--retire", *more, "--trust", f"{name}.json", cwd=place)
        assert done.returncode == 0 and "is refused" in done.stdout, done.stderr
        assert verify(place, trust=f"{name}.json") == exit_code
    assert json.loads((place / "before.json").read_text())["keys"][0]["validUntil"] == f"{yesterday}T23:59:59Z"
    done = interop("trust", "revoke", keyid, "--at", yesterday, "--trust", "now.json", cwd=place)
    assert done.returncode == 2 and "options-contradict" in done.stderr


def test_a_quiet_command_still_says_whose_key_signed(place: Path) -> None:
    store = json.loads((place / "trust.json").read_text())
    store["keys"][0]["issuer"]["name"] = "Exampleshire Council"
    (place / "council.json").write_text(json.dumps(store))
    (place / "council.json").chmod(0o600)
    arguments = ("run/certificate.html", "--environment", "development", "-q")
    done = interop("verify", *arguments, "--trust", "council.json", cwd=place)
    assert done.returncode == 0 and done.stdout == ""
    assert 'TAKE CARE: The certificate calls its issuer "Example Ltd"' in done.stderr
    assert '"Exampleshire Council"' in done.stderr


def test_exit_6_not_expected(place: Path) -> None:
    assert verify(place, "--environment", "production") == 6
    assert verify(place, "--target", "https://other.example") == 6
    assert verify(place, "--challenge", "mine") == 6
    done = interop("verify", "run/certificate.html", "--trust", "trust.json", cwd=place)
    assert done.returncode == 6, "a development endpoint is never what a reader means without saying so"


def test_exit_7_cannot_be_told(place: Path) -> None:
    store = json.loads((place / "trust.json").read_text())
    store["issued"] = (datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    (place / "future.json").write_text(json.dumps(store))
    (place / "future.json").chmod(0o600)
    assert verify(place, trust="future.json") == 7


def test_edited_run_directory_is_not_signed(place: Path) -> None:
    folder = place / "edited"
    shutil.copytree(place / "run", folder, dirs_exist_ok=True)
    (folder / "certificate.html").unlink()
    report = json.loads((folder / "report.json").read_text())
    report["implementation"]["product"] = "Something else"
    (folder / "report.json").write_text(json.dumps(report, sort_keys=True, indent=2) + "\n")
    done = interop("sign", "edited", "--key", "issuer.key", cwd=place)
    assert done.returncode == 2 and "replay-differs" in done.stderr
    assert not (folder / "certificate.html").exists()


def test_no_key_no_certificate(place: Path) -> None:
    done = interop("sign", "run", cwd=place)
    assert done.returncode == 2 and "key-missing" in done.stderr


def test_distributed_store(place: Path) -> None:
    day = (datetime.now(UTC) + timedelta(days=20)).strftime("%Y-%m-%d")
    published = (
        "trust",
        "publish",
        "--trust",
        "trust.json",
        "--key",
        "council.key",
        "--expires",
        day,
        "--out",
        "s.json",
    )
    assert interop(*published, cwd=place).returncode == 0
    add = ("trust", "add", "council.pub.pem", "--issuer", "Council", "--role", "publish-trust", "--trust", "own.json")
    refused = interop(*add, cwd=place)
    assert refused.returncode == 2 and "second way" in refused.stderr, "no trust without a fingerprint compared"
    assert verify(place, trust="s.json") == 2, "nobody says that its signer may publish"
    shown = interop("keys", "show", "council.pub.pem", "--json", cwd=place)
    keyid = json.loads(shown.stdout)["keyid"]
    wrong = interop(*add, "--fingerprint", "SHA256:" + "0" * 64, cwd=place)
    assert wrong.returncode == 2 and "fingerprint-differs" in wrong.stderr
    assert interop(*add, "--fingerprint", keyid, cwd=place).returncode == 0
    assert verify(place, "--trust", "own.json", trust="s.json") == 0
    listed = interop("trust", "list", "--trust", "own.json", "--trust", "s.json", cwd=place)
    assert "Example Ltd: sign:first_party" in listed.stdout


def test_last_days_are_whole_and_in_the_future(place: Path) -> None:
    add = ("trust", "add", "issuer.pub.pem", "--issuer", "A", "--yes", "--trust", "days.json", "--until", "2027-01-31")
    assert interop(*add, cwd=place).returncode == 0
    assert json.loads((place / "days.json").read_text())["keys"][0]["validUntil"] == "2027-01-31T23:59:59Z"
    publish = ("trust", "publish", "--trust", "days.json", "--key", "council.key", "--out", "days.signed")
    yesterday, today = (f"{datetime.now(UTC) - timedelta(days=back):%Y-%m-%d}" for back in (1, 0))
    done = interop(*publish, "--expires", yesterday, cwd=place)
    assert done.returncode == 2 and "in the past" in done.stderr and not (place / "days.signed").exists()
    assert interop(*publish, "--expires", today, cwd=place).returncode == 0


def test_challenge_new(place: Path) -> None:
    first, second = (interop("challenge", "new", cwd=place).stdout.strip() for _ in range(2))
    assert first != second and len(first.replace("-", "")) == 32


def test_wrong_words_end_in_exit_2_without_a_traceback(place: Path) -> None:
    for arguments in (
        ("sign", "nowhere", "--key", "issuer.key"),
        ("sign", "run", "--key", "issuer.pub.pem"),
        ("sign", "run", "--key", "issuer.key", "--days", "9999"),
        ("sign", "run", "--signer-command", "true"),
        ("trust", "list", "--trust", "issuer.key"),
        ("trust", "revoke", "Example Ltd", "--trust", "trust.json"),
        ("keys", "show", "trust.json"),
    ):
        done = interop(*arguments, cwd=place)
        assert done.returncode == 2, (arguments, done.stderr)
        assert "Traceback" not in done.stderr


def test_waiver_from_grant_to_acceptance(place: Path) -> None:
    """A council lives with one failure until a date; its own store decides whether that counts."""
    with serving(handler(PROFILE, ["page-size-is-per-page"])) as url:
        done = interop("run", PROFILE, "--target", url, "--out", "failed", "--quiet", cwd=place)
    assert done.returncode == 1, done.stdout + done.stderr
    report = json.loads((place / "failed" / "report.json").read_text())
    binding = {entry["id"] for entry in report["classes"] if entry["claim"] == "claimed"}
    failed = [
        row["id"]
        for row in report["requirements"]
        if row["verdict"] == "fail" and row["level"] == "MUST" and row["layer"] == PROFILE and row["class"] in binding
    ]
    assert failed
    day = (datetime.now(UTC) + timedelta(days=20)).strftime("%Y-%m-%d")
    about = report["implementation"]
    files = []
    for number, requirement in enumerate(failed):
        files += ["--waiver", f"waiver-{number}.json"]
        done = interop(
            "trust", "waive", requirement, "--profile", PROFILE, "--supplier", about["supplier"], "--product",
            about["product"], "--reason", "Mended in spring.", "--expires", day, "--key", "council.key", "--out",
            files[-1], cwd=place,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    shutil.copy(place / "trust.json", place / "waiving.json")
    add = ("trust", "add", "council.pub.pem", "--issuer", "Council", "--role", "grant-waiver", "--yes")
    assert interop(*add, "--trust", "waiving.json", cwd=place).returncode == 0
    done = interop("sign", "failed", "--key", "issuer.key", *files, "--trust", "waiving.json", "--json", cwd=place)
    assert json.loads(done.stdout)["verdict"] == "CONFORMANT_WITH_WAIVERS", done.stderr
    waived = {"file": "failed/certificate.html", "trust": "waiving.json"}
    assert verify(place, **waived) == 1
    assert verify(place, "--accept-waivers", **waived) == 0
    assert verify(place, "--accept-waivers", file="failed/certificate.html") == 1, "another council's own store"


def test_a_waiver_of_what_passed_is_not_signed(place: Path) -> None:
    report = json.loads((place / "run" / "report.json").read_text())
    passed = next(row["id"] for row in report["requirements"] if row["verdict"] == "pass" and row["level"] == "MUST")
    about, before = report["implementation"], (place / "run" / "certificate.html").read_bytes()
    day = (datetime.now(UTC) + timedelta(days=5)).strftime("%Y-%m-%d")
    done = interop(
        "trust", "waive", passed, "--profile", PROFILE, "--supplier", about["supplier"], "--product",
        about["product"], "--reason", "Not needed.", "--expires", day, "--key", "council.key", "--out",
        "unneeded.json", cwd=place,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    sign = ("sign", "run", "--key", "issuer.key", "--waiver", "unneeded.json", "--trust", "trust.json")
    done = interop(*sign, cwd=place)
    assert done.returncode == 2 and f"There is nothing to waive: {passed} ended pass." in done.stderr, done.stderr
    assert (place / "run" / "certificate.html").read_bytes() == before


def test_verifier_build(place: Path) -> None:
    from typer.testing import CliRunner

    from interop_harness.cli.verifier import app
    from interop_harness.trust import load_stores
    from interop_harness.verification.page import fingerprint

    out = place / "verify.html"
    done = CliRunner().invoke(app, ["build", "--trust", str(place / "trust.json"), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert fingerprint(load_stores([place / "trust.json"])[0]) in done.output
    assert b"connect-src 'none'" in out.read_bytes()


def test_verifier_build_says_when_the_page_could_accept_nothing(place: Path) -> None:
    build = ("verifier", "build", "-q", "--out", "page.html", "--trust")
    store = json.loads((place / "trust.json").read_text())
    assert "lists no profile" in interop(*build, "trust.json", cwd=place).stderr
    past = "2026-01-01T00:00:00Z"
    for name, change, words in (
        ("old", {"expires": past, "issued": past}, "expired on 2026-01-01"),
        ("nobody", {"keys": []}, "nobody who may sign"),
    ):
        (place / f"{name}.json").write_text(json.dumps({**store, **change}))
        (place / f"{name}.json").chmod(0o600)
        assert words in interop(*build, f"{name}.json", cwd=place).stderr


def test_the_steps_of_the_readme_lead_to_a_page_that_can_accept(place: Path) -> None:
    section = (
        (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8").partition("## Check a certificate")[2]
    )
    steps = [
        line.partition("#")[0].split() for line in section.partition("\n## ")[0].splitlines() if line[:4] == "    "
    ]
    steps = [words for words in steps if words[1] == "verifier" or words[1:3] == ["trust", "profile"]]
    shutil.copy(place / "trust.json", place / "kept.json")
    try:
        done = [interop(*words[1:], cwd=place) for words in steps]
    finally:
        shutil.copy(place / "kept.json", place / "trust.json")
    assert [words[1] for words in steps] == ["trust", "verifier"]
    assert all(one.returncode == 0 for one in done) and "Warning" not in done[-1].stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_or_a_folder_is_refused_and_not_waited_for(place: Path) -> None:
    os.mkfifo(place / "pipe.html")
    for arguments in (("pipe.html",), ("run",), ("run/certificate.html", "--evidence", "pipe.html")):
        done = interop("verify", *arguments, "--trust", "trust.json", cwd=place)
        assert done.returncode == 2 and "file-unreadable" in done.stdout + done.stderr


def test_the_documentation_names_every_reason() -> None:
    import re

    root = Path(__file__).parents[2]
    text = (root / "docs" / "certificate.md").read_text(encoding="utf-8")
    named = re.findall(r"`-?([a-z][a-z-]*\*?|-[a-z-]+)`", text)
    patterns = [re.escape(word).replace(r"\*", ".*") for word in named] + [
        "expected-" + word for word in re.findall(r"`-([a-z-]+)`", text)
    ]
    sources = [
        *(root / "src/interop_harness/verification").glob("*.py"),
        *(root / "src/interop_harness/certificate").glob("*.py"),
    ]
    calls = re.compile(r"(?:refuse|RefusedError|VerificationError)\(\s*\"([a-z-]+)\"")
    codes = {code for path in sources for code in calls.findall(path.read_text(encoding="utf-8"))}
    assert len(codes) > 30
    missing = sorted(code for code in codes if not any(re.fullmatch(pattern, code) for pattern in patterns))
    assert not missing
