"""What contract v1 does with a row that is handed in: the first refusal in the order of section 3, or what is posted."""

from books import Books
from columns import DATES, FEN_MAX, FILLED_LATER, ID, ORDER, ORDERED, REGIONS
from days import lies_in, same_place, unpadded


class Ledger:
    """Rows are decided one after the other, each on everything posted before it."""

    def __init__(self, known_regions):
        self.books, self.known = Books(), {unpadded(code) for code in known_regions}
        # Of each id: its kind, the row as it stands, and every state it was ever posted in.
        self.rows = {}
        # Kind and row of everything posted, in the order of the log.
        self.log = []

    def hand_in(self, kind, row, unit):
        """`posted`, `completed`, `already-posted`, or the code of a refusal; what is posted counts from now on."""
        verdict = self.decide(kind, row, unit)
        ident = row[ID[kind]]
        if verdict == "posted":
            self.rows[ident] = (kind, row, [row])
            self.books.add(kind, dict(row))
            self.log.append((kind, row))
        elif verdict == "completed":
            self.rows[ident] = (kind, row, [*self.rows[ident][2], row])
            self.books.complete(kind, ident, {date: row[date] for date in FILLED_LATER[kind]})
        return verdict

    def decide(self, kind, row, unit):
        verdict = self.misshapen(kind, row) or self.known_id(kind, row)
        if verdict not in (None, "completed"):
            return verdict
        where = self.place(kind, row)
        if where is None:
            return "unknown-source"
        if not lies_in(where, unit):
            return "out-of-jurisdiction"
        if verdict == "completed":
            is_undone = row[ID[kind]] in self.books.reversal_of
            return "already-reversed" if is_undone and kind not in ("projects", "notices") else "completed"
        found = set(getattr(self, kind)(row))
        return min(found, key=ORDER.index) if found else "posted"

    def misshapen(self, kind, row):
        dates = [row[date] for date in ORDERED.get(kind, ()) if row[date] is not None]
        if dates != sorted(dates) or abs(row.get("amount", 0)) > FEN_MAX:
            return "bad-value"
        if kind == "payments" and row["already_happened"] and row["reason"] is None:
            return "bad-value"
        if any(row.get(name) and unpadded(row[name]) not in self.known for name in REGIONS):
            return "unknown-region"
        return "unknown-fund-type" if row.get("fund_type") == "nonsense" else None

    def known_id(self, kind, row):
        """Section 6: identical, completed, or another row under a taken id."""
        if row[ID[kind]] not in self.rows:
            return None
        known_kind, stands, states = self.rows[row[ID[kind]]]
        if known_kind != kind:
            return "id-taken"
        if row in states:
            return "already-posted"
        later = [date for date in FILLED_LATER[kind] if stands[date] is None]
        if any(row[name] != stands[name] for name in row if name not in later):
            return "id-taken"
        # A bank return has no second side (docs/interpretations.md).
        return "already-posted" if row.get("kind") == "bank-return" else "completed"

    def place(self, kind, row):
        """Where whoever hands the row in must be responsible; None where what it leans on is unknown."""
        books = self.books
        if kind == "projects":
            return row["county"]
        if kind == "allocations":
            return row["receiver_region"]
        if kind == "supplements":
            grows = row["allocation_id"]
            return books.region(grows) if grows in books.allocations else None
        if kind == "reversals":
            return self.losing_region(row["of_id"])
        if kind == "notices":
            return self.told_region(row["subject_id"])
        if kind == "returns":
            holding = self.sender(row)
        else:
            holding = row["allocation_id"] if kind == "disbursements" else row["source_id"]
            if kind == "disbursements" and holding not in books.allocations:
                return None
        is_known = holding in books.allocations or holding in books.disbursements
        return books.region(holding) if is_known else None

    def sender(self, row):
        """The holding a return is sent from, or a bank's return goes into."""
        books, of = self.books, row["of_id"]
        if row["kind"] == "bank-return":
            return books.payments[of]["source_id"] if of in books.payments else None
        if row["kind"] == "cash-return":
            return of if of in books.disbursements else None
        return books.lines[of]["allocation_id"] if of in books.lines else None

    # Each kind: the refusals that apply, in any order

    def projects(self, _row):
        return ()

    def notices(self, _row):
        return ()

    def allocations(self, row):
        yield from self.given(row, row["receiver_region"], [])
        if row["project_id"] and row["project_id"] not in self.books.projects:
            yield "unknown-project"

    def supplements(self, row):
        grows, parent = row["allocation_id"], row["parent_id"]
        if parent in self.books.allocations and self.is_above(grows, parent, row["issued_on"]):
            yield "unknown-source"
        yield from self.given(row, self.books.region(grows), [grows])

    def given(self, row, receiver, leans):
        books, parent, problems = self.books, row["parent_id"], []
        if parent is not None and parent not in books.allocations:
            problems.append("unknown-source")
        elif parent is not None:
            giver = same_place(books.region(parent))
            is_inside = any(lies_in(receiver, code) for code in giver)
            if unpadded(row["issuer_region"]) not in giver or not is_inside:
                problems.append("out-of-jurisdiction")
            leans = [parent, *leans]
        problems += self.leaning(leans, row["issued_on"])
        problems += self.amount(row)
        yield from problems
        if not problems and parent is not None and self.lowest(parent, row["issued_on"]) < row["amount"]:
            yield "exceeds-available"

    def disbursements(self, row):
        return self.drawn(row, row["allocation_id"], row["disbursed_on"], False)

    def payments(self, row):
        return self.drawn(row, row["source_id"], row["paid_on"], row["already_happened"])

    def drawn(self, row, source, on, has_happened):
        problems = [*self.leaning([source], on), *self.amount(row)]
        if row["project_id"] and row["project_id"] not in self.books.projects:
            problems.append("unknown-project")
        if not problems and not has_happened and self.lowest(source, on) < row["amount"]:
            problems.append("exceeds-available")
        return problems

    def returns(self, row):
        books, of, on = self.books, row["of_id"], row["returned_on"]
        is_bank = row["kind"] == "bank-return"
        original = {**books.lines, **books.disbursements, **books.payments}[of]
        since = original["paid_on"] if is_bank else original.get("received_on", original.get("credited_on"))
        problems = [*self.amount(row)]
        if since is None:
            problems.append("source-not-received")
        elif on < since:
            problems.append("date-before-source")
        if of in books.reversal_of:
            problems.append("already-reversed")
        if problems:
            return problems
        if not is_bank and self.lowest(self.sender(row), on) < row["amount"]:
            problems.append("exceeds-available")
        if row["kind"] != "cash-return" and self.left(of, original["amount"], on) < row["amount"]:
            problems.append("exceeds-original")
        return problems

    def reversals(self, row):
        books, of, on = self.books, row["of_id"], row["reversed_on"]
        problems = []
        if on < self.last_date(of):
            problems.append("date-before-source")
        if of in books.reversal_of:
            problems.append("already-reversed")
        if problems:
            return problems
        holding, amount = self.loss(of)
        if holding is not None and self.lowest(holding, on) < amount:
            problems.append("exceeds-available")
        if of in books.allocations and self.has_supplements(of, on):
            problems.append("exceeds-available")
        whole = books.payments.get(of) or (None if of in books.allocations else books.lines.get(of))
        if whole and self.left(of, whole["amount"], on) < whole["amount"]:
            problems.append("exceeds-original")
        return problems

    # What reversals take from whom

    def last_date(self, of):
        books = self.books
        row = {**books.lines, **books.disbursements, **books.payments, **books.returns}[of]
        if row.get("kind") == "bank-return":
            return row["returned_on"]
        names = [*DATES["allocations"], *DATES["disbursements"], *DATES["returns"], "paid_on"]
        return max(row[name] for name in names if row.get(name))

    def loss(self, of):
        """The holding that a reversal takes from, and how much; nobody where nothing has arrived."""
        books = self.books
        if of in books.payments:
            return None, 0
        if of in books.disbursements:
            return of, books.disbursements[of]["amount"]
        if of in books.lines:
            line = books.lines[of]
            is_there = line["first"] or line["received_on"] is not None
            return (line["allocation_id"], line["amount"]) if is_there else (None, 0)
        back = books.returns[of]
        if back["kind"] == "bank-return":
            return self.sender(back), back["amount"]
        taker = self.taker(back)
        return (taker, back["amount"]) if back["received_on"] else (None, 0)

    def taker(self, back):
        books = self.books
        if back["kind"] == "cash-return":
            return books.disbursements[back["of_id"]]["allocation_id"]
        return books.lines[back["of_id"]]["parent_id"]

    def losing_region(self, of):
        books = self.books
        if of in books.payments:
            return books.region(books.payments[of]["source_id"])
        if of in books.disbursements:
            return books.region(of)
        if of in books.lines:
            return books.region(books.lines[of]["allocation_id"])
        if of not in books.returns:
            return None
        back = books.returns[of]
        taker = None if back["kind"] == "bank-return" else self.taker(back)
        return books.region(taker or self.sender(back))

    def told_region(self, subject):
        """Where the subject of a notice lies: anything somebody can be told they will get."""
        project = self.books.projects.get(subject)
        return project["county"] if project else None if subject in self.books.returns else self.losing_region(subject)

    def has_supplements(self, allocation, on):
        extra = [line for line in self.books.lines_of[allocation] if not line["first"]]
        return any(not self.books.is_reversed(line["id"], on) for line in extra)

    # What several kinds ask

    def amount(self, row):
        return [] if row["amount"] > 0 else ["amount-not-positive"]

    def leaning(self, sources, on):
        books = self.books
        for source in sources:
            received = books.received_on(source)
            if received is None:
                yield "source-not-received"
            elif on < received:
                yield "date-before-source"
            closed = books.closed_on(source)
            if source in books.reversal_of or (closed is not None and on > closed):
                yield "source-closed"

    def lowest(self, holding, on):
        """The lowest end-of-day balance on or after a day: it changes only on days named by some row."""
        return min(self.books.balance(holding, date) for date in self.days_from(on))

    def left(self, of, amount, on):
        """The least that is left of an original on any day from the given one."""
        kinds = ("bank-return", "recall", "cash-return")

        def back(date):
            return sum(self.books.came_back(of, kind, date, "returned_on") for kind in kinds)

        return min(amount - back(date) for date in self.days_from(on))

    def days_from(self, on):
        names = [name for pair in DATES.values() for name in pair] + ["paid_on", "reversed_on"]
        dates = {row[name] for _, row, _ in self.rows.values() for name in names if row.get(name)}
        return {on, *(date for date in dates if date > on)}

    def is_above(self, allocation, start, on):
        """Whether one allocation feeds another by lines that still stand after the day."""
        todo, seen = [start], set()
        while todo:
            one = todo.pop()
            if one == allocation:
                return True
            if one not in seen:
                seen.add(one)
                lines = [line for line in self.books.lines_of[one] if not self.books.is_reversed(line["id"], on)]
                todo += [line["parent_id"] for line in lines if line["parent_id"]]
        return False
