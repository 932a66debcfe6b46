"""Every command explains itself with an example, quickly and in plain text."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer

from interop_harness import __version__
from interop_harness.cli import app, commands

if not app.registered_commands:
    commands.register(app)


def words() -> list[tuple[str, ...]]:
    found = [(name,) for name in commands.COMMANDS]
    for group in app.registered_groups:
        assert isinstance(group.typer_instance, typer.Typer)
        found += [
            (str(group.name), str(one.name or one.callback.__name__))
            for one in group.typer_instance.registered_commands
        ]
    return found


def interop(*given: str, **more) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "interop_harness", *given]
    return subprocess.run(words, check=False, capture_output=True, text=True, **more)


@pytest.mark.parametrize("command", words(), ids=" ".join)
def test_help_has_an_example(command: tuple[str, ...]) -> None:
    from typer.testing import CliRunner

    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0, result.output
    assert "Example" in result.output, f"{' '.join(command)} --help shows no example"


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        ((), 2, "Usage"),
        (("no-such-command",), 2, "No such command"),
        (("run", "open-referal-uk", "--target", "http://127.0.0.1:1"), 2, "Did you mean open-referral-uk?"),
        (("run", "open-referral-uk"), 2, "--target"),
        (("run", "open-referral-uk", "--target", "ftp://example.org"), 2, "http"),
        (("run", "open-referral-uk", "--target", "https://example.org"), 2, "authorised"),
        (("run", "open-referral-uk", "--target", "http://127.0.0.1:1", "--claim", "nothing=true"), 2, "nothing"),
        (("run", "open-referral-uk", "--target", "http://127.0.0.1:1", "--claim", "basic=false"), 2, "basic"),
        (("run", "open-referral-uk", "--target", "http://127.0.0.1:1", "--workers", "0"), 2, "workers"),
        (("run", "open-referral-uk", "--target", "http://127.0.0.1:1", "--rate", "-1"), 2, "rate"),
        (("run", "open-referral-uk", "--target", "http://127.0.0.1:1", "--seed", "lucky"), 2, "seed"),
        (("run", "open-referral-uk", "--target", "http://127.0.0.1:1", "--only", "NOPE"), 2, "NOPE"),
        (("run", "open-referral-uk", "--target", "http://127.0.0.1:1", "--fail-on", "may"), 2, "fail-on"),
        (("run", "open-referral-uk", "--target", "http://127.0.0.1:1", "--challenge", "short"), 2, "challenge"),
        (("run", "open-referral-uk", "--target", "no-such-file.yaml"), 2, "no-such-file.yaml"),
        (("replay", "no-such-directory"), 3, "cannot be read"),
        (("explain", "ORUK-NOPE-01"), 2, "ORUK-NOPE-01"),
        (("selftest", "open-referral-uk", "--fault", "no-such-fault"), 2, "no-such-fault"),
        (("sandbox", "gov-api-baseline"), 2, "reference supplier"),
    ],
)
def test_wrong_words_end_in_a_sentence_and_the_right_code(given, code, says, tmp_path) -> None:
    done = interop(*given, cwd=tmp_path)
    assert done.returncode == code, done.stdout + done.stderr
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b[" not in done.stdout + done.stderr


def test_an_unreachable_endpoint_leaves_a_complete_run_directory_and_exit_4(tmp_path) -> None:
    done = interop("run", "open-referral-uk", "--target", "http://127.0.0.1:9", "--out", "run", cwd=tmp_path)
    assert done.returncode == 4, done.stderr
    written = {path.name for path in (tmp_path / "run").iterdir()}
    assert {"report.json", "report.html", "evidence.jsonl.gz", "junit.xml", "summary.md"} <= written
    assert interop("replay", "run", "--check", cwd=tmp_path).returncode == 0


def test_an_unwritable_directory_is_said_before_anything_is_sent(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    done = interop("run", "open-referral-uk", "--target", "http://127.0.0.1:9", "--out", "file/run", cwd=tmp_path)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    done = interop("run", "open-referral-uk", "--target", "http://127.0.0.1:9", "--out", "file", cwd=tmp_path)
    assert done.returncode == 2
    assert "file is no directory" in done.stderr


def test_the_version_is_told() -> None:
    assert interop("--version").stdout == f"interop-harness {__version__}\n"
