"""Writes the results: bench/RESULTS.md, and in docs/ the chart and the tables of PERFORMANCE.md."""
import statistics

import chart
import rates
from database import ROOT
from report import targets, transcript

RESULTS, PAGE, CHART = ROOT / "bench/RESULTS.md", ROOT / "docs/PERFORMANCE.md", ROOT / "docs/performance.svg"
PICTURE = "![Requests per second of taglink and its peers](performance.svg)"
BEGIN, END = "<!-- written by make bench: begin -->", "<!-- written by make bench: end -->"


def write(machine):
    """`machine` are the lines that say what was measured where."""
    verdicts = table(["target", "wanted", "measured", "verdict"],
                     [(target.name, target.wanted, target.measured, target.verdict) for target in targets])
    RESULTS.write_text("\n".join([
        "# Results of the benchmark", "", "Written by `make bench`.", "", "## Targets", "", *verdicts, "",
        "## Measurements", "", "```text", *transcript, "```", ""]))
    before, _, rest = PAGE.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text("\n".join([before + BEGIN, "", PICTURE, "", *verdicts, "", *rate_table(), "", "```text", *machine, "```",
                               "", END + after]))
    CHART.write_text(chart.svg(rates.rates))


def rate_table():
    names = [who for who in rates.rates[rates.READ] if who not in (rates.QUIET, rates.LOOP)]
    rows = [[request, *(f"{statistics.median(by_name[who]):,.0f}" if who in by_name else "" for who in names)]
            for request, by_name in rates.rates.items()]
    return table(["requests per second", *names], rows, numbers=len(names))


def table(titles, rows, numbers=0):
    """A table in Markdown; the last columns are numbers."""
    rule = ["---"] * (len(titles) - numbers) + ["--:"] * numbers
    return ["| " + " | ".join(cells) + " |" for cells in (titles, rule, *rows)]
