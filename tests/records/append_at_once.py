"""A writer in a process of its own: waits for the file that starts the race, then appends clients. Prints what became of them."""

import sys
import time
from pathlib import Path

from records.lake import Lake
from tests.ledger import Ledger


def main(root: Path, go: Path, *names: str) -> None:
    ledger = Ledger()
    for name in names:
        ledger.client(name)
    rows = ledger.frames()["client"]
    print("ready", flush=True)  # noqa: T201 - how it talks to the test
    while not go.exists():
        time.sleep(0.0005)
    done = Lake(root).append("client", rows)
    print(done.accepted, done.duplicate, done.conflicting.height)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
