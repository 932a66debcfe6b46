"""Which clients the suite plays: drawn for each run, so that a service cannot know them by heart.

Names are those of software in use, with versions that were released. What a client sends is what it sends by itself
when it is asked for an address without further options; clients that prefer some media type to others are played by
their name alone, since an answer may depend on that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations

Headers = tuple[tuple[str, str], ...]
Rank = Callable[[str], str]
Client = tuple[str, Headers]
"""What it is called in a finding, and the headers it sends; an empty value leaves a header out."""

_ANY, _PACKED, _OPEN = ("Accept", "*/*"), ("Accept-Encoding", "gzip, deflate"), ("Connection", "keep-alive")
USUAL = (_ANY, _PACKED, _OPEN)
"""What the suite itself says beside its name."""
_WINDOWS, _MAC, _LINUX = "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64"
CHROME, FIREFOX = range(120, 143), range(120, 146)
_SAFARI = (
    "16.6",
    "17.0",
    "17.1",
    "17.2",
    "17.3",
    "17.4",
    "17.5",
    "17.6",
    "18.0",
    "18.1",
    "18.2",
    "18.3",
    "18.4",
    "18.5",
)
_LANGUAGES = ("en-GB,en;q=0.9", "en-GB,en-US;q=0.9,en;q=0.8", "en-GB,en;q=0.8,en-US;q=0.7", "en-GB,en;q=0.5")
_CURL = (
    *("7.68.0", "7.74.0", "7.76.1", "7.81.0", "7.85.0", "7.87.0", "7.88.1", "8.0.1", "8.1.2", "8.2.1", "8.3.0"),
    *("8.4.0", "8.5.0", "8.6.0", "8.7.1", "8.8.0", "8.9.1", "8.10.1", "8.11.0", "8.11.1", "8.12.1", "8.13.0", "8.14.1"),
)
_REQUESTS = (
    *("2.25.1", "2.26.0", "2.27.1", "2.28.0", "2.28.1", "2.28.2", "2.29.0", "2.30.0", "2.31.0"),
    *("2.32.2", "2.32.3", "2.32.4", "2.32.5"),
)
_AIOHTTP = ("3.8.1", "3.8.3", "3.8.4", "3.8.5", "3.8.6", "3.9.0", "3.9.1", "3.9.3", "3.9.5", "3.10.5", "3.11.11")
_WGET = ("1.20.3", "1.21", "1.21.1", "1.21.2", "1.21.3", "1.21.4", "1.24.5", "1.25.0")
_HTTPIE = ("3.0.2", "3.1.0", "3.2.0", "3.2.1", "3.2.2", "3.2.3", "3.2.4")
_FARADAY = ("v1.10.3", "v2.7.4", "v2.7.10", "v2.8.1", "v2.9.0", "v2.9.2", "v2.10.1", "v2.12.2", "v2.13.1")
_BY_NAME: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("axios/{}", ("0.21.4", "0.27.2", "1.3.6", "1.4.0", "1.5.1", "1.6.8", "1.7.2", "1.7.7", "1.7.9", "1.8.4", "1.9.0")),
    ("okhttp/{}", ("3.14.9", "4.9.0", "4.9.1", "4.9.2", "4.9.3", "4.10.0", "4.11.0", "4.12.0", "5.0.0", "5.1.0")),
    ("Java-http-client/{}", ("11.0.20", "11.0.22", "17.0.6", "17.0.8", "17.0.10", "17.0.12", "21.0.2", "21.0.4")),
    ("Apache-HttpClient/{} (Java/17.0.10)", ("4.5.13", "4.5.14", "5.1.4", "5.2.1", "5.2.3", "5.3.1", "5.4.1")),
    ("PostmanRuntime/{}", ("7.29.2", "7.32.3", "7.36.3", "7.37.3", "7.39.0", "7.42.0", "7.43.0")),
    ("Python-urllib/{}", ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13")),
    ("Go-http-client/{}", ("1.1", "2.0")),
    ("GuzzleHttp/{}", ("6.5.5 curl/7.81.0 PHP/8.1.2", "7")),
)
SUITE = tuple(
    f"python-httpx/{v}" for v in ("0.23.3", "0.24.1", "0.25.2", "0.26.0", "0.27.0", "0.27.2", "0.28.0", "0.28.1")
)
"""Names under which the suite asks as itself once more, where a cache may keep a copy for each name."""


def draw(rank: Rank, label: str, choices: Sequence[str]) -> str:
    """One of the choices, decided by the seed."""
    return choices[int(rank(f"client {label}")[:12], 16) % len(choices)]


def played(group: str, rank: Rank) -> tuple[Client, ...]:
    """The clients of a group (``user-agent``, ``header-order``, ``header-set``) as this run plays them."""
    return {"user-agent": _names, "header-order": _orders, "header-set": _sets}[group](rank)


def _names(rank: Rank) -> tuple[Client, ...]:
    """Nothing but the name differs; it stands where the suite's own stands."""
    libraries = {f"python-requests/{draw(rank, 'requests', _REQUESTS)}", _aiohttp(rank)}
    libraries |= {f"Faraday {draw(rank, 'faraday', _FARADAY)}", f"HTTPie/{draw(rank, 'httpie', _HTTPIE)}"}
    libraries |= {name.format(draw(rank, name, versions)) for name, versions in _BY_NAME}
    libraries.add(f"Wget/{draw(rank, 'wget', _WGET)}")
    one, other = sorted(libraries, key=lambda name: rank(f"client named {name.split('/')[0]}"))[:2]
    return (
        ("a client with a browser's name", (("User-Agent", _browser(rank, "name")[0]),)),
        ("a client with curl's name", (("User-Agent", _curl(rank)),)),
        ("a client with another library's name", (("User-Agent", one),)),
        ("a client with yet another library's name", (("User-Agent", other),)),
    )


