"""``bin/demo``: start, stop and watch the demo server.

The rule: this process imports nothing of Zope's; the server is a process of
its own (zope.app.fssync.demo.server), which inherits the listening socket and
the lock of the data folder.  That is why it needs no daemon manager: a port in
use is known before anything starts, the first request waits in the socket's
queue until the server answers it, and nothing depends on the length of a path,
as the control socket of a daemon manager would.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import errno
import http.client
import importlib.util
import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from collections.abc import Sequence

from zope.app.fssync.demo.instance import Instance
from zope.app.fssync.demo.instance import Running
from zope.fssync.errors import Error
from zope.fssync.limits import COMMAND_TIME
from zope.fssync.limits import DEMO_BACKLOG
from zope.fssync.limits import START_TIME
from zope.fssync.limits import STOP_TIME

__all__ = ["main"]

HOST = "127.0.0.1"
PORT = 8080
LOGIN = "zsync:zsync"


#: what the init scripts of Linux answer for "not running"
NOT_RUNNING = 3

VERBS = {
    "start": "start the server; done when it has answered a request",
    "stop": "stop the server",
    "restart": "stop it if it runs, then start it where it was",
    "status": "say whether it runs (exit code 0) or not (3)",
    "fg": "run it in this terminal until Ctrl-C",
    "logtail": "print the end of the log and what is added, until Ctrl-C",
    "sample": "fill a folder called demo with sample content",
    "tour": "run the walk of README.txt on a throw-away server",
}


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=DEMO_BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Error(
                f"Port {port} of {host} is in use by another program.",
                advice="Stop that program, or choose another port: "
                f"demo start --port {port + 1 if port < 65535 else 8081}",
            ) from error
        reason = error.strerror or str(error)
        raise Error(f"Cannot listen on port {port} of {host}: {reason}.") from error
    except OverflowError as error:
        raise Error(f"There is no port {port}.") from error


def check_installed() -> None:
    """Return whether the packages of the application are installed."""
    for package in ("waitress", "zope.app.wsgi", "zope.app.zcmlfiles", "zope.login"):
        if importlib.util.find_spec(package) is None:
            raise Error(
                f"The demo server needs packages that are not installed: {package}.",
                advice="Install them with: pip install 'zope.app.fssync[app]'",
            )


def server_command(instance: Instance, lock: int, *todo: str) -> list[str]:
    module = "zope.app.fssync.demo.server"
    data = str(instance.data)
    return [sys.executable, "-m", module, "--data", data, "--lock", str(lock), *todo]


def server_environment() -> dict[str, str]:
    """The server finds packages where this process does, and prints as it does.

    Its threads share one heap: glibc would keep what was freed for each of them.
    """
    return dict(
        {"MALLOC_ARENA_MAX": "1", **os.environ},
        PYTHONPATH=os.pathsep.join(filter(None, sys.path)),
        PYTHONIOENCODING=f"{sys.stdout.encoding}:backslashreplace",
    )


@contextlib.contextmanager
def locked(instance: Instance) -> Iterator[int]:
    """The lock, until the block ends; a process started in it may keep it."""
    check_installed()
    instance.prepare()
    lock = instance.acquire()
    if lock is None:
        running = instance.running()
        where = f" at {running.url}" if running else ""
        raise Error(f"The demo server runs already{where}.")
    try:
        yield lock
    finally:
        os.close(lock)


def first_request(running: Running, process: subprocess.Popen[bytes]) -> str | None:
    """Why the server did not answer, or None."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(running.host, running.host)
    connection = http.client.HTTPConnection(host, running.port, timeout=START_TIME)
    try:
        connection.request("GET", "/")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    finally:
        connection.close()
    return f"the first request was answered with status {status}" * (status >= 500)


