"""Who asks, for counting messages: the peer, or whom a trusted proxy names."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from fastapi import Request


def address_of(request: Request, trusted: tuple[str, ...]) -> str:
    """The nearest address that is no trusted proxy's; ``*`` trusts the peer, whoever it is, and nobody further."""
    peer = request.client.host if request.client else ""
    named = [one.strip() for one in request.headers.get("x-forwarded-for", "").split(",") if one.strip()]
    if "*" in trusted:
        return _plain(named[-1]) if named else _plain(peer)
    for address in [*named, peer][::-1]:
        if not _is_trusted(address, trusted):
            return _plain(address)
    return _plain(named[0]) if named else _plain(peer)


def _is_trusted(address: str, trusted: tuple[str, ...]) -> bool:
    try:
        return any(ip_address(address) in ip_network(one, strict=False) for one in trusted)
    except ValueError:
        return False


def _plain(address: str) -> str:
    """IPv6 visitors change the lower half of their address at will."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
