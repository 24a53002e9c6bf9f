"""Plain-text tables, printed line by line while the run goes on."""


class Failure(Exception):
    """The run cannot go on; the text says why."""


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
        print("  ".join(line).rstrip(), flush=True)


def heading(title, *explanation):
    print(f"\n== {title}")
    for line in explanation:
        print(line)
    print(flush=True)


def note(text):
    print(f"    {text}", flush=True)
