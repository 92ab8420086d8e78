"""
A trace upward (contract, sections 4 and 6, and docs/interpretations.md): every line of every holding on the way, amounts as they were
recorded up to the first holding with several lines, from there shares of the start's amount.
"""

from days import days_between, unpadded


class Upward:
    def __init__(self, books, on):
        self.books, self.on = books, on
        # From, to, amount, date, days since the giver's receipt, estimate.
        self.edges, self.walked = [], set()

    def untraced(self):
        """How far holdings on the way are below zero."""
        return sum(max(0, -self.books.available(one, self.on)) for one in self.walked)

    def edge(self, giver, taker, amount, date, is_share=False):
        received = self.receipt(giver)
        days = None if received is None or received > self.on else days_between(received, date)
        self.edges.append((giver, taker, str(amount), date, days, is_share))

    def receipt(self, ident):
        books = self.books
        if ident in books.payments:
            return books.payments[ident]["paid_on"]
        return books.received_on(ident) if ident in books.allocations or ident in books.disbursements else None

    def movement(self, ident, giver, taker, amount, date):
        """One movement with its reversal; whether it stands."""
        self.edge(giver, taker, amount, date)
        if not self.books.is_reversed(ident, self.on):
            return True
        self.edge(taker, giver, amount, self.books.reversal_of[ident]["reversed_on"])
        return False

    def returns(self, ident, giver, taker):
        for row in self.books.returns_of.get(ident, []):
            if row["returned_on"] <= self.on:
                self.movement(row["return_id"], taker, giver, row["amount"], row["returned_on"])

    def giver(self, line):
        return line["parent_id"] or f"outside:{unpadded(line['issuer_region']) or '000000'}"

    def from_record(self, start):
        books = self.books
        if start in books.projects:
            return self.from_project(start)
        if start in books.payments:
            return self.walk({}, [one for one in [self.payment(books.payments[start])] if one])
        if start in books.lines and not books.lines[start]["first"]:
            line = books.lines[start]
            stands = self.movement(start, self.giver(line), line["allocation_id"], line["amount"], line["issued_on"])
            self.returns(start, self.giver(line), line["allocation_id"])
            return self.walk({}, [(line["parent_id"], line["amount"])] if stands and line["parent_id"] else [])
        return self.walk({start: books.amount(start, self.on)}, [])

    def from_project(self, project):
        """Its holdings with their own amounts, its payments, and what other money its payments were drawn on."""
        books, others = self.books, []
        own = {one: books.amount(one, self.on) for one in books.holdings(self.on) if books.project(one) == project}
        for row in books.payments.values():
            is_of_project = (row["project_id"] or books.project(row["source_id"])) == project
            if row["paid_on"] <= self.on and is_of_project:
                drawn = self.payment(row)
                if drawn and row["source_id"] not in own:
                    others.append(drawn)
        return self.walk(own, others)

    def payment(self, row):
        """The edges of a payment; where its money came from and how much, if it stands."""
        ident, source = row["payment_id"], row["source_id"]
        stands = self.movement(ident, source, ident, row["amount"], row["paid_on"])
        self.returns(ident, source, ident)
        return (source, row["amount"]) if stands else None

    def walk(self, own, others):
        """
        From holdings up: what reaches a holding by all ways goes through it once. Those of `own` have their own amount, whatever
        else comes through them.
        """
        carried = {ident: [amount, True] for ident, amount in own.items()}

        def carry(ident, amount, is_exact):
            if ident not in own:
                known = carried.setdefault(ident, [0, True])
                known[0] += amount
                known[1] = known[1] and is_exact

        for ident, amount in others:
            carry(ident, amount, True)
        for ident in self.top_down(list(carried)):
            self.walked.add(ident)
            amount, is_exact = carried[ident]
            if is_exact:
                self.beside(ident)
            else:
                self.on_its_way(ident)
            lines = self.lines(ident)
            goes_on = is_exact and len(lines) <= 1
            total = sum(line["amount"] for line in lines)
            parts = [amount * line["amount"] // total for line in lines]
            parts[:1] = [amount - sum(parts[1:])]
            for line, part in zip(lines, parts):
                if goes_on:
                    self.edge(line["giver"], ident, line["amount"], line["on"])
                else:
                    self.edge(line["giver"], ident, part, line["on"], True)
                if line["giver"] in self.books.allocations:
                    carry(line["giver"], part, goes_on)
        return self

    def lines(self, ident):
        """The lines into a holding that stand on the day, the first one first."""
        books = self.books
        if books.is_reversed(ident, self.on):
            return []
        if ident in books.disbursements:
            row = books.disbursements[ident]
            return [{"amount": row["amount"], "giver": row["allocation_id"], "on": row["disbursed_on"]}]
        lines = books.lines_that_count(ident, self.on)
        return [{"amount": line["amount"], "giver": self.giver(line), "on": line["issued_on"]} for line in lines]

    def beside(self, ident):
        """What was recorded between a holding and its givers besides the lines that stand: all of it."""
        books = self.books
        if ident in books.disbursements:
            row = books.disbursements[ident]
            if books.is_reversed(ident, self.on):
                self.movement(ident, row["allocation_id"], ident, row["amount"], row["disbursed_on"])
            self.returns(ident, row["allocation_id"], ident)
            return
        is_reversed = books.is_reversed(ident, self.on)
        counting = [] if is_reversed else [line["id"] for line in books.lines_that_count(ident, self.on)]
        for line in books.lines_of[ident]:
            if line["issued_on"] <= self.on:
                if line["id"] not in counting:
                    self.movement(line["id"], self.giver(line), ident, line["amount"], line["issued_on"])
                self.returns(line["id"], self.giver(line), ident)

    def on_its_way(self, ident):
        for line in self.books.lines_of.get(ident, []):
            has_come = line["received_on"] is not None and line["received_on"] <= self.on
            is_sent = line["issued_on"] <= self.on and not self.books.is_reversed(line["id"], self.on)
            if not line["first"] and is_sent and not has_come:
                self.edge(self.giver(line), ident, line["amount"], line["issued_on"])

    def top_down(self, starts):
        """Holdings with and above the starts, each after all those it feeds."""
        order, seen = [], set()

        def visit(ident):
            if ident in seen:
                return
            seen.add(ident)
            for line in self.lines(ident):
                if line["giver"] in self.books.allocations:
                    visit(line["giver"])
            order.append(ident)

        for start in starts:
            visit(start)
        return reversed(order)
