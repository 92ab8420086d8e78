"""
The numbers of contract v1, sections 4 and 6, worked out anew for every question from the rows that were posted: slow, plain,
and written from the contract alone. Amounts are whole fen, days are texts, a missing date is None.
"""

from fractions import Fraction

from days import anniversary, lies_in


class Books:
    def __init__(self):
        self.projects, self.allocations, self.disbursements, self.payments = {}, {}, {}, {}
        self.returns, self.reversals, self.notices = {}, {}, {}
        # A line is what makes an allocation grow: the allocation itself, then its supplements.
        self.lines, self.lines_of, self.lines_from = {}, {}, {}
        self.disbursed_from, self.paid_from, self.returns_of, self.reversal_of = {}, {}, {}, {}

    def add(self, kind, row):
        if kind == "projects":
            self.projects[row["project_id"]] = row
        elif kind in ("allocations", "supplements"):
            if kind == "allocations":
                self.allocations[row["allocation_id"]] = row
            line = dict(row, id=row.get("supplement_id", row["allocation_id"]), first=kind == "allocations")
            self.lines[line["id"]] = line
            self.lines_of.setdefault(line["allocation_id"], []).append(line)
            self.lines_from.setdefault(line["parent_id"], []).append(line)
        elif kind == "disbursements":
            self.disbursements[row["disbursement_id"]] = row
            self.disbursed_from.setdefault(row["allocation_id"], []).append(row)
        elif kind == "payments":
            self.payments[row["payment_id"]] = row
            self.paid_from.setdefault(row["source_id"], []).append(row)
        elif kind == "returns":
            self.returns[row["return_id"]] = row
            self.returns_of.setdefault(row["of_id"], []).append(row)
        elif kind == "reversals":
            self.reversals[row["reversal_id"]] = row
            self.reversal_of[row["of_id"]] = row
        elif kind == "notices":
            self.notices[row["notice_id"]] = row

    def complete(self, kind, ident, dates):
        """Fills in dates that were empty (section 6, completion)."""
        table = {
            **{"projects": self.projects, "allocations": self.allocations, "supplements": self.lines},
            **{"disbursements": self.disbursements, "returns": self.returns},
            "notices": self.notices,
        }[kind]
        table[ident].update(dates)
        if kind == "allocations":
            self.lines[ident].update(dates)

    # What holds on a day

    def is_reversed(self, ident, on):
        found = self.reversal_of.get(ident)
        return found is not None and found["reversed_on"] <= on

    def came_back(self, ident, kind, on, date):
        """What came back of a movement by a day: `date` says whether when sent or when received."""
        return sum(
            row["amount"]
            for row in self.returns_of.get(ident, [])
            if row["kind"] == kind
            and row[date] is not None
            and row[date] <= on
            and not self.is_reversed(row["return_id"], on)
        )

    def stands(self, ident, amount, kind, on, date):
        """A movement less what came back and what was reversed."""
        return (0 if self.is_reversed(ident, on) else amount) - self.came_back(ident, kind, on, date)

    def lines_that_count(self, holding, on):
        for line in self.lines_of[holding]:
            has_arrived = line["received_on"] is not None and line["received_on"] <= on
            if line["first"] or (has_arrived and not self.is_reversed(line["id"], on)):
                yield line

    def amount(self, holding, on):
        if holding in self.disbursements:
            return self.disbursements[holding]["amount"]
        return sum(line["amount"] for line in self.lines_that_count(holding, on))

    def passed_down(self, holding, on):
        return sum(
            self.stands(line["id"], line["amount"], "recall", on, "received_on")
            for line in self.lines_from.get(holding, [])
            if line["issued_on"] <= on
        )

    def disbursed(self, holding, on):
        return sum(
            self.stands(row["disbursement_id"], row["amount"], "cash-return", on, "received_on")
            for row in self.disbursed_from.get(holding, [])
            if row["disbursed_on"] <= on
        )

    def paid(self, holding, on):
        return sum(
            self.stands(row["payment_id"], row["amount"], "bank-return", on, "returned_on")
            for row in self.paid_from.get(holding, [])
            if row["paid_on"] <= on
        )

    def returned_up(self, holding, on):
        if holding in self.disbursements:
            return self.came_back(holding, "cash-return", on, "returned_on")
        return sum(self.came_back(line["id"], "recall", on, "returned_on") for line in self.lines_of[holding])

    def balance(self, holding, on):
        drawn = self.passed_down(holding, on) + self.disbursed(holding, on) + self.paid(holding, on)
        return self.amount(holding, on) - drawn - self.returned_up(holding, on)

    def received_on(self, holding):
        if holding in self.allocations:
            return self.allocations[holding]["received_on"]
        return self.disbursements[holding]["credited_on"]

    def is_received(self, holding, on):
        received = self.received_on(holding)
        return received is not None and received <= on

    def available(self, holding, on):
        if not self.is_received(holding, on) or self.is_reversed(holding, on):
            return 0
        return self.balance(holding, on)

    # Where a holding stands

    def issued_on(self, holding):
        if holding in self.allocations:
            return self.allocations[holding]["issued_on"]
        return self.disbursements[holding]["disbursed_on"]

    def holdings(self, on):
        return [one for one in [*self.allocations, *self.disbursements] if self.issued_on(one) <= on]

    def allocation_of(self, holding):
        return self.disbursements[holding]["allocation_id"] if holding in self.disbursements else holding

    def region(self, holding):
        return self.allocations[self.allocation_of(holding)]["receiver_region"]

    def source(self, holding):
        if holding in self.disbursements:
            return self.disbursements[holding]["allocation_id"]
        return self.allocations[holding]["parent_id"]

    def project(self, holding):
        row = self.disbursements.get(holding) or self.allocations[holding]
        above = self.source(holding)
        return row["project_id"] or (self.project(above) if above else None)

    def path(self, holding):
        above = self.source(holding)
        return [*(self.path(above) if above else []), holding]

    def original_issue(self, holding, on):
        if holding in self.disbursements:
            return self.original_issue(self.disbursements[holding]["allocation_id"], on)
        return min(
            self.original_issue(line["parent_id"], on) if line["parent_id"] else line["issued_on"]
            for line in self.lines_that_count(holding, on)
        )

    def last_movement(self, holding, on):
        """Of `lastMovementOn`: issue, receipt, what is drawn on it, what comes back, what it sends back, reversals of these."""
        dates = []

        def moved(ident, *when):
            dates.extend(when)
            dates.extend(row["reversed_on"] for row in [self.reversal_of.get(ident)] if row)

        def arrived(ident):
            for row in self.returns_of.get(ident, []):
                date = "returned_on" if row["kind"] == "bank-return" else "received_on"
                if row[date]:
                    moved(row["return_id"], row[date])

        if holding in self.allocations:
            own = [(line["id"], line["issued_on"], line["received_on"]) for line in self.lines_of[holding]]
        else:
            own = [(holding, self.issued_on(holding), self.received_on(holding))]
        for ident, issued, received in own:
            moved(ident, issued, received)
            for row in self.returns_of.get(ident, []):
                moved(row["return_id"], row["returned_on"])
        for line in self.lines_from.get(holding, []):
            moved(line["id"], line["issued_on"])
            arrived(line["id"])
        for row in self.disbursed_from.get(holding, []):
            moved(row["disbursement_id"], row["disbursed_on"])
            arrived(row["disbursement_id"])
        for row in self.paid_from.get(holding, []):
            moved(row["payment_id"], row["paid_on"])
            arrived(row["payment_id"])
        return max(date for date in dates if date and date <= on)

    def closed_on(self, holding):
        project = self.project(holding)
        return self.projects[project]["closed_on"] if project in self.projects else None

    def status(self, holding, on):
        if self.is_reversed(holding, on):
            return "reversed"
        if not self.is_received(holding, on):
            return "in-transit"
        available = self.available(holding, on)
        if available < 0:
            return "overdrawn"
        if self.closed_on(holding) is not None and self.closed_on(holding) <= on:
            return "closed"
        return "open" if available > 0 else "spent"

    # Answers

    def holding(self, holding, on):
        return {
            "kind": "allocation" if holding in self.allocations else "disbursement",
            "projectId": self.project(holding),
            "amountFen": str(self.amount(holding, on)),
            "passedDownFen": str(self.passed_down(holding, on)),
            "disbursedFen": str(self.disbursed(holding, on)),
            "paidFen": str(self.paid(holding, on)),
            "returnedUpFen": str(self.returned_up(holding, on)),
            "availableFen": str(self.available(holding, on)),
            "originalIssuedOn": self.original_issue(holding, on),
            "issuedOn": self.issued_on(holding),
            "receivedOn": self.received_on(holding) if self.is_received(holding, on) else None,
            "lastMovementOn": self.last_movement(holding, on),
            "status": self.status(holding, on),
            "path": self.path(holding),
        }

    def summary(self, region, on):
        received, in_transit, returned_up = 0, 0, 0
        for line in self.lines.values():
            parent, has_come = line["parent_id"], lies_in(self.region(line["allocation_id"]), region)
            gives = parent is not None and lies_in(self.region(parent), region)
            amount = 0 if self.is_reversed(line["id"], on) else line["amount"]
            if line["issued_on"] > on:
                continue
            if has_come and (parent is None or not lies_in(line["issuer_region"], region)):
                has_arrived = line["received_on"] is not None and line["received_on"] <= on
                received += amount if has_arrived else 0
                in_transit += 0 if has_arrived else amount
            # Between a code and its successor the giver counts `returnedUp` (section 6, last points).
            if gives and not has_come:
                returned_up += amount - self.came_back(line["id"], "recall", on, "received_on")
            if has_come and not gives:
                returned_up += self.came_back(line["id"], "recall", on, "returned_on")
        paid, authority, cash = 0, 0, 0
        ageing = {"under1yFen": 0, "from1to2yFen": 0, "over2yFen": 0}
        for holding in self.holdings(on):
            if not lies_in(self.region(holding), region):
                continue
            paid += self.paid(holding, on)
            available = self.available(holding, on)
            authority += available if holding in self.allocations else 0
            cash += available if holding in self.disbursements else 0
            ageing[bucket(self.original_issue(holding, on), on)] += available
        return {
            "receivedFen": str(received),
            "paidFen": str(paid),
            "returnedUpFen": str(returned_up),
            "accountableFen": str(received - paid - returned_up),
            "authorityFen": str(authority),
            "cashFen": str(cash),
            "inTransitFen": str(in_transit),
            "executionRate": rate(paid, received),
            "ageing": {name: str(fen) for name, fen in ageing.items()},
        }


def bucket(issued, on):
    if on >= anniversary(issued, 2):
        return "over2yFen"
    return "from1to2yFen" if on >= anniversary(issued, 1) else "under1yFen"


def rate(paid, received):
    """Four places, half up; null when nothing was received."""
    if received == 0:
        return None
    share = Fraction(abs(paid) * 10_000, received)
    whole = (2 * share.numerator + share.denominator) // (2 * share.denominator)
    return f"{'-' if paid < 0 and whole else ''}{whole // 10_000}.{whole % 10_000:04d}"
