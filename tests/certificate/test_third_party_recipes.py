"""The recipes of docs/verify-by-hand.md, run as they are printed there, on good and on bad certificates."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from interop_harness.certificate import grammar
from tests.certificate import made
from tests.certificate.attacks import data_of, failed, genuine, p256

DOCUMENT = Path(__file__).parents[2] / "docs" / "verify-by-hand.md"
TOOLS = ("openssl", "base64", "sed", "sha256sum")
CASES = {
    "sh": pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason="needs openssl and a POSIX shell"),
    "js": pytest.mark.skipif(not shutil.which("node"), reason="needs node"),
}
RECIPES = [pytest.param(language, marks=mark, id=language) for language, mark in CASES.items()]


def recipe(language: str, folder: Path) -> list[str]:
    found = re.search(rf"```{language}\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    path = folder / {"sh": "verify.sh", "js": "verify.mjs"}[language]
    path.write_text(found[1], encoding="utf-8")
    return [{"sh": "sh", "js": "node"}[language], str(path)]


def run(language: str, folder: Path, data: bytes, key: str) -> subprocess.CompletedProcess[str]:
    certificate, public = folder / "certificate.html", folder / "issuer.pub.pem"
    certificate.write_bytes(data)
    public.write_text(key, encoding="ascii")
    command = [*recipe(language, folder), str(certificate), str(public)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("language", RECIPES)
def test_recipe_accepts_genuine_certificates(language: str, tmp_path: Path) -> None:
    for data, key in ((genuine(), made.SUPPLIER), (failed(), made.SUPPLIER), (p256(), made.SUPPLIER_P256)):
        done = run(language, tmp_path, data, key.public.pem)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == made.payload(data)
        assert key.public.keyid in done.stderr


@pytest.mark.parametrize("language", RECIPES)
@pytest.mark.parametrize(
    "name",
    ["verdict-edited", "payload-edited", "block-of-another", "overlay-added", "second-block-before", "hint-forged"],
)
def test_recipe_refuses_changed_certificates(language: str, name: str, tmp_path: Path) -> None:
    done = run(language, tmp_path, data_of(name), made.SUPPLIER.public.pem)
    assert done.returncode != 0
    assert done.stdout == ""


INSERTED = b"<h1>Pass</h1>\n"
END = b"-----END CONFORMANCE"


@pytest.mark.parametrize("language", RECIPES)
@pytest.mark.parametrize("where", ["after-padding", "after-padding-same-line", "before", "trailing-bits", "spaces"])
def test_recipe_refuses_what_is_put_into_the_signature_block(language: str, where: str, tmp_path: Path) -> None:
    """A lenient decoder skips what is no base64, and a browser shows it: nothing may stand between the markers."""
    for data in (genuine(), failed()):
        head, marker, rest = data.partition(grammar.BEGIN)
        block, end, tail = rest.partition(END)
        changed = {
            "after-padding": block + INSERTED,
            "after-padding-same-line": block[:-1] + b"==<h1>Pass</h1>\n",
            "before": INSERTED + block,
            "trailing-bits": block[:-1] + b"AAAA\n" if block.endswith(b"=\n") else block[:-2] + b"=\n",
            "spaces": block.replace(b"\n", b" \n", 1),
        }[where]
        done = run(language, tmp_path, head + marker + changed + end + tail, made.SUPPLIER.public.pem)
        assert done.returncode != 0 and done.stdout == ""


@pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason="needs openssl and a POSIX shell")
def test_shell_recipe_ends_in_one_clear_line(tmp_path: Path) -> None:
    done = run("sh", tmp_path, genuine(), made.SUPPLIER.public.pem)
    assert done.stderr.splitlines() == [f"SIGNED, AND NOT CHANGED SINCE, by the key {made.SUPPLIER.public.keyid}"]
    for data, words in (
        (genuine().replace(b"\n", b"\r\n"), 'tr -d "\\r" <'),
        (data_of("verdict-edited"), "the page is not the one"),
        (b"<html></html>\n", "not exactly one signature block"),
    ):
        done = run("sh", tmp_path, data, made.SUPPLIER.public.pem)
        assert done.returncode == 3
        assert done.stderr.splitlines()[-1].startswith("NOT GENUINE: ") and words in done.stderr, done.stderr


@pytest.mark.parametrize("language", RECIPES)
def test_recipe_refuses_another_key(language: str, tmp_path: Path) -> None:
    for key in (made.STRANGER, made.SUPPLIER_P256):
        assert run(language, tmp_path, genuine(), key.public.pem).returncode != 0