def start(instance: Instance, host: str, port: int) -> None:
    """Start the server and wait for its first answer."""
    with locked(instance) as lock:
        with listen(host, port) as listener, instance.log.open("ab") as log:
            running = Running(0, host, listener.getsockname()[1])
            socket_option = f"--socket={listener.fileno()}"
            process = subprocess.Popen(
                server_command(instance, lock, socket_option),
                env=server_environment(),
                cwd=instance.data,
                pass_fds=(lock, listener.fileno()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            running = Running(process.pid, host, running.port)
            instance.claim(lock, running)
        # From here on only the server holds the socket: its end ends our wait.
        failure = first_request(running, process)
    if failure:
        process.terminate()
        process.wait()
        raise Error(
            f"The demo server did not start: {failure}.\n{instance.log_tail()}",
            advice=f"The whole log is in {instance.log}",
        )
    # It outlives us on purpose; tell Popen not to mind.
    process.returncode = 0
    print(f"The demo server runs at {running.url} (pid {process.pid}).")
    print(f"Manage it at {running.url}/manage, login zsync, password zsync.")
    if host not in ("127.0.0.1", "::1", "localhost"):
        print("Everybody who can reach this machine knows this password.")


def foreground(instance: Instance, host: str, port: int) -> None:
    """Become the server."""
    with locked(instance) as lock, listen(host, port) as listener:
        running = Running(os.getpid(), host, listener.getsockname()[1])
        instance.claim(lock, running)
        print(f"The demo server runs at {running.url}; Ctrl-C stops it.", flush=True)
        os.set_inheritable(lock, True)
        os.set_inheritable(listener.fileno(), True)
        command = server_command(instance, lock, f"--socket={listener.fileno()}")
        os.execve(command[0], command, server_environment())


def stop(instance: Instance) -> None:
    running = instance.running()
    if running is None:
        print("The demo server does not run.")
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(running.pid, signal.SIGTERM)
    if not instance.wait_until_stopped(STOP_TIME):
        raise Error(
            f"The demo server (pid {running.pid}) does not stop.",
            advice="It may be busy with a request; look at the log: demo logtail",
        )
    print("The demo server has stopped.")


def status(instance: Instance) -> int:
    running = instance.running()
    if running is None:
        print("The demo server does not run.")
        return NOT_RUNNING
    print(f"The demo server runs at {running.url} (pid {running.pid}).")
    return 0


def logtail(instance: Instance) -> None:
    """Follow the log as ``tail -f`` does."""
    instance.prepare()
    instance.log.touch()
    print(instance.log_tail(), flush=True)
    with instance.log.open("rb") as log:
        log.seek(0, os.SEEK_END)
        while True:
            line = log.readline()
            if line:
                sys.stdout.write(line.decode("utf-8", "replace"))
                sys.stdout.flush()
            else:
                time.sleep(0.2)


def sample(instance: Instance) -> None:
    """Fill the demo folder: through the server, or without it in its database."""
    running = instance.running()
    if running is None:
        with locked(instance) as lock, instance.log.open("ab") as log:
            done = subprocess.run(
                server_command(instance, lock, "--sample"),
                env=server_environment(),
                pass_fds=(lock,),
                stderr=log,
            )
        if done.returncode:
            raise Error(
                f"The demo folder could not be filled.\n{instance.log_tail()}",
                advice=f"The whole log is in {instance.log}",
            )
        return
    connection = http.client.HTTPConnection(
        running.host, running.port, timeout=COMMAND_TIME
    )
    authorization = "Basic " + base64.b64encode(LOGIN.encode()).decode()
    try:
        connection.request(
            "POST", "/@@demo-sample", headers={"Authorization": authorization}
        )
        answer = connection.getresponse()
        text = answer.read().decode()
    except (OSError, http.client.HTTPException) as error:
        raise Error(f"The demo server does not answer: {error}") from error
    finally:
        connection.close()
    if answer.status != 200:
        raise Error(
            f"The demo server refused: {answer.status} {answer.reason}.",
            advice=f"Its log says why: {instance.log}",
        )
    print(text, end="")


def _parser(default_data: str) -> argparse.ArgumentParser:
    verbs = "\n".join(f"  {verb:9} {text}" for verb, text in VERBS.items())
    parser = argparse.ArgumentParser(
        prog="demo",
        description="Controls the demo server of zope.app.fssync.",
        epilog=f"commands:\n{verbs}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=VERBS, metavar="COMMAND")
    parser.add_argument("--host", help=f"listen on this address (default {HOST})")
    parser.add_argument(
        "--port", type=int, help=f"listen on this port (default {PORT}; 0: a free one)"
    )
    parser.add_argument(
        "--data",
        metavar="DIR",
        default=default_data,
        help=f"folder of database, log and configuration (default {default_data})",
    )
    return parser


def run(options: argparse.Namespace) -> int:
    instance = Instance(options.data)
    host, port = options.host or HOST, PORT if options.port is None else options.port
    match options.command:
        case "start":
            running = instance.running()
            elsewhere = (options.host or options.port) is not None
            if running is not None and not elsewhere:
                return status(instance)
            start(instance, host, port)
        case "restart":
            running = instance.running()
            stop(instance)
            if running is not None:
                host = options.host or running.host
                port = running.port if options.port is None else options.port
            start(instance, host, port)
        case "fg":
            foreground(instance, host, port)
        case "stop":
            stop(instance)
        case "status":
            return status(instance)
        case "logtail":
            logtail(instance)
        case "sample":
            sample(instance)
        case "tour":
            from zope.app.fssync.demo.tour import main as tour

            return tour()
    return 0


def main(
    args: Sequence[str] | None = None,
    *,
    default_data: str = os.path.join("parts", "demo"),
) -> int:
    """The ``demo`` command; returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a letter shows its number.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    parser = _parser(default_data)
    options = parser.parse_args(args)
    if options.command not in ("start", "restart", "fg"):
        for name in ("host", "port"):
            if getattr(options, name) is not None:
                parser.error(f"--{name} goes with start, restart and fg")
    try:
        return run(options)
    except Error as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
