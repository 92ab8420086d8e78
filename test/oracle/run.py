"""
`run.py URL --rows N --seed S`: hands random rows to an empty demonstration ledger, decides each by the contract, and holds
every refusal and every answer of the ledger against what the contract gives. One JSON object on standard output; exit 1
where anything differs.
"""

import argparse
import copy
import datetime
import json
import sys
import time

from answers import Questions
from client import Client
from decisions import Ledger
from desk import UNITS, Desk
from dice import KNOWN, Dice

SNAPSHOTS = 3
SHOWN_MAX = 20
SETTLE_S = 0.02
# Answers asked of a history, about; more rows are asked about more thinly.
HOLDINGS_ASKED = 120


class Comparison:
    def __init__(self):
        self.asked, self.different = 0, []

    def equal(self, what, expected, answered):
        self.asked += 1
        if expected != answered:
            if isinstance(expected, list) and isinstance(answered, list):
                expected, answered = less(expected, answered), less(answered, expected)
            self.different.append({"what": what, "expected": expected, "answered": answered})


def less(one, other):
    """What of a list is not in the other; all of it where only the order differs."""
    rest = list(other)
    left = [entry for entry in one if entry not in rest or rest.remove(entry)]
    return left if len(left) > 0 or len(one) != len(other) else one


def moment():
    """Now, with nothing recorded within the same millisecond."""
    time.sleep(SETTLE_S)
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
    time.sleep(SETTLE_S)
    return now.replace("+00:00", "Z")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    ledger, same = Ledger(KNOWN), Comparison()
    clients = {user: Client(options.url, user) for user in (*UNITS, "centre-checker")}
    dice = Dice(options.seed, ledger)
    desk, snapshots, sent = Desk(clients, ledger, dice, same), [], 0
    while sent < options.rows and not same.different:
        sent += desk.throw(dice.random.choice((1, 1, 2, 5, 12, 30)) if sent > 60 else 6)
        if len(snapshots) < SNAPSHOTS * sent // options.rows:
            snapshots.append((moment(), copy.deepcopy(ledger.books)))
    share = min(1, HOLDINGS_ASKED / max(1, len(ledger.books.holdings("9999"))))
    for known_at, books in [*snapshots, (moment(), ledger.books)]:
        if not same.different:
            Questions(clients["centre-maker"], books, known_at, same).ask(dice, share)
    print(
        json.dumps(
            {
                **{"seed": options.seed, "rows": sum(desk.counted.values()), "compared": same.asked},
                **{"verdicts": dict(sorted(desk.counted.items())), "differences": len(same.different)},
                "different": same.different[:SHOWN_MAX],
            },
            ensure_ascii=False,
        )
    )
    sys.exit(1 if same.different else 0)


main()
