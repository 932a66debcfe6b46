"""A profile that is not installed, named by its folder: a run of it goes on, is judged again, signed and verified."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.execution import processes

from interop_harness.cli import running
from interop_harness.errors import ProfileError, UsageError
from interop_harness.evidence import Redactor
from interop_harness.execution.directory import refuse_taken, write_files
from interop_harness.execution.journal import JOURNAL, Journal
from interop_harness.profile import load
from interop_harness.profile.loading import find_folder, named

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "profiles" / "exampleshire-directory" / "1.0"
NAME = "exampleshire-directory@1.0"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not laid out as ID/VERSION: a folder of any name."""
    return shutil.copytree(EXAMPLE, tmp_path_factory.mktemp("somewhere") / "ours" / "draft")


def edited(folder: Path, tmp_path: Path) -> Path:
    other = shutil.copytree(folder, tmp_path / "other")
    rows = other / "requirements.yaml"
    rows.write_text(rows.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    return other


def interop(*words: str, **more: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "interop_harness", *words]
    environ = {name: value for name, value in os.environ.items() if name != "INTEROP_PROFILES"}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environ, **more)


@pytest.fixture(scope="module")
def cut_off(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    run = tmp_path_factory.mktemp("cut") / "run"
    with processes.supplier(delay_ms=3) as (url, counted):
        process = processes.start(str(folder), "--target", url, "--out", str(run), "-q")
        counted.wait_for(40)
        processes.kill(process)
        yield run


@pytest.fixture(scope="module")
def done(folder: Path, cut_off: Path) -> Path:
    """The run went on, named by its folder as the first command named it."""
    unnamed = interop("run", "--resume", str(cut_off), "-q")
    assert unnamed.returncode == 2, unnamed.stdout
    assert f"interop run FOLDER --resume {cut_off}" in " ".join(unnamed.stderr.split())
    taken = interop("run", str(folder), "--target", "http://127.0.0.1:1", "--out", str(cut_off), "-q")
    assert taken.returncode == 2, taken.stdout
    assert f"interop run {folder} --resume {cut_off}" in " ".join(taken.stderr.split())
    resumed = interop("run", str(folder), "--resume", str(cut_off), "-q")
    assert processes.report(cut_off)["run"]["resumed"] > 0, resumed.stderr
    assert processes.report(cut_off)["profile"]["id"] == "exampleshire-directory"
    return cut_off


def test_it_is_judged_again(folder: Path, done: Path) -> None:
    unnamed = interop("replay", str(done), "--check")
    assert unnamed.returncode == 2 and "--profile-folder FOLDER" in " ".join(unnamed.stderr.split())
    assert "--resume" not in unnamed.stderr, "nothing is to be gone on with"
    assert interop("replay", str(done), "--check", "--profile-folder", str(folder)).returncode == 0
    beside = interop("replay", str(done), "--check", "--profile-folder", folder.name, cwd=folder.parent)
    assert beside.returncode == 0, beside.stderr


def test_another_one_of_that_name_is_refused(folder: Path, done: Path, tmp_path: Path) -> None:
    refused = interop("replay", str(done), "--profile-folder", str(edited(folder, tmp_path)))
    assert refused.returncode == 3 and "evidence-profile" in refused.stderr
    assert interop("replay", str(done), "--profile-folder", str(tmp_path)).returncode == 2


def test_it_is_signed_and_verified(folder: Path, done: Path, tmp_path: Path) -> None:
    key, trust = str(tmp_path / "key"), str(tmp_path / "trust.json")
    assert interop("keys", "new", "--issuer", "Test", "--unencrypted", "--quiet", "--out", key).returncode == 0
    unnamed = interop("sign", str(done), "--key", key)
    assert unnamed.returncode == 2 and "(profile-unknown)" in unnamed.stderr
    assert "--profile-folder FOLDER" in unnamed.stderr and "edited" not in unnamed.stderr
    signed = interop("sign", str(done), "--key", key, "--profile-folder", str(folder))
    assert signed.returncode == 0, signed.stderr
    added = interop("trust", "add", f"{key}.pub.pem", "--issuer", "Test", "--trust", trust, "--yes")
    assert added.returncode == 0, added.stderr
    given = ("verify", str(done / "certificate.html"), "--trust", trust, "--environment", "development", "--json")
    given += ("--evidence", str(done / "evidence.jsonl.gz"))
    unknown, verified = interop(*given), interop(*given, "--profile-folder", str(folder))
    assert unknown.returncode == 7 and "profile-unknown" in unknown.stdout
    assert verified.returncode in (0, 1), verified.stdout
    assert "judged again" in verified.stdout
    other = interop(*given, "--profile-folder", str(edited(folder, tmp_path)))
    assert other.returncode == 7, other.stdout


# --- the parts ------------------------------------------------------------------------------------------------------


def test_it_is_found_under_its_own_name_only_within(folder: Path) -> None:
    with pytest.raises(ProfileError, match="no profile"):
        load(NAME)
    with named(str(folder)):
        assert load(NAME).folder == folder
        with pytest.raises(ProfileError):
            find_folder("exampleshire-directory@1.1")
    with pytest.raises(ProfileError), named(str(folder.parent)):
        pass
    with pytest.raises(ProfileError):
        load(NAME)


def test_an_installed_one_stays_what_a_certificate_is_held_against(tmp_path: Path) -> None:
    installed = find_folder("gov-api-baseline@1.0")
    copy = shutil.copytree(installed, tmp_path / "copy")
    with named(str(copy)):
        assert find_folder("gov-api-baseline@1.0") == copy
    with named(str(copy), over=False):
        assert find_folder("gov-api-baseline@1.0") == installed
    with named(""):
        assert find_folder("gov-api-baseline@1.0") == installed


def test_it_is_listed_in_a_trust_store_so_that_others_know_it(folder: Path, done: Path, tmp_path: Path) -> None:
    key, trust = str(tmp_path / "key"), str(tmp_path / "trust.json")
    assert interop("keys", "new", "--issuer", "Test", "--unencrypted", "--quiet", "--out", key).returncode == 0
    run = shutil.copytree(done, tmp_path / "run", ignore=shutil.ignore_patterns("certificate*"))
    signed = interop("sign", str(run), "--key", key, "--profile-folder", str(folder))
    assert signed.returncode == 0, signed.stderr
    added = interop("trust", "add", f"{key}.pub.pem", "--issuer", "Test", "--trust", trust, "--yes")
    assert added.returncode == 0, added.stderr
    given = ("verify", str(run / "certificate.html"), "--trust", trust, "--environment", "development", "--json")
    assert interop(*given).returncode == 7
    listed = interop("trust", "profile", str(folder), "--trust", trust)
    assert listed.returncode == 0, listed.stderr
    verified = interop(*given)
    assert verified.returncode in (0, 1), verified.stdout
    unjudged = interop(*given, "--evidence", str(run / "evidence.jsonl.gz"))
    assert unjudged.returncode == 7 and "evidence-profile-not-here" in unjudged.stdout
    assert "--profile-folder FOLDER" in unjudged.stdout, "known by its digests, but not here to judge with"


def test_a_folder_with_another_content_than_the_installed_profile_is_not_listed(tmp_path: Path) -> None:
    other, trust = edited(find_folder("gov-api-baseline@1.0"), tmp_path), tmp_path / "trust.json"
    refused = interop("trust", "profile", str(other), "--trust", str(trust))
    assert refused.returncode == 2 and "profile-differs" in refused.stderr, refused.stderr
    assert not trust.exists()
    copy = shutil.copytree(find_folder("gov-api-baseline@1.0"), tmp_path / "copy")
    assert interop("trust", "profile", str(copy), "--trust", str(trust)).returncode == 0, "the same is the same"


def test_a_folder_that_is_named_without_a_slash_is_told_how(folder: Path) -> None:
    refused = interop("run", folder.name, "--target", "http://127.0.0.1:1", cwd=folder.parent)
    assert refused.returncode == 2 and f"./{folder.name}" in refused.stderr


@pytest.mark.parametrize(("name", "folder"), [("./ours", "./ours "), (".", ". "), ("open-referral-uk", ""), ("", "")])
def test_the_advice_to_go_on_names_the_folder(
    name: str, folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    advised, given = f"interop run {folder}--resume {tmp_path}", running.folder_of(name)
    journal = Journal(tmp_path, Redactor([]), folder=given)
    journal._resumable = True
    assert advised in journal._unwritable(OSError(28, "No space left on device")).hint
    journal.close()
    (tmp_path / JOURNAL).write_text("{}\n")
    with pytest.raises(UsageError) as taken:
        refuse_taken(tmp_path, given)
    assert advised in taken.value.hint
    (tmp_path / "report.html").mkdir()
    with pytest.raises(UsageError) as unwritten:
        write_files(tmp_path, {"report.html": b""}, Redactor([]), given)
    assert unwritten.value.code == "file-unwritable" and unwritten.value.hint.endswith(advised)
    running.interrupted(tmp_path, profile=name)
    assert f"interop run {folder}--resume {tmp_path}" in capsys.readouterr().err
    running.cut_short(tmp_path, name)
    assert f"interop run {folder}--resume {tmp_path}\n" in capsys.readouterr().err


def test_a_run_that_is_whole_is_not_said_to_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    running.cut_short(tmp_path, "./ours")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("given", "place", "folder"),
    [
        ("./my own", "'./my own'", "'./my own'"),
        ("ours", "", "./ours"),
        ("my own", "", "'./my own'"),
        ("", "", ""),
    ],
)
def test_a_folder_is_named_as_a_command_line_takes_it(given: str, place: str, folder: str) -> None:
    assert (running.as_place(given), running.as_folder(given)) == (place, folder)


def test_what_is_said_of_a_requirement_names_the_folder(folder: Path, done: Path) -> None:
    told = interop("replay", str(done), "--profile-folder", str(folder)).stdout
    (words,) = [line.partition("interop ")[2] for line in told.splitlines() if "interop explain" in line]
    assert words.endswith(f" --profile {folder}")
    explained = interop(*words.split(" "))
    assert explained.returncode == 0, explained.stderr


def test_a_run_does_not_go_on_with_another_profile(folder: Path, tmp_path: Path) -> None:
    """The record is in order: what is wrong is in the folder that the command names."""
    run, ours = tmp_path / "run", shutil.copytree(folder, tmp_path / "ours")
    with processes.supplier(delay_ms=3) as (url, counted):
        process = processes.start(str(ours), "--target", url, "--out", str(run), "-q")
        counted.wait_for(40)
        processes.kill(process)
    rows = ours / "requirements.yaml"
    rows.write_text(rows.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    refused = interop("run", str(ours), "--resume", str(run), "-q")
    told = " ".join(refused.stderr.split())
    assert refused.returncode == 2, told
    assert f"The profile in {ours} is another one than the run in {run} was begun with." in told
    assert "Restore it as it was and go on, or start a new run. (resume-profile)" in told
