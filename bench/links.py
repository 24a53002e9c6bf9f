"""The links that are stored: each has a title of 8 words, a URL of 4, and one tag.

The words are made up, 4 to 6 letters long, and drawn from 5,000, the same in every run.
"""
import random

from report import Failure

TAGS = ["books", "music", "travel", "cooking", "science", "history", "games", "work"]
PER_FILE = 10_000


def words(count=5000):
    syllables = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
    generator = random.Random(1)
    made = set()
    while len(made) < count:
        made.add("".join(generator.choices(syllables, k=generator.choice([2, 3, 3]))))
    return sorted(made)


def files(count):
    """CSV files of up to PER_FILE links, together `count` links."""
    vocabulary, generator = words(), random.Random(2)
    for first in range(0, count, PER_FILE):
        lines = ["url,title,tags"]
        for number in range(first, min(first + PER_FILE, count)):
            title = " ".join(generator.sample(vocabulary, 8))
            lines.append(f"https://example.org/a/{number},{title},{TAGS[number % len(TAGS)]}")
        yield "\n".join(lines) + "\n"


def fill(client, count):
    """Stores `count` links in the shared account through POST /import."""
    for file in files(count):
        report = client.request("POST", "/import", file.encode(), "text/csv")
        if report["failed"] or report["created"] != report["rows"]:
            raise Failure(f"not everything was imported: {report}")
