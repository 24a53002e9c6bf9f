"""Runs one command of a client: its arguments come as JSON on standard input, its result or error goes as JSON to
standard output."""

import json
import sys


def run(commands, error_class):
    """Runs the command that is named on the command line; errors of this class are the client's own."""
    command = commands[sys.argv[1]]
    try:
        json.dump(command(**json.load(sys.stdin)), sys.stdout)
    except error_class as error:
        json.dump({"type": type(error).__name__, "error": error.error}, sys.stdout)
        sys.exit(1)


def answer(response):
    """The answer to a call, be it good or bad."""
    return {"status": response.status_code, "body": response.json()}
