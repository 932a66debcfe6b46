"""TLS settings: always verified, one context for all connections, a private authority added by ca_file."""

from __future__ import annotations

import ssl
from pathlib import Path

from interop_harness.errors import TargetError
from interop_harness.transport.credentials import ClientCertificate


def client_context(ca_file: Path | None, certificate: ClientCertificate | None = None) -> ssl.SSLContext:
    """The context for every connection of a run. Raises TargetError for a file that cannot be used.

    The authorities are certifi's, as in httpx: the same on every machine. Environment variables that would
    change them, or write the session keys to a file, are not read.
    """
    import certifi

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # The same strictness on every Python: 3.13 changed its defaults.
    context.verify_flags = ssl.VERIFY_X509_TRUSTED_FIRST | ssl.VERIFY_X509_PARTIAL_CHAIN
    # An end of the connection in the midst of TLS is to be told from its closure (RFC 8446, 6.1; RFC 9112, 9.8).
    context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    context.load_verify_locations(cafile=certifi.where())
    if ca_file is not None:
        add_authority(context, ca_file)
    if certificate is not None:
        add_certificate(context, certificate)
    return context


def add_authority(context: ssl.SSLContext, ca_file: Path) -> None:
    try:
        context.load_verify_locations(cafile=str(ca_file))
    except (OSError, ValueError) as error:
        raise TargetError(
            "target-ca-file",
            f"ca_file {ca_file} cannot be used: {_reason(error)}.",
            "It must hold one or more certificates in PEM form (-----BEGIN CERTIFICATE-----).",
        ) from error


def add_certificate(context: ssl.SSLContext, certificate: ClientCertificate) -> None:
    try:
        # Without the callback OpenSSL would ask for a passphrase on the terminal.
        context.load_cert_chain(
            str(certificate.certificate_file), str(certificate.key_file), password=lambda: certificate.password
        )
    except (OSError, ValueError) as error:
        raise TargetError(
            "target-client-certificate",
            f"The client certificate {certificate.certificate_file} cannot be used: {_reason(error)}.",
            "certificate_file and key_file must be a matching pair in PEM form; "
            "an encrypted key needs key_password_env.",
        ) from error


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "it is not in PEM form").lower().replace("_", " ")
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "it is not in PEM form"
