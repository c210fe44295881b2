"""``httpx.get`` and its like, for services on this machine.

Each call of httpx itself reads every certificate authority of the machine first: 35 ms of a processor, most of what a
test spent on waiting. These share a context that trusts nobody; nothing here speaks TLS.
"""

from __future__ import annotations

import ssl
from functools import partial
from typing import Final

import httpx

NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

get = partial(httpx.get, verify=NO_TLS)
post = partial(httpx.post, verify=NO_TLS)
put = partial(httpx.put, verify=NO_TLS)
request = partial(httpx.request, verify=NO_TLS)
stream = partial(httpx.stream, verify=NO_TLS)
