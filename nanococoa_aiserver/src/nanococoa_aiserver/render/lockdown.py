"""How a page is kept from reaching anything: switches of the browser, options of the page, and a policy in the HTML.

Each alone leaks (measured with hostile pages: aborted routes leave prefetch and WebSocket open, a policy leaves
``<meta http-equiv=refresh>``), all together leave nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from nanococoa_aiserver.errors import RenderFailed

SWITCHES: Final = (
    # no way out: every address resolves to nothing and the proxy is a port where nobody listens
    "--proxy-server=127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--disable-background-networking",
    "--disable-extensions",
    "--no-first-run",
    "--disable-features=Translate,MediaRouter,OptimizationHints",
    # the same pixels everywhere, and pictures decoded before a frame is shown
    "--disable-gpu",
    "--font-render-hinting=none",
    "--disable-lcd-text",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--disable-checker-imaging",
    "--disable-dev-shm-usage",
    # a screenshot waits for no display's refresh: 6-10 ms each
    "--disable-gpu-vsync",
    "--disable-frame-rate-limit",
)

PAGE_OPTIONS: Final[Mapping[str, Any]] = {
    "java_script_enabled": False,
    "offline": True,
    "service_workers": "block",
    "accept_downloads": False,
}

LARGEST_PAGE = 24_000_000  # characters; a scene as a data: URI is 0.2-3 MB
LARGEST_MARKUP = 400_000  # characters without data: URIs; a style's page is 10-40 kB

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'; frame-src 'none'"
)
_PLANES = (
    "html,body{background:transparent!important}"
    "html[data-plane=front] .back,html[data-plane=front] .back *,"
    "html[data-plane=back] .front,html[data-plane=back] .front *{visibility:hidden!important}"
    "html[data-textless] *,html[data-textless] *::before,html[data-textless] *::after{"
    "-webkit-text-fill-color:transparent!important;-webkit-text-stroke-color:transparent!important;"
    "text-decoration-color:transparent!important;text-emphasis-color:transparent!important}"
    "html[data-textless] svg text,html[data-textless] svg tspan{fill:transparent!important;stroke:none!important}"
)
_HEAD = (
    '<!doctype html><meta charset="utf-8">'
    f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><style>{_PLANES}</style>'
)
_DATA_URI = re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,[A-Za-z0-9+/=]+")


def guarded(html: str) -> str:
    """The page with the policy in front of everything else (a later doctype, ``<html>`` or ``<head>`` still counts).

    Raises RenderFailed when the page is larger than any style makes it.
    """
    if len(html) > LARGEST_PAGE or len(_DATA_URI.sub("", html)) > LARGEST_MARKUP:
        raise RenderFailed(reason="page too large")
    return _HEAD + html
