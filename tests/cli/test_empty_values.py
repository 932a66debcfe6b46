"""What was given and says nothing is refused by name: an unset variable is not the same as no option."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import typer
from typer.testing import CliRunner

from interop_harness.cli import app, commands
from interop_harness.cli.blank import TOLD
from interop_harness.errors import UsageError

if not app.registered_commands:
    commands.register(app)
NOBODY = "http://127.0.0.1:1"


def every() -> list[tuple[tuple[str, ...], Any]]:
    """Each command's words, and the command."""
    whole: Any = typer.main.get_command(app)
    found: list[tuple[tuple[str, ...], Any]] = []
    for name, one in whole.commands.items():
        inner = getattr(one, "commands", None)
        found += [((name, part), command) for part, command in inner.items()] if inner else [((name,), one)]
    return found


def texts() -> list[Any]:
    """Every option and argument that takes a text, with the words of a command line that leaves it empty."""
    found = []
    for words, command in every():
        needed = {one.name: one for one in command.params if one.required}
        hints = get_type_hints(inspect.unwrap(command.callback))
        for param in command.params:
            hint = str(hints.get(param.name, ""))
            if not re.search(r"\bstr\b|\bPath\b", hint) or param.name in TOLD.get(words[0], ()):
                continue
            line = list(words)
            spelt = (param.metavar or param.name).upper()
            for one in (*needed.values(), *([] if param.required else [param])):
                option = [] if one.param_type_name == "argument" else [max(one.opts, key=len)]
                line += [*option, "" if one is param else "x"]
                spelt = option[0] if one is param and option else spelt
            found.append(pytest.param(line, spelt, id=" ".join((*words, spelt))))
    return found


@pytest.mark.parametrize(("words", "spelt"), texts())
def test_no_command_takes_an_empty_text(
    words: list[str], spelt: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, words)
    assert isinstance(result.exception, UsageError), (words, result.output, result.exception)
    assert result.exception.message == f"{spelt} names nothing."
    assert result.exception.code == ("target-missing" if spelt in ("TARGET", "--target") else "option-empty")
    assert not list(tmp_path.iterdir())


def test_there_are_such_options_in_every_family() -> None:
    found = {one.id for one in texts()}
    assert len(found) > 90
    assert found >= {
        *("run --challenge", "run --seed", "run --fail-on", "run --only", "run --authorised-by", "run PROFILE"),
        *("plan --claim", "doctor --profile", "doctor TARGET", "sign --issuer", "sign DIR", "verify CERT"),
        *("verify --trust", "trust add --fingerprint", "keys show KEY", "profiles new --title", "init --supplier"),
    }


@pytest.mark.parametrize("given", ["", "   ", "\t"])
@pytest.mark.parametrize("option", ["--challenge", "--seed", "--fail-on", "--only", "--claim", "--authorised-by"])
def test_a_run_is_not_begun(option: str, given: str, tmp_path: Path) -> None:
    words = ("run", "open-referral-uk", "--target", NOBODY, option, given)
    done = subprocess.run(
        [sys.executable, "-m", "interop_harness", *words], check=False, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 2
    assert done.stderr == (
        f"Error: {option} names nothing.\n"
        "       What was given is empty: a script's variable that is not set, say. "
        f"Give it a value, or leave {option} out.\n"
        "       (option-empty)\n"
    )
    assert not list(tmp_path.iterdir())


def test_one_empty_value_among_others_is_refused() -> None:
    result = CliRunner().invoke(app, ["plan", "open-referral-uk", "--claim", "extended=true", "--claim="])
    assert isinstance(result.exception, UsageError) and result.exception.message == "--claim names nothing."


def test_help_is_given_all_the_same() -> None:
    result = CliRunner().invoke(app, ["run", "--challenge", "", "--help"])
    assert result.exit_code == 0 and "--challenge" in result.output


@pytest.mark.parametrize("option", sorted(TOLD["verify"]))
def test_verify_says_so_in_words_of_its_own(option: str, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("")
    spelt = "class" if option == "conformance_class" else option.replace("_", "-")
    result = CliRunner().invoke(app, ["verify", str(tmp_path / "page.html"), f"--{spelt}="])
    error: Any = result.exception
    assert error.exit_code == 2
    assert error.code == ("assurance-unknown" if option == "assurance" else "expectation-empty")
