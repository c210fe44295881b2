"""Machines of a fleet on this one: each has a network, a name and process numbers of its own, and one cable.

A machine is a network namespace on a bridge, and in it a process in its own PID and UTS namespaces, so that a worker
there sees other workers as it would see those of another computer. Pulling the cable loses packets both ways and tells
nobody, as a broken switch does. Only root may make them.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_NETS = range(1 << 9)
"""198.18.0.0/15 is set aside for tests of networks (RFC 2544): 512 of /24."""


@dataclass
class Machine:
    """One that can lose its cable, and run one program."""

    name: str
    namespace: str
    cable: str
    process: subprocess.Popen[bytes] | None = None

    def run(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        """Start ``command`` there; everything it starts ends with it."""
        inside = ["unshare", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c"]
        named = [f'hostname {self.name} && exec "$@"', "sh", *command]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", self.namespace, *inside, *named], env=environment, stdout=output, stderr=output
            )

    def pull_cable(self) -> None:
        _ip("link", "set", self.cable, "down")

    def plug_in(self) -> None:
        _ip("link", "set", self.cable, "up")

    def lose_power(self) -> None:
        """Whatever runs there is killed; no process is left to say goodbye."""
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait(60)


@dataclass(frozen=True)
class Network:
    """``address`` is where the machines find this one."""

    address: str
    machines: Mapping[str, Machine]


@contextmanager
def network(names: Sequence[str]) -> Iterator[Network]:
    """A bridge with a machine on it for each of ``names``; all gone afterwards, with what runs there."""
    tag = uuid.uuid4().hex[:6]
    bridge = f"nnc{tag}"
    prefix = _add_bridge(bridge)
    machines = {name: Machine(name, f"{bridge}-{name}", f"{bridge}v{number}") for number, name in enumerate(names)}
    try:
        for number, machine in enumerate(machines.values()):
            _connect(machine, bridge, f"{prefix}.{number + 2}/24")
        yield Network(f"{prefix}.1", machines)
    finally:
        for machine in machines.values():
            machine.lose_power()
            _ip("netns", "delete", machine.namespace, check=False)
        _ip("link", "delete", bridge, check=False)


def _add_bridge(name: str) -> str:
    """Returns the network's first three numbers; others may be testing on this machine too."""
    taken = subprocess.run(["ip", "-4", "-o", "address"], capture_output=True, text=True, check=True).stdout
    prefixes = [f"198.{18 + number // 256}.{number % 256}" for number in _NETS]
    prefix = random.choice([one for one in prefixes if f" {one}." not in taken])
    _ip("link", "add", name, "type", "bridge")
    _ip("address", "add", f"{prefix}.1/24", "dev", name)
    _ip("link", "set", name, "up")
    return prefix


def _connect(machine: Machine, bridge: str, address: str) -> None:
    within = ["-n", machine.namespace]
    _ip("netns", "add", machine.namespace)
    _ip("link", "add", machine.cable, "type", "veth", "peer", "name", "eth0", "netns", machine.namespace)
    _ip("link", "set", machine.cable, "master", bridge, "up")
    _ip(*within, "address", "add", address, "dev", "eth0")
    _ip(*within, "link", "set", "eth0", "up")
    _ip(*within, "link", "set", "lo", "up")


def _ip(*arguments: str, check: bool = True) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    assert done.returncode == 0 or not check, f"ip {' '.join(arguments)}: {done.stderr}"
