"""What nobody means to give `sign`, `keys` and `trust`: refused at once, in words, with nothing written."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.certificate import made

SECRETS = {
    "INTEROP_SIGNING_KEY": "a key",
    "INTEROP_SIGNING_KEY_FILE": "/a/key",
    "INTEROP_SIGNING_PASSPHRASE": "a passphrase",
    "INTEROP_SIGNING_PASSPHRASE_FILE": "/a/passphrase",
}


def interop(*arguments: str | bytes, cwd: Path, timeout: float = 30, **environment: str) -> tuple[int, str]:
    """The exit code and everything said. 600 MB of memory are more than any of this needs."""
    done = subprocess.run(
        [sys.executable, "-m", "interop_harness", *arguments],
        cwd=cwd,
        env={**os.environ, "XDG_STATE_HOME": str(cwd / "state"), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=timeout,
        check=False,
        preexec_fn=_little_memory if sys.platform == "linux" else None,
    )
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert "Traceback" not in said, said
    return done.returncode, said


def _little_memory() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (600 * 1024**2,) * 2)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a key, its public half and a trust store that lists it."""
    (tmp_path / "issuer.key").write_bytes(made.SUPPLIER.to_openssh(None))
    (tmp_path / "issuer.key").chmod(0o600)
    (tmp_path / "issuer.pub.pem").write_text(made.SUPPLIER.public.pem)
    assert interop(*ADD, cwd=tmp_path)[0] == 0
    return tmp_path


ADD = ("trust", "add", "issuer.pub.pem", "--issuer", "Example Ltd", "--yes")
WAIVE = (
    "trust", "waive", "EX-PAGE-01", "--profile", "example-directory", "--supplier", "Example Ltd",
    "--product", "Directory", "--reason", "Mended in spring.", "--expires", "2099-03-31",
)  # fmt: skip


def with_command(command: str) -> tuple[str, ...]:
    return (*WAIVE, "--signer-command", command, "--public-key", "issuer.pub.pem")


def test_a_signing_command_is_given_no_key_and_no_passphrase(place: Path) -> None:
    (place / "sign.py").write_text(
        "import os, pathlib, sys\n"
        "from cryptography.hazmat.primitives.serialization import load_ssh_private_key\n"
        "pathlib.Path('seen').write_text('\\n'.join(os.environ))\n"
        "key = load_ssh_private_key(pathlib.Path('issuer.key').read_bytes(), None)\n"
        "sys.stdout.buffer.write(key.sign(sys.stdin.buffer.read()))\n"
    )
    command = with_command(f"{sys.executable} sign.py")
    code, said = interop(*command, cwd=place, **SECRETS, INTEROP_TOKEN="not ours", KMS_TOKEN="its own")
    assert code == 0, said
    seen = (place / "seen").read_text().split("\n")
    assert {"INTEROP_TOKEN", "KMS_TOKEN", "PATH"} <= set(seen)
    assert not [name for name in seen if name.startswith("INTEROP_SIGNING")]


@pytest.mark.parametrize("command", ["yes", "sh -c yes", "sh -c 'yes >&2'", "sh -c 'yes | head -c 70000'"])
def test_a_signing_command_that_writes_without_end_is_stopped(command: str, place: Path) -> None:
    if ">&2" in command:
        command = "timeout 2 " + command
    began = time.monotonic()
    code, said = interop(*with_command(command), cwd=place)
    assert code == 2 and "signer-command-failed" in said
    assert time.monotonic() - began < 15
    assert ">&2" in command or "far more than a signature" in said
    assert not (place / "waiver.json").exists()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("foo 'bar", "no closing quotation"),
        ("", "is empty"),
        ("   ", "is empty"),
        ("''", "is empty"),
        ("nowhere-to-be-found", "could not be started"),
    ],
)
def test_a_signing_command_that_is_none_is_refused_in_words(command: str, words: str, place: Path) -> None:
    code, said = interop(*with_command(command), cwd=place)
    assert code == 2 and words in said


def test_no_key_is_made_for_days_that_do_not_exist(tmp_path: Path) -> None:
    new = ("keys", "new", "--issuer", "A", "--unencrypted")
    for more in (("--valid-days", "9999999"), ("--valid-days", "-4"), ("--valid-days", "0"), ("--out", ".")):
        code, said = interop(*new, *more, cwd=tmp_path)
        assert code == 2 and more[0] in said and "option-value" in said
        assert not [path for path in tmp_path.iterdir() if path.is_file()]


