"""What the databases of a run have in common; throwaway servers on free ports.

Unlike those of scripts/with-databases.sh, these servers sync every commit to the disk: all settings for
durability are on. All other settings have the server's defaults. The caller removes the folder.
"""
import contextlib
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import time

from report import Failure

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Database:
    """What the parts of the benchmark use.

    Each kind has `start` and `stop`; `create` and `drop` for one database; `query`; `describe`, which returns
    the version and the settings for durability; `settle`, which does at once what the database itself does
    some time after many writes; and `sizes`, which returns the bytes of a database as a whole and of each
    table ("T name") and index ("I name").
    """

    def __init__(self, folder):
        self.folder = folder

    @contextlib.contextmanager
    def fresh(self, name):
        """The URL of a new, empty database, which is removed at the end."""
        url = self.create(name)
        try:
            yield url
        finally:
            self.drop(name)


class Server(Database):
    """A server process with a folder of its own."""

    def __init__(self, folder):
        super().__init__(folder)
        self.log = folder / "log"
        self.process = None
        self.port = None

    def start(self):
        self.find_programs()
        self.make_folder()
        self.run(self.init_command(), "cannot make a database")
        for _ in range(3):  # another process may take the port before the server does
            self.port = free_port()
            self.process = self.spawn(self.server_command())
            if self.wait_until_ready():
                return
            self.stop()
        raise Failure(f"{self.name} did not start:\n{self.log.read_text(errors='replace')[-3000:]}")

    def make_folder(self):
        self.folder.mkdir()

    def spawn(self, command, **options):
        # In a new session, so that Ctrl-C does not reach the server: stop() ends it.
        with open(self.log, "ab") as log:
            return subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                                    stderr=log, start_new_session=True, **options)

    def run(self, command, failure):
        self.process = self.spawn(command)
        if self.process.wait() != 0:
            raise Failure(f"{self.name}: {failure}:\n{self.log.read_text(errors='replace')[-3000:]}")
        self.process = None

    def wait_until_ready(self):
        for _ in range(600):
            if self.process.poll() is not None:
                return False
            if self.is_ready():
                return True
            time.sleep(0.1)
        return False

    def stop(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, self.stop_signal)  # with its children; spawn() has made the group
            try:
                self.process.wait(120)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self.process = None

    def execute(self, command):
        answer = subprocess.run(command, capture_output=True, text=True)
        if answer.returncode != 0:
            raise Failure(f"{self.name}: {answer.stderr.strip()}")
        return [tuple(line.split("\t")) for line in answer.stdout.splitlines()]


def find(function, what):
    """Where scripts/find-servers.sh finds a server."""
    answer = subprocess.run(["bash", "-c", f"source scripts/find-servers.sh; {function}"], cwd=ROOT,
                            capture_output=True, text=True)
    if answer.returncode != 0:
        raise Failure(f"{what} is not installed (scripts/setup.sh installs it)")
    return answer.stdout.strip()


def need(program):
    if not shutil.which(program):
        raise Failure(f"{program} is not installed (scripts/setup.sh installs it)")


def free_port():
    """A port below those that the kernel hands out for outgoing connections."""
    while True:
        port = random.randrange(20000, 30000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