def _orders(rank: Rank) -> tuple[Client, ...]:
    """The same headers with the same values, in another order: what is not named here goes in front of what is.

    The suite's own name is never named, for its version is not the same everywhere.
    """
    in_front = sorted(permutations(USUAL), key=lambda order: rank(f"client order {order}"))
    others = sorted((*permutations(USUAL, 2), *permutations(USUAL, 1)), key=lambda order: rank(f"client order {order}"))
    return (
        ("the same client with its name in front", in_front[0]),
        ("the same client with its headers in another order", others[0]),
        ("the same client with its headers in a third order", others[1]),
        ("the same client with its name in front of other headers", in_front[1]),
    )


def _sets(rank: Rank) -> tuple[Client, ...]:
    """Whole header sets, as these clients send them."""
    said = ("Accept-Encoding", "gzip;q=1.0,deflate;q=0.6,identity;q=0.3")
    requests, httpie = draw(rank, "requests", _REQUESTS), draw(rank, "httpie", _HTTPIE)
    wget, faraday = draw(rank, "wget", _WGET), draw(rank, "faraday", _FARADAY)
    libraries: list[Client] = [
        ("a scripting library", (("User-Agent", f"python-requests/{requests}"), _PACKED, _ANY, _OPEN)),
        ("HTTPie", (("User-Agent", f"HTTPie/{httpie}"), _PACKED, _ANY, _OPEN)),
        ("an asynchronous library", (_ANY, _PACKED, ("User-Agent", _aiohttp(rank)), ("Connection", ""))),
        ("a Ruby library", (("User-Agent", f"Faraday {faraday}"), said, _ANY, ("Connection", ""))),
        (
            "wget",
            (
                ("User-Agent", f"Wget/{wget}"),
                _ANY,
                ("Accept-Encoding", "identity"),
                ("Connection", "Keep-Alive"),
            ),
        ),
    ]
    one, other = sorted(libraries, key=lambda client: rank(f"client set {client[0]}"))[:2]
    curl = (("User-Agent", _curl(rank)), _ANY, ("Accept-Encoding", ""), ("Connection", ""))
    return (("a browser", _browser(rank, "set")[1]), ("curl", curl), one, other)


def _curl(rank: Rank) -> str:
    return f"curl/{draw(rank, 'curl', _CURL)}"


def _aiohttp(rank: Rank) -> str:
    python = draw(rank, "python", ("3.8", "3.9", "3.10", "3.11", "3.12"))
    return f"Python/{python} aiohttp/{draw(rank, 'aiohttp', _AIOHTTP)}"


def _browser(rank: Rank, label: str) -> tuple[str, Headers]:
    """A browser's name, and what a page's script makes it send to the page's own host.

    It asks for no fresh copy: a cache would give it another than the suite. Its encodings are those that can be read.
    """
    kind = draw(rank, f"{label} browser", ("Chrome", "Edge", "Firefox", "Safari"))
    system = draw(rank, f"{label} system", (_WINDOWS, _MAC, _LINUX))
    language = ("Accept-Language", draw(rank, f"{label} language", _LANGUAGES))
    fetch = (("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty"))
    if kind == "Firefox":
        version = draw(rank, f"{label} version", [str(number) for number in FIREFOX])
        system = system.replace("10_15_7", "10.15")
        name = f"Mozilla/5.0 ({system}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"
        return name, (("User-Agent", name), _ANY, language, _PACKED, _OPEN, *reversed(fetch))
    if kind == "Safari":
        version = draw(rank, f"{label} version", _SAFARI)
        name = f"Mozilla/5.0 ({_MAC}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{version} Safari/605.1.15"
        return name, (_ANY, fetch[0], language, _PACKED, fetch[1], ("User-Agent", name), fetch[2], _OPEN)
    version = draw(rank, f"{label} version", [str(number) for number in CHROME])
    edge = f" Edg/{version}.0.0.0" if kind == "Edge" else ""
    engine = f"AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36{edge}"
    name = f"Mozilla/5.0 ({system}) {engine}"
    platform = {_WINDOWS: '"Windows"', _MAC: '"macOS"', _LINUX: '"Linux"'}[system]
    hints = (
        ("sec-ch-ua-platform", platform),
        ("User-Agent", name),
        ("sec-ch-ua", _brands(int(version), "Microsoft Edge" if edge else "Google Chrome")),
        ("sec-ch-ua-mobile", "?0"),
    )
    return name, (_OPEN, *hints, _ANY, *fetch, _PACKED, language)


def _brands(version: int, brand: str) -> str:
    """The list of brands as Chromium makes it: its order and the one that means nothing follow from the version."""
    signs, numbers = (" ", "(", ":", "-", ".", "/", ")", ";", "=", "?", "_"), ("8", "99", "24")
    nothing = f"Not{signs[version % 11]}A{signs[(version + 1) % 11]}Brand"
    said = ((nothing, numbers[version % 3]), ("Chromium", str(version)), (brand, str(version)))
    places = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))[version % 6]
    ordered = sorted(zip(places, said, strict=True))
    return ", ".join(f'"{name}";v="{number}"' for _, (name, number) in ordered)
