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

from answers import Questions
from client import Client
from comparison import Comparison, moment
from decisions import Ledger
from desk import UNITS, Desk
from dice import KNOWN, Dice
from evidence import check
from lists import OpenLists
from searches import search
from strangers import ask_as_stranger

SNAPSHOTS = 3
SHOWN_MAX = 20
# Answers asked of a history, about; more rows are asked about more thinly.
HOLDINGS_ASKED = 40
EVIDENCE_OF = ("450124", "451003")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--evidence", action="store_true")
    options = parser.parse_args()
    ledger, same = Ledger(KNOWN), Comparison()
    clients = {user: Client(options.url, user) for user in (*UNITS, "centre-checker")}
    dice, centre = Dice(options.seed, ledger), clients["centre-maker"]
    desk, lists, snapshots, sent = Desk(clients, ledger, dice, same), OpenLists(centre, same), [], 0
    while sent < options.rows and not same.different:
        sent += desk.throw(dice.random.choice((1, 1, 2, 5, 12, 30)) if sent > 60 else 6)
        if len(snapshots) < SNAPSHOTS * sent // options.rows:
            snapshots.append((moment(), copy.deepcopy(ledger.books)))
            lists.begin(desk, next(iter(ledger.books.allocations), None))
    lists.finish()
    lists.log()
    share = min(1, HOLDINGS_ASKED / max(1, len(ledger.books.holdings("9999"))))
    for known_at, books in [*snapshots, (moment(), ledger.books)]:
        if not same.different:
            Questions(centre, books, known_at, same).ask(dice, share)
    if not same.different:
        today = datetime.date.today().isoformat()
        ask_as_stranger(options.url, ledger, today, same)
        inspector = Client(options.url, "inspector")
        search(inspector, ledger.books, today, same)
        for region in EVIDENCE_OF if options.evidence else ():
            check(inspector, region, "2022-01-01", same)
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