def test_what_is_not_utf_8_is_refused_before_anything_is_written(place: Path) -> None:
    before = (place / "trust.json").read_bytes()
    for arguments in (
        (*ADD[:4], b"\xff", "--yes", "--trust", "other.json"),
        (*WAIVE[:9], b"Caf\xe9", *WAIVE[10:], "--key", "issuer.key"),
        ("trust", "publish", "--out", b"\xff.json", "--expires", "2099-01-01", "--key", "issuer.key"),
        ("keys", "new", "--issuer", b"\xff", "--unencrypted", "--out", "new.key"),
        ("sign", "run", "--key", "issuer.key", "--issuer", b"\xff"),
    ):
        code, said = interop(*arguments, cwd=place)
        assert code == 2 and "must be text in UTF-8" in said, said
    left = {path.name for path in place.iterdir()} - {"state"}
    assert left == {"issuer.key", "issuer.pub.pem", "trust.json"} and (place / "trust.json").read_bytes() == before


@pytest.mark.parametrize("day", ["0001-01-01", "0999-12-31", "1969-12-31", "99999-01-01"])
def test_a_store_that_nobody_could_read_again_is_never_written(day: str, place: Path) -> None:
    (place / "other.pub.pem").write_text(made.STRANGER.public.pem)
    before = (place / "trust.json").read_bytes()
    add = ("trust", "add", "other.pub.pem", "--issuer", "Other Ltd", "--yes")
    for option in ("--since", "--until"):
        code, said = interop(*add, option, day, cwd=place)
        assert code == 2 and "date-unusable" in said and option in said
        assert (place / "trust.json").read_bytes() == before


def test_the_last_of_all_days_is_a_day_too(place: Path) -> None:
    (place / "other.pub.pem").write_text(made.STRANGER.public.pem)
    add = ("trust", "add", "other.pub.pem", "--issuer", "Other Ltd", "--yes", "--since", "1970-01-01")
    assert interop(*add, "--until", "9999-12-31", cwd=place)[0] == 0
    code, said = interop("trust", "list", cwd=place)
    assert code == 0 and "1970-01-01 to 9999-12-31" in said


def test_a_store_is_read_back_before_it_replaces_the_old_one(place: Path) -> None:
    from dataclasses import replace

    from interop_harness.cli import trust
    from interop_harness.errors import TrustError
    from interop_harness.trust import load_stores

    path = place / "trust.json"
    before, (store, _) = path.read_bytes(), load_stores([path])
    for broken in (replace(store, name="\udcff"), replace(store, version=0), replace(store, keys=store.keys * 2)):
        with pytest.raises(TrustError) as caught:
            trust._write(path, broken)
        assert caught.value.code == "trust-store-unwritable" and path.read_bytes() == before


MISTYPED = (
    "urn:uuid:nonsense",
    made.IDENTIFIER[:-1],
    made.IDENTIFIER + "0",
    made.IDENTIFIER.replace("-", ""),
    made.IDENTIFIER[:-1] + "g",
)


@pytest.mark.parametrize("identifier", MISTYPED)
def test_a_mistyped_certificate_is_not_said_to_be_revoked(identifier: str, place: Path) -> None:
    before = (place / "trust.json").read_bytes()
    code, said = interop("trust", "revoke", identifier, cwd=place)
    assert code == 2 and "option-value" in said and "Revoked" not in said
    code, said = interop("sign", "run", "--key", "issuer.key", "--supersedes", identifier, cwd=place)
    assert code == 2 and "--supersedes must be the id" in said and "report" not in said
    assert (place / "trust.json").read_bytes() == before


def test_what_is_revoked_is_what_the_store_or_a_certificate_names(place: Path) -> None:
    before = (place / "trust.json").read_bytes()
    keyid = made.SUPPLIER.public.keyid
    for arguments, words in (
        ((keyid[:-1],), "must be the id of a key"),
        ((made.STRANGER.public.keyid,), "is not in the trust store"),
        ((made.IDENTIFIER, "--retire"), "a certificate is revoked altogether"),
        ((made.IDENTIFIER, "--compromised-since", "2026-11-01"), "a certificate is revoked altogether"),
    ):
        code, said = interop("trust", "revoke", *arguments, cwd=place)
        assert code == 2 and words in said and (place / "trust.json").read_bytes() == before
    assert interop("trust", "revoke", made.IDENTIFIER.upper().replace("URN:UUID", "urn:uuid"), cwd=place)[0] == 0
    assert interop("trust", "revoke", keyid, cwd=place)[0] == 0
    code, said = interop("trust", "list", cwd=place)
    assert f"revoked  {made.IDENTIFIER}" in said and "revoked  Example Ltd" in said


