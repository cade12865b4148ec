"""The Dagster UI on loopback; with --read-only for planners."""

import os
import signal
import socket
import subprocess
import sys

import click

from minzheng.commands import home_option
from minzheng.commands.run import settle
from minzheng.contracts.paths import OWN, ROOT
from minzheng.custody.home import Home
from minzheng.errors import MinzhengError
from minzheng.stopping import heed_interrupts, stop_by
from pipelines.instance import prepare


@click.command()
@home_option
@click.option("--read-only", is_flag=True, help="Nothing can be started or changed: for planners.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=3000,
    show_default=True,
    help="Port on 127.0.0.1.",
)
@click.option("--path-prefix", default="", help="Prefix behind a proxy, for example /dagster.")
def command(home: Home, read_only: bool, port: int, path_prefix: str) -> None:
    """Serve the Dagster UI on 127.0.0.1 until it is stopped with Ctrl-C.

    Example: minzheng ui --read-only
    """

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise MinzhengError(
                f"port {port} is taken: choose another with --port",
                f"端口 {port} 已被占用:请用 --port 另选",
            ) from None
    refuse_faulty_contracts()
    prepare(home)
    if not read_only:
        settle(home)
    where = ["-m", "pipelines.definitions", "-d", str(ROOT)]
    web = [sys.executable, "-m", "pipelines.webserver", *where, "-h", "127.0.0.1", "-p", str(port)]
    web += ["--read-only"] if read_only else []
    web += ["--path-prefix", path_prefix] if path_prefix else []
    commands = (
        [web] if read_only else [web, [sys.executable, "-m", "dagster._daemon", "run", *where]]
    )
    click.echo(f"http://127.0.0.1:{port}{path_prefix}/")
    serve(commands)


def refuse_faulty_contracts() -> None:
    """`MinzhengError` where the home's own contracts hide every asset: the pages would say nothing but an error's number."""
    if OWN.is_dir():
        from quality.contracts_check import faults  # every loader: a second

        for fault in faults():
            raise MinzhengError(
                f"{fault} (minzheng check-contracts lists all)",
                f"数据合同有误：{fault.partition(':')[0]}；运行 minzheng check-contracts 逐条列出，改好再启动",
            )


def serve(commands: list[list[str]]) -> None:
    """Run the processes until one ends or we are told to stop, then stop them all with their children."""
    running = [
        subprocess.Popen(
            one, start_new_session=True, env=os.environ.copy(), preexec_fn=heed_interrupts
        )
        for one in commands
    ]

    def stop(*_: object) -> None:
        for process in running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    stop_by(stop)
    try:
        os.waitpid(-1, 0)
    except ChildProcessError:
        pass
    finally:
        stop()
        for process in running:
            process.wait()
