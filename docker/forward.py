"""Pass TCP connections on: the `debug` profile's way to the services, published on the loopback address alone.

usage: forward.py HOST:PORT…     listens on each PORT and connects to HOST:PORT
"""

from __future__ import annotations

import asyncio
import contextlib
import sys

CHUNK = 65536


async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(CHUNK):
            target.write(data)
            await target.drain()
    with contextlib.suppress(ConnectionError, OSError):
        target.write_eof()


async def listen(host: str, port: int) -> asyncio.Server:
    async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(host, port)
        except OSError as away:
            sys.stderr.write(f"{host}:{port} does not answer: {away}\n")
            writer.close()
            return
        await asyncio.gather(copy(reader, far_writer), copy(far_reader, writer))
        far_writer.close()
        writer.close()

    return await asyncio.start_server(passed_on, "0.0.0.0", port)  # noqa: S104 - inside a container


async def main() -> None:
    targets = (address.rsplit(":", 1) for address in sys.argv[1:])
    servers = [await listen(host, int(port)) for host, port in targets]
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(main())
