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

from alerts import alerts
from client import Client
from days import later, unpadded
from decisions import Ledger
from dice import KNOWN, REGIONS, Dice
from moves import trace_down, trail

UNITS = {"centre-maker": "000000", "maker": "450000", "county-maker": "450124"}
SNAPSHOTS = 3
DAYS = ("2018-03-31", "2018-12-31", "2019-06-30", "2020-02-29", "2022-01-01")
SHOWN_MAX = 20
SETTLE_S = 0.02


class Comparison:
    def __init__(self):
        self.asked, self.different = 0, []

    def equal(self, what, expected, answered):
        self.asked += 1
        if expected != answered:
            self.different.append({"what": what, "expected": expected, "answered": answered})


def hand_in(makers, checker, ledger, dice, rows, same):
    """Submissions of one kind each until so many rows were handed in; the verdicts counted."""
    verdicts, sent = {}, 0
    snapshots = []
    while sent < rows and not same.different:
        kind, user = dice.kind(), dice.random.choices(list(UNITS), (8, 1, 1))[0]
        batch, expected = [], []
        for _ in range(dice.random.choice((1, 1, 2, 5, 12, 30)) if sent > 60 else 6):
            batch.append(dice.row(kind))
            expected.append(ledger.hand_in(kind, batch[-1], UNITS[user]))
        sent += len(batch)
        answer = makers[user].hand_in(kind, batch, dice.likely(0.5))
        said = ["posted"] * len(batch)
        for entry in makers[user].report(answer["id"]):
            if entry["severity"] != "warning":
                # The header is row 1.
                said[entry["row"] - 2] = entry["code"]
        for row, verdict, one in zip(batch, expected, said):
            verdicts[f"{kind} {verdict}"] = verdicts.get(f"{kind} {verdict}", 0) + 1
            same.equal([kind, UNITS[user], row], "posted" if verdict == "completed" else verdict, one)
        accepted = sum(verdict in ("posted", "completed") for verdict in expected)
        if accepted and not same.different:
            posted = checker.certify(answer["id"])
            same.equal(["certification", answer["id"]], ("posted", accepted), (posted["status"], posted.get("postedRows")))
        if len(snapshots) < SNAPSHOTS * sent // rows:
            snapshots.append((moment(), copy.deepcopy(ledger.books)))
    return verdicts, snapshots


def moment():
    """Now, with nothing recorded within the same millisecond."""
    time.sleep(SETTLE_S)
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
    time.sleep(SETTLE_S)
    return now.replace("+00:00", "Z")


def ask(client, books, known_at, same):
    """Every holding, region, alert, trail and trace of some days, in the books as known at a moment."""
    for on in DAYS:
        at = f"asOf={on}&knownAt={known_at}"
        for holding in books.holdings(on):
            expected = books.holding(holding, on)
            answer = client.get(f"/api/v1/holdings/{holding}?{at}")
            same.equal(["holding", holding, at], expected, {name: answer[name] for name in expected})
            trace(client, books, holding, on, at, same)
        for region in ("000000", *REGIONS):
            expected = books.summary(region, on)
            answer = client.get(f"/api/v1/counties/{region}/summary?{at}")
            same.equal(["summary", region, at], expected, {name: answer[name] for name in expected})
            trail_of(client, books, region, on, at, same)
        names = ("rule", "subjectId", "county", "amountFen", "since", "days", "severity")
        answered = client.pages(f"/api/v1/alerts?{at}&limit=500", "alerts")[0]
        found = [tuple(unpadded(one[name]) if name == "county" else one[name] for name in names) for one in answered]
        same.equal(["alerts", at], alerts(books, on), sorted(found))
    accounts = client.get(f"/api/v1/trial-balance?knownAt={known_at}")
    same.equal(["trial balance", known_at], accounts["totalDebitFen"], accounts["totalCreditFen"])


def trail_of(client, books, region, on, at, same):
    """The entries that change the balance, and the balance after each, also from the middle."""
    for since in ("2000-01-01", "2018-06-01"):
        entries = client.pages(f"/api/v1/counties/{region}/trail?{at}&from={since}&limit=200", "entries")[0]
        changing = [entry for entry in entries if entry["effect"] in ("in", "out")]
        answered = sorted((one["occurredOn"], one["amountFen"], one["effect"]) for one in changing)
        expected = [entry for entry in trail(books, region, on) if entry[0] >= since]
        same.equal(["trail", region, since, at], expected, answered)
        order = [(entry["occurredOn"], int(entry["position"])) for entry in entries]
        same.equal(["order of the trail", region, since, at], sorted(order), order)
        balance = int(books.summary(region, later(since, -1))["accountableFen"])
        running = []
        for entry in entries:
            sign = {"in": 1, "out": -1}.get(entry["effect"], 0)
            balance += sign * int(entry["amountFen"] or 0)
            running.append(str(balance))
        same.equal(["balance", region, since, at], running, [entry["accountableFen"] for entry in entries])


def trace(client, books, holding, on, at, same):
    edges, last = client.pages(f"/api/v1/trace/{holding}?direction=down&{at}", "edges")
    if books.is_reversed(holding, on):
        return
    answered = sorted((one["from"], one["to"], one["amountFen"], one["occurredOn"]) for one in edges)
    expected, in_transit = trace_down(books, holding, on)
    same.equal(["trace", holding, at], (expected, str(in_transit)), (answered, last["untracedFen"]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    ledger, same = Ledger(KNOWN), Comparison()
    makers = {user: Client(options.url, user) for user in UNITS}
    dice = Dice(options.seed, ledger)
    verdicts, snapshots = hand_in(makers, Client(options.url, "centre-checker"), ledger, dice, options.rows, same)
    for known_at, books in [*snapshots, (moment(), ledger.books)]:
        if not same.different:
            ask(makers["centre-maker"], books, known_at, same)
    print(
        json.dumps(
            {
                **{"seed": options.seed, "rows": sum(verdicts.values()), "compared": same.asked},
                **{"verdicts": dict(sorted(verdicts.items())), "differences": len(same.different)},
                "different": same.different[:SHOWN_MAX],
            },
            ensure_ascii=False,
        )
    )
    sys.exit(1 if same.different else 0)


main()
