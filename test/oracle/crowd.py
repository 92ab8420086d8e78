"""
`crowd.py URL --seconds N --seed S`: eight callers at once on a ledger that may be killed at any moment. Four post and reverse what
they think of, two ask, one erases people, one asks for what was. Whoever meets a dead ledger asks again with the same key, or, now
and then, walks away and never learns. At the end the submissions that the ledger says were posted, in the order of the log, are
decided and answered a second time: each acknowledged one must be among them, each other one wholly or not at all.
"""

import argparse
import copy
import datetime
import http.client
import json
import os
import sys
import threading
import time
import urllib.error

from answers import Questions
from client import Client, Refused
from comparison import Comparison, moment
from decisions import Ledger
from desk import TAKEN, UNITS
from dice import KNOWN, Dice
from forms import Clerk
from searches import WHY

POSTING = 4
ASKING = 2
SHOWN_MAX = 20
GONE_S_MAX = 120
AGAIN_S = 0.1
AWAY_S = 1
ROWS_MAX = 400
# Allocations before anything else.
FIRST = 6
# Codes of a ledger that is there and says so for the moment.
PASSING = ("idempotency-in-progress", "not-up-to-date", "not-recorded")
DEAD = (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError, json.JSONDecodeError)


class WalkedAway(Exception):
    """Nobody will ever know whether it was done; the ledger does."""


class Caller(Client):
    """A client whose ledger comes and goes."""

    def __init__(self, url, user, dice, gone):
        self.dice, self.gone = dice, gone
        super().__init__(url, None)
        self.user = user

    def exchange(self, method, path, body=None, content_type="application/json", more=None):
        deadline, is_first = time.monotonic() + GONE_S_MAX, True
        while True:
            try:
                if self.cookie is None and path != "/api/v1/session":
                    self.cookie = ""
                    super().exchange("POST", "/api/v1/session", {"user": self.user, "password": os.environ["ORACLE_PASSWORD"]})
                return super().exchange(method, path, body, content_type, more)
            except Refused as refused:
                if refused.status == 401:
                    self.cookie = None
                elif refused.code not in PASSING and refused.status < 500:
                    raise
            except DEAD as dead:
                self.cookie = self.cookie or None
                self.gone.append(f"{path}: {dead!r}")
                if method == "POST" and is_first and self.dice.likely(0.3):
                    raise WalkedAway(path) from None
                is_first = False
            if time.monotonic() > deadline:
                raise RuntimeError(f"{method} {path}: the ledger does not come back")
            time.sleep(AGAIN_S)


