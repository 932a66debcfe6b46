"""What stands where a run writes or reads, and is no file of its own: left as it is, never waited for."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from . import processes

pytestmark = pytest.mark.skipif(os.name != "posix", reason="named pipes, links and devices")
NOBODY = "http://127.0.0.1:9"


def interop(*words: str, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "interop_harness", *words],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        stdin=subprocess.DEVNULL,
        **more,  # type: ignore[call-overload]
    )


def refused(done: subprocess.CompletedProcess[str], *says: str) -> None:
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    for text in says:
        assert text in done.stderr
    assert len(done.stderr) < 1500, "a name of thousands of characters is not repeated"


# --- the lock file ------------------------------------------------------------------------------------------------

BESIDE: dict[str, Callable[[Path, Path], object]] = {
    "a symbolic link": lambda lock, victim: lock.symlink_to(victim),
    "a link to nothing": lambda lock, victim: lock.symlink_to(victim.with_name("nothing")),
    "a second name": lambda lock, victim: lock.hardlink_to(victim),
    "a pipe": lambda lock, victim: os.mkfifo(lock),
    "a device": lambda lock, victim: lock.symlink_to("/dev/full"),
}


@pytest.mark.parametrize("kind", BESIDE)
def test_a_lock_file_that_no_run_made(kind: str, tmp_path: Path) -> None:
    directory, victim = tmp_path / "run", tmp_path / "victim"
    directory.mkdir()
    victim.write_text("precious\n", encoding="utf-8")
    BESIDE[kind](directory / "run.lock", victim)
    refused(processes.run(processes.PROFILE, "--target", NOBODY, "--out", str(directory)), "run.lock", "No run made it")
    assert victim.read_text(encoding="utf-8") == "precious\n"
    assert os.path.lexists(directory / "run.lock"), "it is left as it is"
    assert not (tmp_path / "nothing").exists()


# --- what is named ------------------------------------------------------------------------------------------------

TARGET = "base_url: http://127.0.0.1:9\nenvironment: development\n"
REFERENCES = {
    "token": "auth: {kind: bearer, token_file: odd}\n",
    "certificate": "auth: {kind: client-certificate, certificate_file: odd}\n",
    "key": "auth: {kind: client-certificate, certificate_file: there, key_file: odd}\n",
    "key password": "auth: {kind: client-certificate, certificate_file: there, key_password_file: odd}\n",
    "authority": "ca_file: odd\n",
}


@pytest.fixture(params=["pipe", "/dev/zero"])
def odd(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file that never ends, or never begins."""
    place = tmp_path / "odd"
    if request.param == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to(request.param)
    return place


@pytest.mark.parametrize("option", ["--failed-first", "--baseline"])
def test_an_option_that_names_no_regular_file(option: str, odd: Path, tmp_path: Path) -> None:
    words = ("--target", NOBODY, "--out", str(tmp_path / "run"), option, str(odd))
    refused(interop("run", processes.PROFILE, *words), "no regular file", "save its content to a file first")
    assert not (tmp_path / "run").exists()


def test_a_target_that_is_no_regular_file(odd: Path) -> None:
    refused(interop("run", processes.PROFILE, "--target", str(odd)), "no regular file")
    refused(interop("doctor", str(odd)), "no regular file")


@pytest.mark.parametrize("kind", REFERENCES)
def test_a_target_that_refers_to_no_regular_file(kind: str, odd: Path, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("", encoding="utf-8")
    (tmp_path / "target.yaml").write_text(TARGET + REFERENCES[kind], encoding="utf-8")
    refused(interop("doctor", str(tmp_path / "target.yaml")), "no regular file", "odd")


def test_a_target_file_may_still_come_from_a_redirection(tmp_path: Path) -> None:
    (tmp_path / "target.yaml").write_text(TARGET, encoding="utf-8")
    with (tmp_path / "target.yaml").open("rb") as stream:
        words = [sys.executable, "-m", "interop_harness", "doctor", "/dev/stdin"]
        done = subprocess.run(words, stdin=stream, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 4, done.stderr


@pytest.mark.parametrize("option", ["--failed-first", "--baseline"])
def test_a_file_that_is_far_too_large(option: str, tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as stream:
        stream.truncate(1024**3)
    words = ("--target", NOBODY, "--out", str(tmp_path / "run"), option, str(tmp_path / "large"))
    refused(interop("run", processes.PROFILE, *words), "larger than")


@pytest.mark.parametrize("option", ["--out", "--resume", "--failed-first", "--baseline", "--target"])
@pytest.mark.parametrize("length", [5000, 300])
def test_names_that_no_file_system_takes(option: str, length: int, tmp_path: Path) -> None:
    words = {"--target": NOBODY} if option != "--resume" else {}
    words |= {"--out": str(tmp_path / "run")} if option != "--resume" else {}
    words[option] = "a" * length
    given = [word for pair in words.items() for word in pair]
    profile = [] if option == "--resume" else [processes.PROFILE]
    refused(interop("run", *profile, *given, cwd=tmp_path), "too long")


@pytest.mark.parametrize("option", ["--out", "--resume", "--failed-first", "--baseline"])
def test_an_option_that_names_nothing(option: str, tmp_path: Path) -> None:
    done = interop("run", processes.PROFILE, "--target", NOBODY, option, "", cwd=tmp_path)
    refused(done, f"{option} names nothing")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("given", ["", "  "])
@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("doctor",), "TARGET"),
        (("run", processes.PROFILE, "--target"), "--target"),
        (("run", "--resume", ".", "--target"), "--target"),
        (("plan", processes.PROFILE, "--target"), "--target"),
    ],
    ids=["doctor", "run", "resume", "plan"],
)
def test_a_target_that_says_nothing(words: tuple[str, ...], name: str, given: str, tmp_path: Path) -> None:
    """A variable of a script that is not set, say. It is not the directory that the command was given in."""
    done = interop(*words, given, cwd=tmp_path)
    refused(done, f"{name} names nothing", "(target-missing)")
    assert not list(tmp_path.iterdir())


def test_claims_that_contradict_one_another(tmp_path: Path) -> None:
    words = ("run", processes.PROFILE, "--target", NOBODY, "--claim", "extended=true", "--claim")
    refused(interop(*words, "extended=false", cwd=tmp_path), "both extended=true and extended=false")
    assert interop(*words, "extended=true", cwd=tmp_path).returncode == 4
