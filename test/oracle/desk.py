"""
The two desks (contract, section 3): what is handed in, what the report says of it, what is certified and what that posts, held
against what the contract decides. Also as it goes among people: a submission that waits while others are posted, one file handed
in by two, two who certify at once, a request sent twice.
"""

import copy
import csv
import io
from concurrent.futures import ThreadPoolExecutor

from client import Refused
from columns import ID
from flags import warnings
from forms import Clerk

UNITS = {"centre-maker": "000000", "maker": "450000", "county-maker": "450124"}
TAKEN = ("posted", "completed")
WAITING_MAX = 4
# A history begins with something of every kind.
FIRST = (
    *("allocations", "projects", "allocations", "supplements", "allocations", "disbursements", "payments"),
    *("notices", "returns", "reversals"),
)
REPORT_COLUMNS = ("row", "id", "field", "severity", "code", "message", "value", "expected", "difference")


class Submission:
    """What was handed in, and what each row was found to be then."""

    def __init__(self, kind, user, rows, verdicts, answer):
        self.kind, self.user, self.rows, self.verdicts = kind, user, rows, verdicts
        self.id, self.state = answer["id"], answer

    def taken(self):
        return [(at, row) for at, row in enumerate(self.rows) if self.verdicts[at] in TAKEN]


