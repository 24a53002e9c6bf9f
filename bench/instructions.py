"""Processor instructions per request on SQLite, counted by valgrind's callgrind.

The count does not depend on the load of the machine. valgrind does not emulate the SHA instructions, so
hashing counts for more than on a processor that has them. To see where the instructions go, build with
symbols (CARGO_PROFILE_RELEASE_STRIP=false CARGO_PROFILE_RELEASE_DEBUG=line-tables-only) and keep the profile:

    python3 bench/instructions.py BINARY PROFILE-FOLDER
    callgrind_annotate PROFILE-FOLDER/callgrind.read
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

from report import Table, heading, note
from service import Service

WARM_UP, COUNT = 100, 200
SETTINGS = {"TAGLINK__DATABASE__CONNECTIONS": "2"}  # for reading; on SQLite there is one more for writing
REQUESTS = {"read": "GET /link/{id}", "list": "GET /link/?tag= (20 links)", "post": "POST /link/"}


def run(binary, folder):
    heading("instructions: processor instructions per request on SQLite, by valgrind's callgrind",
            f"{COUNT} requests after {WARM_UP} to warm up, one after the other on one connection")
    if not shutil.which("callgrind_control"):
        note("left out: valgrind is not installed (Debian, Ubuntu: apt-get install valgrind)")
        return
    table = Table(("request", 28), ("instructions", 12))
    for kind, name in REQUESTS.items():
        table.row(name, f"{count(kind, binary, folder):,}")


def count(kind, binary, folder):
    """Instructions per request. Leaves the profile in the folder as callgrind.KIND."""
    profile = folder / f"callgrind.{kind}"
    valgrind = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={profile}"]
    database = folder / f"instructions-{kind}.db"
    with Service(binary, f"sqlite:{database}", folder, valgrind, SETTINGS) as service:
        client = service.log_in()
        numbers = iter(range(WARM_UP + WARM_UP + COUNT + 1))

        def post():
            link = f"https://example.org/a/{next(numbers)}"
            return client.request("POST", "/link/", {"link": link, "tag": "w"})["link_id"]

        link = post()
        request = {"read": lambda: client.request("GET", f"/link/{link}"),
                   "list": lambda: client.request("GET", "/link/?tag=w&limit=20"),
                   "post": post}[kind]
        for _ in range(WARM_UP):
            post()
            request()
        switch_counting("on", service)
        for _ in range(COUNT):
            request()
        switch_counting("off", service)
    for path in folder.glob(f"{database.name}*"):
        path.unlink()
    lines = profile.read_text().splitlines()
    totals = [line.split()[1] for line in lines if line.startswith(("summary:", "totals:"))]
    return max(map(int, totals)) // COUNT


def switch_counting(state, service):
    subprocess.run(["callgrind_control", "-i", state, str(service.process.pid)], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: instructions.py BINARY PROFILE-FOLDER")
    with tempfile.TemporaryDirectory() as temporary:
        run(pathlib.Path(sys.argv[1]).absolute(), pathlib.Path(temporary))
        for made in pathlib.Path(temporary).glob("callgrind.*"):
            shutil.move(made, sys.argv[2])
