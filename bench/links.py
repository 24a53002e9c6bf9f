"""The links that are stored: each has a title of 8 words, a URL of 4, and one tag.

The words are made up, 4 to 6 letters long, and drawn from 5,000, the same in every run. A `shape` makes of
the number of a link and the words drawn for its title what is stored: its URL, the words of its title, its
tag.
"""
import random

from report import Failure

TAGS = ["books", "music", "travel", "cooking", "science", "history", "games", "work"]
FIFTY = "fifty"  # the tag of 50 links in the shape `with_fifty`
PER_FILE = 10_000


def words(count=5000):
    syllables = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
    generator = random.Random(1)
    made = set()
    while len(made) < count:
        made.add("".join(generator.choices(syllables, k=generator.choice([2, 3, 3]))))
    return sorted(made)


def plain(number, title):
    return f"https://example.org/a/{number}", title, TAGS[number % len(TAGS)]


def with_fifty(number, title):
    url, title, tag = plain(number, title)
    return url, title, FIFTY if number < 50 else tag


def files(count, shape=plain, per_file=PER_FILE):
    """CSV files of up to `per_file` links, together `count` links."""
    vocabulary, generator = words(), random.Random(2)
    for first in range(0, count, per_file):
        lines = ["url,title,tags"]
        for number in range(first, min(first + per_file, count)):
            url, title, tag = shape(number, generator.sample(vocabulary, 8))
            lines.append(f"{url},{' '.join(title)},{tag}")
        yield "\n".join(lines) + "\n"


def fill(client, count, shape=plain):
    """Stores `count` links in the shared account through POST /import."""
    for file in files(count, shape):
        report = client.request("POST", "/import", file.encode(), "text/csv")
        if report["failed"] or report["created"] != report["rows"]:
            raise Failure(f"not everything was imported: {report}")
