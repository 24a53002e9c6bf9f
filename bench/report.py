"""Tables and targets: printed while the run goes on, and kept for bench/RESULTS.md."""
from typing import NamedTuple

transcript = []  # every line that was printed
targets = []  # every Target that was evaluated


class Failure(Exception):
    """The run cannot go on; the text says why."""


class Target(NamedTuple):
    """What was aimed at, and what came of it."""
    name: str
    wanted: str
    measured: str
    is_met: bool

    @property
    def verdict(self):
        return "met" if self.is_met else "MISSED"


class Table:
    """Columns of fixed width. The first `texts` columns are aligned to the left, the others to the right."""

    def __init__(self, *columns, texts=1):
        self.columns = columns  # (title, width)
        self.texts = texts
        self.row(*(title for title, _ in columns))

    def row(self, *cells):
        line = []
        for index, (cell, (_, width)) in enumerate(zip(cells, self.columns)):
            line.append(f"{cell:<{width}}" if index < self.texts else f"{cell:>{width}}")
        say("  ".join(line).rstrip())


def say(line=""):
    print(line, flush=True)
    transcript.append(line)


def heading(title, *explanation):
    say()
    say(f"== {title}")
    for line in explanation:
        say(line)
    say()


def note(text):
    say(f"    {text}")


def at_least(name, wanted, measured, unit="x"):
    targets.append(Target(name, f">= {wanted:g}{unit}", f"{measured:.2f}{unit}", measured >= wanted))


def at_most(name, wanted, measured, unit="x"):
    targets.append(Target(name, f"<= {wanted:g}{unit}", f"{measured:.2f}{unit}", measured <= wanted))
