"""Load on 127.0.0.1 with wrk."""
import os
import pathlib
import subprocess
from typing import NamedTuple

from report import Failure, note

FOLDER = pathlib.Path(__file__).resolve().parent
TAGS = 8  # that exist in each account ("tag 0", ...); a written link gets one of them


class Measured(NamedTuple):
    """Successful requests per second, and milliseconds, if the script tells them."""
    rate: float
    p50: float = 0
    p99: float = 0


class Load:
    """Runs wrk with the token of a client, on at most two threads."""

    script = "requests.lua"

    def __init__(self, client, seconds):
        self.client = client
        self.seconds = seconds
        self.runs = 0
        self.environment = {}  # additional variables for the script

    def start(self, path, connections, accounts=None, form=None):
        """Begins GET of the path, or POST: of new links in these accounts (None: the shared one), or of a form."""
        self.runs += 1
        threads = min(2, connections)
        environment = {**os.environ, "BENCH_TOKEN": self.client.token or "", "BENCH_THREADS": str(threads),
                       "BENCH_TAGS": str(TAGS), "BENCH_RUN": f"run-{os.getpid()}-{self.runs}",
                       **({} if accounts is None else {"BENCH_ACCOUNTS": " ".join(accounts) or "shared"}),
                       **({} if form is None else {"BENCH_FORM": form}), **self.environment}
        command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{self.seconds}s", "--timeout", "15s",
                   "-s", FOLDER / self.script, self.client.base + path]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   text=True)
        return lambda: self.finish(process, path)

    @staticmethod
    def finish(process, path):
        """Waits for the end of what `start` began."""
        output = process.communicate()[0]
        results = [line for line in output.splitlines() if line.startswith("RESULT ")]
        if process.returncode != 0 or not results:
            raise Failure(f"wrk failed: {output}")
        requests, microseconds, refused, lost, *times = map(int, results[0].split()[1:])
        if refused or lost:
            note(f"{path}: {refused} of {requests} requests were answered with an error, {lost} not at all")
        return Measured((requests - refused) / (microseconds / 1e6), *(time / 1000 for time in times))

    def run(self, *arguments, **options):
        return self.start(*arguments, **options)()

    def rate(self, *arguments, **options):
        """Successful requests per second."""
        return self.run(*arguments, **options).rate
