"""The recipes of docs/verify-by-hand.md, run as they are printed there, on good and on bad certificates."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from interop_harness.certificate import grammar
from interop_harness.errors import VerificationError
from tests.certificate import made
from tests.certificate.attacks import data_of, failed, genuine, p256
from tests.certificate.check import check

DOCUMENT = Path(__file__).parents[2] / "docs" / "verify-by-hand.md"
TOOLS = ("openssl", "cat", "grep", "mkdir", "rm", "sed", "tr", "wc")
"""What the recipe says it needs: it gets nothing else here."""
CASES = {
    "sh": pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason="needs openssl and a POSIX shell"),
    "js": pytest.mark.skipif(not shutil.which("node"), reason="needs node"),
}
HOLDS = "THE PAGE AND THE DATA IN IT ARE THOSE THAT WERE SIGNED"
"""All that the recipes have seen of a file: not that nothing of it was changed."""
RECIPES = [pytest.param(language, marks=mark, id=language) for language, mark in CASES.items()]


def recipe(language: str, folder: Path) -> list[str]:
    found = re.search(rf"```{language}\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    path = folder / {"sh": "verify.sh", "js": "verify.mjs"}[language]
    path.write_text(found[1], encoding="utf-8")
    return [{"sh": "sh", "js": "node"}[language], str(path)]


def only(folder: Path, *tools: str) -> str:
    """A PATH with these tools and nothing else."""
    place = folder / "-".join(("only", *tools))
    if not place.exists():
        place.mkdir()
        for tool in tools:
            found = shutil.which(tool)
            assert found
            (place / tool).symlink_to(found)
    return str(place)


def script(folder: Path, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """The recipe for the shell, with the tools that it names and no others."""
    _, file = recipe("sh", folder)
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    done = subprocess.run(
        ["/bin/sh", file, *arguments],
        env={"PATH": path or only(folder, *TOOLS), "TMPDIR": str(scratch)},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert not list(scratch.iterdir()), "nothing is left behind"
    return done


def run(language: str, folder: Path, data: bytes, key: str) -> subprocess.CompletedProcess[str]:
    certificate, public = folder / "certificate.html", folder / "issuer.pub.pem"
    certificate.write_bytes(data)
    public.write_text(key, encoding="ascii")
    if language == "sh":
        return script(folder, str(certificate), str(public))
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


def rewrapped() -> dict[str, bytes]:
    """The page and the payload as they were signed, in a wrapping that was changed afterwards."""
    file = grammar.split(genuine())
    bundle = file.block
    changed = {
        "type": bundle.replace(b"vnd.in-toto+json", b"vnd.other+json"),
        "second-signature": bundle.replace(b'"signatures":[{', b'"signatures":[{"keyid":"x","sig":"AAAA"},{'),
        "second-payload": bundle.replace(b'{"payload":', b'{"payload":"AAAA","payload":'),
        "member": bundle[:-1] + b',"x":"y"}',
        "after": bundle + b"\nanything at all",
        "before": b"anything at all\n" + bundle,
    }
    assert all(each != bundle for each in changed.values())
    head, marker, rest = genuine().partition(grammar.BEGIN)
    block, end, tail = rest.partition(END)
    lines = {"one-line": block.replace(b"\n", b"") + b"\n", "blank-lines": block.replace(b"\n", b"\n\n")}
    return {
        **{name: grammar.assemble(file.core, each) for name, each in changed.items()},
        **{name: head + marker + each + end + tail for name, each in lines.items()},
    }


@pytest.mark.parametrize("language", RECIPES)
def test_recipe_says_no_more_of_a_wrapping_that_was_changed_than_what_it_checked(language: str, tmp_path: Path) -> None:
    for name, data in rewrapped().items():
        with pytest.raises(VerificationError):
            check(data)
        done = run(language, tmp_path, data, made.SUPPLIER.public.pem)
        if done.returncode:
            assert (done.returncode, done.stdout) == (3, "") and done.stderr.startswith("NOT GENUINE: "), (name, done)
        else:
            assert json.loads(done.stdout) == made.payload(genuine()), name
            assert done.stderr.splitlines() == [f"{HOLDS}, by the key {made.SUPPLIER.public.keyid}"], name
    text = " ".join(DOCUMENT.read_text(encoding="utf-8").split())
    only = text.partition("They do not check what only `interop verify` does:")[2].partition("## ")[0]
    for words in (
        "wrapping",
        "broken into lines",
        "`payloadType`",
        "further signatures or members",
        "after the bundle",
    ):
        assert words in only


@pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason="needs openssl and a POSIX shell")
def test_shell_recipe_ends_in_one_clear_line(tmp_path: Path) -> None:
    done = run("sh", tmp_path, genuine(), made.SUPPLIER.public.pem)
    assert done.stderr.splitlines() == [f"{HOLDS}, by the key {made.SUPPLIER.public.keyid}"]
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


@CASES["sh"]
def test_shell_recipe_tells_its_own_troubles_from_a_certificate_that_is_not_genuine(tmp_path: Path) -> None:
    (tmp_path / "certificate.html").write_bytes(genuine())
    (tmp_path / "issuer.pub.pem").write_text(made.SUPPLIER.public.pem)
    (tmp_path / "other.pub.pem").write_text(made.STRANGER.public.pem)
    (tmp_path / "p256.pub.pem").write_text(made.SUPPLIER_P256.public.pem)
    (tmp_path / "openssh.key").write_bytes(made.SUPPLIER.to_openssh(None))
    for name, encryption in (
        ("plain.key", serialization.NoEncryption()),
        ("locked.key", serialization.BestAvailableEncryption(b"secret")),
    ):
        pkcs8 = serialization.PrivateFormat.PKCS8
        pem = made.SUPPLIER.secret.private_bytes(serialization.Encoding.PEM, pkcs8, encryption)
        (tmp_path / name).write_bytes(pem)
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").write_bytes(b"")
    tools = [tool for tool in TOOLS if tool != "openssl"]
    old = tmp_path / "old"
    shutil.copytree(only(tmp_path, *tools), old, symlinks=True)
    (old / "openssl").write_text(
        f'#!/bin/sh\nif test "$1" = pkeyutl; then echo "unknown option -rawin" >&2; exit 1; fi\n'
        f'exec {shutil.which("openssl")} "$@"\n'
    )
    (old / "openssl").chmod(0o755)
    both = ("certificate.html", "issuer.pub.pem")
    for arguments, path, words in (
        (("certificate.html", "nothere.pem"), None, "there is no file nothere.pem"),
        (("nothere.html", "issuer.pub.pem"), None, "there is no file nothere.html"),
        (("folder", "issuer.pub.pem"), None, "there is no file folder"),
        (("certificate.html", "openssh.key"), None, "openssh.key is no public key"),
        (("certificate.html", "plain.key"), None, "plain.key is no public key"),
        (("certificate.html", "locked.key"), None, "locked.key is no public key"),
        (("certificate.html", "empty"), None, "empty is no public key"),
        (("certificate.html", "certificate.html"), None, "certificate.html is no public key"),
        (("certificate.html",), None, "name two files"),
        ((), None, "name two files"),
        (both, only(tmp_path, *tools), "openssl is not on the PATH"),
        (both, only(tmp_path, *(tool for tool in TOOLS if tool != "sed")), "sed is not on the PATH"),
        (both, str(old), "openssl cannot check signatures of this kind"),
    ):
        done = script(tmp_path, *arguments, path=path)
        assert (done.returncode, done.stdout) == (2, ""), (arguments, done)
        assert done.stderr.startswith("COULD NOT CHECK: ") and words in done.stderr, done.stderr
        assert len(done.stderr.splitlines()) == 1
    for key in ("other.pub.pem", "p256.pub.pem"):
        done = script(tmp_path, "certificate.html", key)
        assert done.returncode == 3 and done.stderr == "NOT GENUINE: this key did not sign it\n"
    assert script(tmp_path, *both).returncode == 0


def said_by(language: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    if language == "sh":
        return script(folder, *arguments)
    command = [*recipe("js", folder), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("language", RECIPES)
def test_recipe_takes_a_file_whose_name_begins_with_a_hyphen(language: str, tmp_path: Path) -> None:
    pem = made.SUPPLIER.public.pem.encode()
    for name, data in (("-c.html", genuine()), ("-e.html", data_of("verdict-edited")), ("-k.pem", pem), ("-", pem)):
        (tmp_path / name).write_bytes(data)
    for key in ("-k.pem", "-"):
        done = said_by(language, tmp_path, "-c.html", key)
        assert done.returncode == 0 and json.loads(done.stdout) == made.payload(genuine()), done.stderr
        done = said_by(language, tmp_path, "-e.html", key)
        assert (done.returncode, done.stdout) == (3, "") and "the page is not the one" in done.stderr, done.stderr
    assert said_by(language, tmp_path, "-nothere.html", "-k.pem").returncode == 2


@pytest.mark.parametrize("language", RECIPES)
def test_recipe_ends_in_one_plain_line_whatever_it_is_given(language: str, tmp_path: Path) -> None:
    pkcs8 = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    other_body = made.signed_bytes(genuine(), b"no JSON")
    no_subject = made.signed_bytes(genuine(), b"{}")
    no_statement = made.signed_bytes(genuine(), b"null")
    no_bundle = grammar.assemble(grammar.split(genuine()).core, b"null")
    numbers = b'{"dsseEnvelope":{"payload":1,"payloadType":"application/vnd.in-toto+json","signatures":[{"sig":2}]}}'
    files = {
        "certificate.html": genuine(),
        "crlf.html": genuine().replace(b"\n", b"\r\n"),
        "page.html": b"<html></html>\n",
        "empty.html": b"",
        "binary.html": bytes(range(256)) * 40,
        "zip.html": b"PK\x03\x04" + bytes(100),
        "body.html": other_body,
        "subject.html": no_subject,
        "statement.html": no_statement,
        "bundle.html": no_bundle,
        "numbers.html": grammar.assemble(grammar.split(genuine()).core, numbers),
        "edited.html": data_of("verdict-edited"),
        "issuer.pub.pem": made.SUPPLIER.public.pem.encode(),
        "other.pub.pem": made.STRANGER.public.pem.encode(),
        "plain.key": made.SUPPLIER.secret.private_bytes(*pkcs8),
        "openssh.key": made.SUPPLIER.to_openssh(None),
        "broken.pem": made.SUPPLIER.public.pem[:60].encode(),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "folder").mkdir()
    unable, wrong = (2, "COULD NOT CHECK: "), (3, "NOT GENUINE: ")
    key = "issuer.pub.pem"
    for arguments, (code, start) in (
        ((), unable),
        (("certificate.html",), unable),
        (("certificate.html", "nothere.pem"), unable),
        (("nothere.html", key), unable),
        (("folder", key), unable),
        (("certificate.html", "folder"), unable),
        *((("certificate.html", name), unable) for name in ("plain.key", "openssh.key", "broken.pem", "page.html")),
        (("certificate.html", "other.pub.pem"), wrong),
        *(((name, key), wrong) for name in files if name.endswith(".html") and name != "certificate.html"),
    ):
        done = said_by(language, tmp_path, *arguments)
        assert (done.returncode, done.stdout) == (code, ""), (arguments, done)
        assert done.stderr.startswith(start) and len(done.stderr.splitlines()) == 1, (arguments, done.stderr)
    assert said_by(language, tmp_path, "certificate.html", key).returncode == 0
