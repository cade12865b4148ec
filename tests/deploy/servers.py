"""Servers that tests start: a free port, and waiting until something listens there."""

import socket
import subprocess

import pytest


def free_port() -> int:
    """A port on loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ready(port: int, process: subprocess.Popen) -> None:
    """Wait until something listens on the port; fail when the process that should has ended."""
    while process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
            try:
                process.wait(0.2)
            except subprocess.TimeoutExpired:
                continue
    pytest.fail(f"the server ended with {process.returncode}")