class Crowd:
    def __init__(self, options, same):
        self.options, self.same = options, same
        self.lock, self.gone, self.failures = threading.Lock(), [], []
        # What the callers believe; the log has the last word.
        self.belief = Ledger(KNOWN)
        self.submissions, self.acknowledged, self.asked = {}, {}, []
        self.counts = {}
        self.until = time.monotonic() + options.seconds

    def count(self, what):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1

    def caller(self, user, number):
        dice = Dice(self.options.seed * 100 + number, self.belief)
        return Caller(self.options.url, user, dice, self.gone), dice

    def run(self):
        work = [self.post] * POSTING + [self.ask] * ASKING + [self.erase, self.look_back]
        threads = [threading.Thread(target=self.guarded, args=(one, at)) for at, one in enumerate(work)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def guarded(self, work, number):
        while time.monotonic() < self.until and not self.failures:
            try:
                work(number)
            except WalkedAway:
                self.count("walked away")
                time.sleep(AWAY_S)
            except Exception as error:  # noqa: BLE001 - what fails in a thread fails the campaign
                self.failures.append(repr(error))
                raise

    # What each does, again and again

    def post(self, number):
        user = ("centre-maker", "maker")[number % 2]
        maker, dice = self.caller(user, number)
        dice.prefix += f"-{time.monotonic_ns()}"
        checker = self.caller("centre-checker", 50 + number)[0]
        clerk = Clerk(dice)
        while time.monotonic() < self.until:
            if sum(map(len, self.acknowledged.values())) > ROWS_MAX * POSTING:
                return time.sleep(AGAIN_S)
            self.one_submission(maker, checker, dice, clerk, UNITS[user])

    def one_submission(self, maker, checker, dice, clerk, unit):
        kind = dice.kind() if len(self.belief.books.allocations) > FIRST else "allocations"
        with self.lock:
            trial = copy.deepcopy(self.belief)
            dice.ledger, dice.books = trial, trial.books
            rows = []
            for _ in range(dice.random.choice((1, 1, 2, 4, 8))):
                rows.append(dice.row(kind))
                trial.hand_in(kind, rows[-1], unit)
        body, content_type = clerk.write(kind, rows)[1:]
        key = f"{dice.prefix}-{dice.count}-{dice.random.random()}"
        answer = maker.hand_in(body, content_type, f"in-{key}")
        refused = {line["row"] - 2 for line in maker.report(answer["id"]) if line["severity"] != "warning"}
        taken = [(kind, row, unit) for at, row in enumerate(rows) if at not in refused]
        with self.lock:
            self.submissions[answer["id"]] = taken
        try:
            posted = checker.certify(answer["id"], "valid", f"ok-{key}")
        except Refused as refusal:
            return self.count(refusal.code)
        if posted["status"] != "posted":
            return self.count(posted["status"])
        with self.lock:
            self.acknowledged[answer["id"]] = taken
            for one in taken:
                self.belief.hand_in(*one)
        self.count("certified")

    def ask(self, number):
        """The summary of everything and some holding as known now; held against the log at the end."""
        client, dice = self.caller("centre-maker", number)
        region = dice.random.choice(("000000", "450124", "450100"))
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        on = dice.random.choice(("2018-12-31", "2020-02-29", "2022-01-01"))
        path = f"/api/v1/counties/{region}/summary?asOf={on}&knownAt={now}"
        answer = client.get(path)
        with self.lock:
            self.asked.append((region, on, now, answer))
        time.sleep(AGAIN_S)

    def look_back(self, number):
        """What was answered as known then is answered so again."""
        client, dice = self.caller("centre-maker", number)
        with self.lock:
            settled = list(self.asked[:-10])
        if settled:
            region, on, at, answer = dice.random.choice(settled)
            again = client.get(f"/api/v1/counties/{region}/summary?asOf={on}&knownAt={at}")
            with self.lock:
                self.same.equal(["the same question later", region, on, at], answer, again)
        time.sleep(AGAIN_S)

    def erase(self, number):
        """Two agree that a person is forgotten: nothing of the money changes, and nobody finds the person any more."""
        checker, dice = self.caller("checker", number)
        inspector = self.caller("inspector", 60 + number)[0]
        with self.lock:
            people = [row for row in self.belief.books.payments.values() if row["payee_kind"] == "person" and row["payee_code"]]
        time.sleep(2)
        if not people:
            return
        code = dice.random.choice(people)["payee_code"]
        found = inspector.ask("POST", "/api/v1/personal/search", {**WHY, "id": code})["lines"]
        if not found:
            return
        body = {"eventId": found[0]["eventId"], "basis": "unlawful", "reason": "录入错误，并无此人"}
        try:
            proposal = checker.ask("POST", "/api/v1/personal/erasures", body)
            inspector.ask("POST", f"/api/v1/personal/erasures/{proposal['id']}/approval", {})
        except Refused as refused:
            return self.count(f"erasure {refused.code}")
        self.count("erased")

    # The end

    def recorded_at(self, client, state):
        """The moment that all records of a certification carry (contract, section 6)."""
        count = state["lastPosition"] - state["firstPosition"] + 1
        path = f"/api/v1/events?after={state['firstPosition'] - 1}&limit={count}"
        records = [one for one in client.get(path)["entries"] if one["position"] <= state["lastPosition"]]
        moments = {one["envelope"]["recordedAt"] for one in records}
        self.same.equal(["one moment of record", state["id"]], 1, len(moments))
        return max(moments)

    def settle(self):
        """What the log says was posted, in its order, decided a second time."""
        client = Caller(self.options.url, "centre-maker", Dice(0, self.belief), [])
        posted = []
        for one in client.pages("/api/v1/submissions?limit=200", "submissions")[0]:
            state = client.submission(one["id"])
            state = client.until(state, "posting")
            is_known = one["id"] in self.submissions
            if state["status"] == "posted" and state["postedRows"] > 0:
                self.same.equal(["nobody certified it", one["id"]], True, is_known)
                posted.append(state)
            elif one["id"] in self.acknowledged and state["status"] != "posted":
                self.same.equal(["acknowledged", one["id"]], "posted", state["status"])
        ledger, states = Ledger(KNOWN), []
        for state in sorted(posted, key=lambda one: one["firstPosition"]):
            verdicts = [ledger.hand_in(*one) for one in self.submissions.get(state["id"], [])]
            taken = sum(verdict in TAKEN for verdict in verdicts)
            fits = all(verdict in (*TAKEN, "already-posted") for verdict in verdicts)
            self.same.equal(["decided again", state["id"], verdicts], (True, state["postedRows"]), (fits, taken))
            states.append((self.recorded_at(client, state), copy.deepcopy(ledger.books)))
        times = [at for at, _ in states]
        self.same.equal(["moments of record in the order of the log"], sorted(times), times)
        for region, on, at, answer in self.asked:
            known = [books for when, books in states if when <= at]
            books = known[-1] if known else Ledger(KNOWN).books
            expected = books.summary(region, on)
            self.same.equal(["as it was known", region, on, at], expected, {name: answer[name] for name in expected})
        if not self.same.different:
            Questions(client, ledger.books, moment(), self.same).ask(Dice(1, ledger), 60 / max(60, len(ledger.books.holdings("9999"))))
        return ledger


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    same = Comparison()
    crowd = Crowd(options, same)
    crowd.run()
    sys.stderr.write("done\n")
    sys.stderr.flush()
    ledger = crowd.settle()
    print(
        json.dumps(
            {
                **{"seed": options.seed, "rows": len(ledger.log), "compared": same.asked, "verdicts": crowd.counts},
                **{"broken": len(crowd.gone), "differences": len(same.different) + len(crowd.failures)},
                "different": [*crowd.failures, *same.different[:SHOWN_MAX]],
            },
            ensure_ascii=False,
        )
    )
    sys.exit(1 if same.different or crowd.failures else 0)


main()
