"""Processes that are measured, taglink among them, and an HTTP client for them."""
import http.client
import json
import os
import pathlib
import secrets
import subprocess
import time
import urllib.parse

from report import Failure

PASSWORD = "benchmark-password"


class Process:
    """A program that runs while the `with` block lasts, and which has started when it has printed a text."""

    def __init__(self, folder, text, times=1):
        self.folder, self.text, self.times = folder, text, times
        self.log = folder / "log"

    def __enter__(self):
        self.folder.mkdir(exist_ok=True)  # empty, so that no settings file is read
        with open(self.folder / "output", "wb") as output, open(self.log, "wb") as log:
            self.process = subprocess.Popen(self.command, cwd=self.folder, env=self.environment,
                                            stdin=subprocess.DEVNULL, stdout=output, stderr=log)
        try:
            for _ in range(6000):
                if self.output().count(self.text) >= self.times:
                    return self
                if self.process.poll() is not None:
                    break
                time.sleep(0.02)
            raise Failure(f"{self.command} did not start:\n{self.output()[-3000:]}")
        except BaseException:
            self.__exit__()
            raise

    def output(self):
        return "".join(path.read_text(errors="replace") for path in (self.folder / "output", self.log))

    def __exit__(self, *_error):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()


class Service(Process):
    """`taglink serve` on a free port of 127.0.0.1, while the `with` block lasts.

    `wrapper` is a command that runs the program, such as valgrind; `settings` are additional environment
    variables. With the access log on, as by default for users, the log is written to /dev/null.
    """

    def __init__(self, binary, url, folder, wrapper=(), settings=None, access_log=False):
        super().__init__(folder / ("logging" if access_log else "service"), "listening on http://")
        if access_log:
            self.log = pathlib.Path(os.devnull)
        self.command = [*wrapper, binary, "serve"]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TAGLINK__")}
        self.environment = {
            **inherited,
            "TAGLINK__DATABASE__URL": url,
            "TAGLINK__SERVER__PORT": "0",
            "TAGLINK__LOG__LEVEL": "info" if access_log else "warn",
            "TAGLINK__BOOTSTRAP__PASSWORD": PASSWORD,
            "TAGLINK__AUTHENTICATION__SECRET_KEY": secrets.token_hex(32),
            "TAGLINK__AUTHENTICATION__ACCESS_TOKEN_MINUTES": "1440",  # outlasts the storing of many links
            **(settings or {}),
        }

    def __enter__(self):
        super().__enter__()
        self.base = self.output().split("listening on ")[1].split()[0]
        return self

    def log_in(self, scope=None):
        """A client with the token of the first user."""
        return self.client(self.client().request(*login(scope))["access_token"])

    def client(self, token=None):
        """A client with a connection of its own."""
        return Client(self.base, token)


def login(scope=None):
    """The request that logs the first user in: what `Client.send` takes."""
    form = {"username": "apiuser", "password": PASSWORD, **({"scope": scope} if scope else {})}
    return "POST", "/token/", urllib.parse.urlencode(form), "application/x-www-form-urlencoded"


class Client:
    """Requests one after the other on one connection."""

    def __init__(self, base, token=None, timeout=3600):
        self.base = base
        self.token = token
        self.connection = http.client.HTTPConnection(base.removeprefix("http://"), timeout=timeout)

    def send(self, method, path, body=None, content_type="application/json"):
        """The answer, and its text."""
        headers = {"Content-Type": content_type} if body is not None else {}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if not isinstance(body, (str, bytes, type(None))):
            body = json.dumps(body)
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer, answer.read()

    def request(self, method, path, body=None, content_type="application/json"):
        """What was answered, which must be a success."""
        answer, text = self.send(method, path, body, content_type)
        if answer.status != 200:
            problem = text[:500].decode(errors="replace")
            raise Failure(f"{method} {path} was answered {answer.status}: {problem}")
        return json.loads(text)