class Desk:
    def __init__(self, clients, ledger, dice, same):
        self.clients, self.ledger, self.dice, self.same = clients, ledger, dice, same
        self.clerk, self.waiting, self.counted, self.forms = Clerk(dice), [], {}, {}
        # Ids of everything handed in, the oldest first.
        self.handed_in = []
        self.posted, self.thrown = [], 0

    def throw(self, most):
        """One submission of random rows, and what becomes of it; how many rows it had."""
        kind = FIRST[self.thrown] if self.thrown < len(FIRST) else self.dice.kind()
        user = self.dice.random.choices(list(UNITS), (8, 1, 1))[0] if self.thrown >= len(FIRST) else "centre-maker"
        self.thrown += 1
        waits = self.dice.likely(0.1) and len(self.waiting) < WAITING_MAX
        ledger = copy.deepcopy(self.ledger) if waits else self.ledger
        rows, verdicts = [], []
        self.dice.ledger, self.dice.books = ledger, ledger.books
        for _ in range(most):
            rows.append(self.dice.row(kind))
            verdicts.append(ledger.hand_in(kind, rows[-1], UNITS[user]))
        self.dice.ledger, self.dice.books = self.ledger, self.ledger.books
        is_double = not waits and user != "maker" and all(verdict in TAKEN for verdict in verdicts)
        second = self.hand_in(kind, "maker", rows, verdicts) if is_double and self.may_maker(kind, rows) else None
        submission = self.hand_in(kind, user, rows, verdicts)
        if waits:
            self.waiting.append(submission)
            return most
        self.certify(submission, verdicts)
        if second is not None and not self.same.different:
            self.certify(second, ["already-posted"] * len(rows))
        if self.waiting and self.dice.likely(0.2) and not self.same.different:
            self.certify_late(self.waiting.pop(0))
        return most

    def may_maker(self, kind, rows):
        """Whether 广西 may hand in the same file: a throw of the dice, and its jurisdiction over each row."""
        if not self.dice.likely(0.15):
            return False
        copied = copy.deepcopy(self.ledger)
        places = [copied.place(kind, row) for row in rows]
        return all(place is not None and place[:2] == "45" for place in places)

    def hand_in(self, kind, user, rows, verdicts):
        same, client = self.same, self.clients[user]
        form, body, content_type = self.clerk.write(kind, rows)
        self.forms[form] = self.forms.get(form, 0) + 1
        key = f"in-{self.dice.prefix}-{len(self.handed_in)}" if self.dice.likely(0.3) else None
        answer = client.hand_in(body, content_type, key)
        if key is not None:
            again = client.ask("POST", "/api/v1/submissions", body, content_type, {"idempotency-key": key})
            same.equal(["the same request again", kind, form], answer["id"], again["id"])
        self.handed_in.append(answer["id"])
        for row, verdict in zip(rows, verdicts):
            self.counted[f"{kind} {verdict}"] = self.counted.get(f"{kind} {verdict}", 0) + 1
        lines = self.report(client, kind, user, rows, verdicts, answer["id"])
        refused = [verdict for verdict in verdicts if verdict not in (*TAKEN, "already-posted")]
        expected = {
            **{"status": "validated", "rows": len(rows), "errors": len(refused)},
            "acceptedRows": sum(verdict in TAKEN for verdict in verdicts),
            "warnings": lines,
        }
        same.equal(["submission", answer["id"]], expected, {name: answer[name] for name in expected})
        return Submission(kind, user, rows, verdicts, answer)

    def report(self, client, kind, user, rows, verdicts, ident):
        """Each line of the report, and the same as CSV; how many warnings it should have."""
        entries, expected, count = client.report(ident, self.dice.random.choice((1, 3, 1000))), [], 0
        for at, (row, verdict) in enumerate(zip(rows, verdicts), 2):
            # The header is row 1.
            if verdict not in TAKEN:
                severity = "info" if verdict == "already-posted" else "error"
                expected.append((at, row[ID[kind]], severity, verdict, None))
            for field, code in warnings(kind, row):
                count += 1
                expected.append((at, row[ID[kind]], "warning", code, field))
        said = [
            (one["row"], one["id"], one["severity"], one["code"], one["field"] if one["severity"] == "warning" else None)
            for one in entries
        ]
        self.same.equal(["report in order", kind, ident], sorted(one[0] for one in said), [one[0] for one in said])
        what = ["report", kind, UNITS[user], ident, rows, [one["message"] for one in entries][:2]]
        self.same.equal(what, sorted(expected, key=repr), sorted(said, key=repr))
        text = client.text(f"/api/v1/submissions/{ident}/report", "text/csv")
        table = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
        as_text = [{name: "" if one.get(name) is None else str(one[name]) for name in REPORT_COLUMNS} for one in entries]
        self.same.equal(["report as CSV", ident], as_text, [{name: one[name] for name in REPORT_COLUMNS} for one in table])
        return count

    # Certification

    def certify(self, submission, verdicts):
        """Posts the valid rows; `verdicts` are those of the moment."""
        same, taken = self.same, sum(verdict in TAKEN for verdict in verdicts)
        already = sum(verdict == "already-posted" for verdict in verdicts)
        has_errors = len(verdicts) > taken + already
        if has_errors:
            same.equal(["all, with errors", submission.id], "errors-stand", self.refused(submission, "all"))
            if self.dice.likely(0.5) and taken == 0:
                return
        if self.dice.likely(0.15):
            answer = self.certified_by_two(submission)
        else:
            key = f"ok-{submission.id}" if self.dice.likely(0.3) else None
            answer = self.checker.certify(submission.id, "valid" if has_errors else "all", key)
            if key is not None:
                again = self.checker.certify(submission.id, "valid" if has_errors else "all", key)
                names = ("id", "status", "postedRows", "firstPosition", "lastPosition")
                same.equal(
                    ["the same certification again", submission.id],
                    *([one.get(name) for name in names] for one in (answer, again)),
                )
        same.equal(["certified", submission.id], ("posted", taken), (answer["status"], answer.get("postedRows")))
        same.equal(["a second time", submission.id], "already-certified", self.refused(submission, "valid"))
        state = self.clients[submission.user].submission(submission.id)
        expected = {"status": "posted", "rows": len(verdicts), "postedRows": taken, "alreadyPostedRows": already}
        same.equal(["posted", submission.id], expected, {name: state[name] for name in expected})
        if taken:
            self.posted.append((submission, answer["firstPosition"], answer["lastPosition"]))

    def certified_by_two(self, submission):
        """Two who press the button at once: one posts, the other is told."""

        def press(_):
            try:
                return self.checker.certify(submission.id)
            except Refused as refused:
                return refused

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(press, range(2)))
        done = [one for one in answers if not isinstance(one, Refused)]
        told = [one.status for one in answers if isinstance(one, Refused)]
        self.same.equal(["certified by two", submission.id], (1, [409]), (len(done), told))
        return done[0]

    def certify_late(self, submission):
        """What was accepted is decided again; where something of it no longer fits, nothing is posted."""
        trial, verdicts = copy.deepcopy(self.ledger), list(submission.verdicts)
        for at, row in submission.taken():
            verdicts[at] = trial.hand_in(submission.kind, row, UNITS[submission.user])
        broken = [(at, verdicts[at]) for at, _ in submission.taken() if verdicts[at] not in (*TAKEN, "already-posted")]
        if not broken:
            for at, row in submission.taken():
                self.ledger.hand_in(submission.kind, row, UNITS[submission.user])
            return self.certify(submission, verdicts)
        try:
            answer = self.checker.certify(submission.id)
            self.same.equal(["no longer fits", submission.id, broken], "refused", answer)
        except Refused as refused:
            said = (refused.status, refused.code, refused.problem.get("row"), refused.problem.get("postedRows"))
            self.same.equal(["no longer fits", submission.id], (409, "no-longer-fits", broken[0][0] + 2, 0), said)
        self.counted["no longer fits"] = self.counted.get("no longer fits", 0) + 1
        client = self.clients[submission.user]
        self.same.equal(["rejected", submission.id], "rejected", client.submission(submission.id)["status"])
        lines = {(one["row"], one["code"]) for one in client.report(submission.id)}
        wanted = (broken[0][0] + 2, broken[0][1])
        self.same.equal(["why", submission.id, wanted], True, wanted in lines)

    def refused(self, submission, rows):
        try:
            return self.checker.certify(submission.id, rows)["status"]
        except Refused as refused:
            return refused.code

    @property
    def checker(self):
        return self.clients["centre-checker"]
