"""What nobody means to give `sign`, `keys` and `trust`: refused at once, in words, with nothing written."""

from __future__ import annotations

import os
import resource
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
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (600 * 1024**2,) * 2),
    )
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert "Traceback" not in said, said
    return done.returncode, said


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
