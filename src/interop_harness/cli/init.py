"""``interop init``: writes a commented target file, by asking or from options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    path: Annotated[Path, typer.Argument(help="The file to write.")] = Path("target.yaml"),
    base_url: Annotated[str, typer.Option(help="The address under test.")] = "",
    supplier: Annotated[str, typer.Option(help="Who supplies the product.")] = "",
    product: Annotated[str, typer.Option(help="The product's name.")] = "",
    version: Annotated[str, typer.Option(help="The product's version.")] = "",
    environment: Annotated[str, typer.Option(help="production, preproduction, test or development.")] = "",
    auth: Annotated[
        str,
        typer.Option(help="none, api-key, bearer, basic, oauth2-client-credentials or client-certificate."),
    ] = "",
    authorised_by: Annotated[str, typer.Option(help="Who allowed tests of this endpoint.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file without asking.")] = False,
) -> None:
    """Write a target file: whose service it is, where it answers, how to be let in.

    Asks for what is not given when a person sits at the terminal.

    Example:  interop init --base-url http://127.0.0.1:8080 --supplier "Example Ltd" --product Directory
    """
    import sys
    from urllib.parse import urlsplit

    from interop_harness.errors import TargetError, UsageError
    from interop_harness.implementation import AUTH_KINDS, ENVIRONMENTS, check_base_url, is_loopback, parse_target

    asking = sys.stdin.isatty() and sys.stdout.isatty()
    if path.exists() and not force and not (asking and typer.confirm(f"{path} exists. Overwrite it?", default=False)):
        raise UsageError("init-exists", f"{path} exists and was left as it is.", "Name another file, or use --force.")

    def ask(question: str, given: str, default: str) -> str:
        if given or not asking:
            return given or default
        answer: str = typer.prompt(question, default=default, show_default=bool(default))
        return answer.strip()

    address = ask("Address under test (https://…)", base_url, "")
    if not address:
        raise UsageError("init-base-url", "The address under test is not given.", "Add --base-url https://….")
    address = check_base_url(address)
    here = is_loopback(urlsplit(address).hostname or "")
    answers = {
        "base_url": address,
        "supplier": ask("Supplier", supplier, "not stated"),
        "product": ask("Product", product, "not stated"),
        "version": ask("Version of the product", version, "not stated"),
        "environment": ask(f"Environment ({', '.join(ENVIRONMENTS)})", environment, "development" if here else "test"),
    }
    kind = ask(f"Credentials ({', '.join(AUTH_KINDS)})", auth, "none")
    if kind not in AUTH_KINDS:
        raise TargetError("target-value", f"{kind} is no kind of credentials.", f"Known: {', '.join(AUTH_KINDS)}.")
    answers["authorised_by"] = authorised_by if here else ask("Who allowed tests of it", authorised_by, "")
    text = target_text(answers, kind)
    parse_target(text, str(path), path.parent)
    _write(path, text)
    typer.echo(f"Wrote {path}. Next:  interop doctor {path}")


def target_text(answers: dict[str, str], kind: str) -> str:
    """A target file with a comment on every key."""

    def quoted(name: str) -> str:
        text = answers[name].replace("\\", "\\\\").replace('"', '\\"')
        return f'"{text}"'

    return f"""\
# A target file: what is tested, and how to be let in. It holds no secrets and can be kept in version control.

# Who supplies what. These stand on the certificate.
supplier: {quoted("supplier")}
product: {quoted("product")}
version: {quoted("version")}

# production, preproduction, test or development. A plain-HTTP address on this machine is always development.
environment: {quoted("environment")}

# Where it answers: everything before the paths that the standard names.
base_url: {quoted("base_url")}

# Who allowed tests of this endpoint. Needed for every address that is not on this machine.
authorised_by: {quoted("authorised_by")}

# Credentials. Secrets are read from environment variables (INTEROP_…) or files, never from here.
{_AUTH[kind]}
# Conformance classes claimed (true) or expressly not offered (false). Mandatory classes need no claim.
claims: {{}}
#  extended: true

# Answers to the questions that no test can answer (interop profiles show PROFILE lists them).
declarations: {{}}

# Known identifiers and values that tests need, where the profile asks for them.
facts: {{}}

# limits:
#   timeout: 30          # seconds for one exchange
#   rate: 10             # requests a second at most
#   max_wait: 30         # the longest Retry-After waited for, in seconds

# A private certificate authority, in PEM form. Verification cannot be switched off.
# ca_file: authority.pem

# A proxy; without it HTTPS_PROXY and NO_PROXY apply. Its user:password goes into INTEROP_PROXY_CREDENTIALS.
# proxy: http://proxy.example:3128
"""


_AUTH = {
    "none": "auth:\n  kind: none\n",
    "api-key": (
        "auth:\n  kind: api-key\n  in: header            # or query or form\n  name: X-API-Key\n"
        "  value_env: INTEROP_API_KEY\n"
    ),
    "bearer": "auth:\n  kind: bearer\n  token_env: INTEROP_TOKEN\n",
    "basic": "auth:\n  kind: basic\n  username_env: INTEROP_USERNAME\n  password_env: INTEROP_PASSWORD\n",
    "oauth2-client-credentials": (
        "auth:\n  kind: oauth2-client-credentials\n  token_url: https://login.example/token\n"
        '  scope: ""\n  client_id_env: INTEROP_CLIENT_ID\n  client_secret_env: INTEROP_CLIENT_SECRET\n'
    ),
    "client-certificate": (
        "auth:\n  kind: client-certificate\n  certificate_file: client.pem\n  key_file: client-key.pem\n"
        "#  key_password_env: INTEROP_KEY_PASSWORD\n"
    ),
}


def _write(path: Path, text: str) -> None:
    from interop_harness.errors import UsageError

    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(text, "utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UsageError("init-write", f"{path} cannot be written: {error.strerror}.") from error
