"""Runs the experiments of the pages and writes their figures and numbers.

    python docs/theory/make_figures.py              # all of them, and the map
    python docs/theory/make_figures.py hinge map    # some

Each experiment is the module beside its page: `measure()` runs it, `draw(results)` makes the figure
and `numbers(results)` says what the page shall report, and within what of the theory it has to be:
of a number that is elsewhere nothing is written. All are seeded.
"""

import argparse
import importlib
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import pages


def main(arguments: list[str] | None = None) -> None:
    """Parses the names and makes what they say."""
    known = [*pages.names(), "map"]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("names", nargs="*", help=f"of {', '.join(known)}; none is all")
    names = parser.parse_args(arguments).names or known
    unknown = sorted(set(names) - set(known))
    if unknown:
        parser.error(f"Expected names of {known}. Received: {unknown}")
    start = time.perf_counter()
    for name in names:
        make(name)
    print(f"{time.perf_counter() - start:.0f} s in all")


def make(name: str) -> None:
    """Runs one experiment, or writes the map."""
    start = time.perf_counter()
    if name == "map":
        importlib.import_module("objectives").write_map()
    else:
        experiment = importlib.import_module(name)
        results = experiment.measure()
        rows = experiment.numbers(results)
        pages.check(rows)
        pages.save_figure(name, experiment.draw(results))
        pages.write_numbers(name, rows, seconds=time.perf_counter() - start)
    print(f"{name}: {time.perf_counter() - start:.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