def test_more_certificates_than_fit_are_the_fault_of_the_option(place: Path) -> None:
    many = [text for _ in range(21) for text in ("--supersedes", made.IDENTIFIER)]
    code, said = interop("sign", "run", "--key", "issuer.key", *many, cwd=place)
    assert code == 2 and "--supersedes must be given 20 times at most" in said


def endless(place: Path) -> list[tuple[str, ...]]:
    """Commands that are given a pipe, which nobody writes into, in every place that takes a file."""
    for name in ("ff", "r1/report.json", "r2/evidence.jsonl.gz"):
        (place / name).parent.mkdir(exist_ok=True)
        os.mkfifo(place / name)
    (place / "r2" / "report.json").write_bytes(made.encoded(made.report()))
    sign = ("sign", "r2", "--key", "issuer.key")
    return [
        (*WAIVE, "--key", "ff"),
        (*WAIVE, "--key", "/dev/zero"),
        (*WAIVE, "--signer-command", "true", "--public-key", "ff"),
        ("keys", "show", "ff"),
        ("keys", "show", "/dev/zero"),
        ("trust", "add", "ff", "--issuer", "A", "--yes"),
        ("sign", "r1", "--key", "issuer.key"),
        sign,
        (*sign, "--waiver", "ff", "--trust", "ff"),
        ("replay", "r2"),
        ("replay", "ff"),
        ("replay", "/dev/zero"),
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_or_a_device_is_refused_at_once(place: Path) -> None:
    for arguments in endless(place):
        code, said = interop(*arguments, cwd=place, timeout=10)
        assert code == (3 if arguments[0] == "replay" else 2), said
        assert "pipe" in said or "no ordinary file" in said, (arguments, said)


def test_a_passphrase_may_come_out_of_a_pipe(tmp_path: Path) -> None:
    shell = f"echo from-a-safe | {sys.executable} -m interop_harness keys new --issuer A"
    done = subprocess.run(
        ["/bin/sh", "-c", shell],
        cwd=tmp_path,
        env={**os.environ, "INTEROP_SIGNING_PASSPHRASE_FILE": "/dev/stdin"},
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    code, said = interop("keys", "show", "issuer.key", cwd=tmp_path, INTEROP_SIGNING_PASSPHRASE="from-a-safe")
    assert code == 0 and "SHA256:" in said
    endless = {"INTEROP_SIGNING_PASSPHRASE_FILE": "/dev/zero"}
    assert interop("keys", "show", "issuer.key", cwd=tmp_path, **endless)[0] == 2


def test_a_huge_file_is_refused_before_it_is_read(place: Path) -> None:
    with (place / "huge").open("wb") as file:
        file.truncate(1024**3)
    (place / "huge").chmod(0o600)
    for arguments in (
        (*WAIVE, "--key", "huge"),
        (*WAIVE, "--signer-command", "true", "--public-key", "huge"),
        ("keys", "show", "huge"),
        ("trust", "add", "huge", "--issuer", "A", "--yes"),
    ):
        code, said = interop(*arguments, cwd=place, timeout=10)
        assert code == 2 and ("larger than" in said or "not a private key file" in said), said


def test_a_key_that_others_may_read_is_refused_before_it_is_read(place: Path) -> None:
    with (place / "huge").open("wb") as file:
        file.truncate(1024**3)
    (place / "huge").chmod(0o644)
    code, said = interop(*WAIVE, "--key", "huge", cwd=place)
    assert code == 2 and "key-file-too-open" in said


def test_a_package_that_nobody_would_read_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    from interop_harness.certificate import grammar, package
    from interop_harness.errors import UsageError

    monkeypatch.setattr(grammar, "split", lambda data: type("Parts", (), {"block": b"x"}))
    with pytest.raises(UsageError, match="two files"):
        package.write(b"certificate", bytes(package.MAX_PACKAGE))
    assert len(package.write(b"certificate", bytes(1000))) < 2000
