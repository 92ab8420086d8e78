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
        if start in books.payments:
            row = books.payments[start]
            stands = self.movement(start, row["source_id"], start, row["amount"], row["paid_on"])
            self.returns(start, row["source_id"], start)
            if stands:
                self.holding(row["source_id"], row["amount"])
        elif start in books.lines and not books.lines[start]["first"]:
            self.supplement(books.lines[start])
        else:
            self.holding(start, books.amount(start, self.on))
        return self

    def supplement(self, line):
        giver = self.giver(line)
        stands = self.movement(line["id"], giver, line["allocation_id"], line["amount"], line["issued_on"])
        self.returns(line["id"], giver, line["allocation_id"])
        if stands and line["parent_id"]:
            self.holding(giver, line["amount"])

    def holding(self, ident, amount):
        """From a holding up: `amount` is how much of the start's comes through it."""
        books, on = self.books, self.on
        self.walked.add(ident)
        if ident in books.disbursements:
            row = books.disbursements[ident]
            giver = row["allocation_id"]
            stands = self.movement(ident, giver, ident, row["amount"], row["disbursed_on"])
            self.returns(ident, giver, ident)
            if stands:
                self.holding(giver, amount)
            return
        counting = list(books.lines_that_count(ident, on))
        has_several = len(counting) > 1
        for line in books.lines_of[ident]:
            if line["issued_on"] > on:
                continue
            if not has_several or line not in counting:
                self.movement(line["id"], self.giver(line), ident, line["amount"], line["issued_on"])
            self.returns(line["id"], self.giver(line), ident)
        if has_several:
            self.shares(ident, amount)
        elif not books.is_reversed(ident, on) and counting[0]["parent_id"]:
            self.holding(counting[0]["parent_id"], amount)

    def shares(self, start, amount):
        """Above the first holding with several lines: what reaches a holding by all ways is shared out once."""
        books, on = self.books, self.on
        carried = {start: amount}
        for ident in self.top_down(start):
            self.walked.add(ident)
            lines = list(books.lines_that_count(ident, on))
            total = sum(line["amount"] for line in lines)
            parts = [carried[ident] * line["amount"] // total for line in lines]
            parts[0] += carried[ident] - sum(parts)
            for line in books.lines_of[ident] if ident != start else []:
                self.on_its_way(line)
            for line, part in zip(lines, parts):
                self.edge(self.giver(line), ident, part, line["issued_on"], True)
                if line["parent_id"]:
                    carried[line["parent_id"]] = carried.get(line["parent_id"], 0) + part

    def on_its_way(self, line):
        has_come = line["received_on"] is not None and line["received_on"] <= self.on
        is_under_way = line["issued_on"] <= self.on and not has_come and not self.books.is_reversed(line["id"], self.on)
        if not line["first"] and is_under_way:
            self.edge(self.giver(line), line["allocation_id"], line["amount"], line["issued_on"])

    def top_down(self, start):
        """Holdings above and with the start, each after all those it feeds."""
        order, seen = [], set()

        def visit(ident):
            if ident in seen:
                return
            seen.add(ident)
            for line in self.books.lines_that_count(ident, self.on):
                if line["parent_id"]:
                    visit(line["parent_id"])
            order.append(ident)

        visit(start)
        return reversed(order)
