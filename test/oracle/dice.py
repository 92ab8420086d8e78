"""Random rows of every kind: mostly what a bureau would hand in next, sometimes what it must be refused."""

import random

from columns import FEN_MAX, FILLED_LATER, ID, ORDERED
from days import SUCCESSORS, later, lies_in, unpadded
from people import COUNT, account, credit_code, payee

# 451021 became 451003 in 2019, 450331 became 450381 in 2018: money moves between a code and its successor.
REGIONS = (
    *("450000", "450100", "450124", "450102", "450124100", "450200", "450202", "451000", "451021", "451003"),
    *("450300", "450331", "450381"),
)
VILLAGE = "450124100001"
KNOWN = (*REGIONS, VILLAGE, "000000", "530000")
FUNDS = ("central-special", "region-special", "city-special", "bond")
WEIGHTS = {
    **{"allocations": 20, "supplements": 8, "disbursements": 12, "payments": 20},
    **{"returns": 16, "reversals": 12, "projects": 4, "notices": 4},
}
# Ends of months, quarters and years, and the days of leap years.
EDGES = (
    *("2017-12-31", "2018-01-01", "2018-03-31", "2018-06-30", "2018-12-31", "2019-02-28", "2019-03-01", "2019-12-31"),
    *("2020-01-01", "2020-02-28", "2020-02-29", "2020-03-01", "2020-12-31"),
)
METHODS = ("direct", "authorised", "card", "reimbursement", "cash")
FAR = "2100-01-01"


class Dice:
    def __init__(self, seed, ledger):
        self.random, self.ledger, self.books = random.Random(seed), ledger, ledger.books
        self.prefix, self.count = f"H{seed}", 0

    def kind(self):
        return self.random.choices(list(WEIGHTS), WEIGHTS.values())[0]

    def likely(self, share):
        return self.random.random() < share

    def row(self, kind):
        """Mostly a new row; else one that is known: as it was, filled in, changed, or under an id that is taken."""
        known = [ident for ident, (its_kind, _, _) in self.ledger.rows.items() if its_kind == kind]
        if known and self.likely(0.12):
            return self.known_row(kind, self.random.choice(known))
        row = getattr(self, kind)()
        if known and self.likely(0.01):
            row[ID[kind]] = self.random.choice(list(self.ledger.rows))
        return row

    def known_row(self, kind, ident):
        _, stands, states = self.ledger.rows[ident]
        row = dict(stands if self.likely(0.7) else self.random.choice(states))
        if FILLED_LATER[kind] and self.likely(0.75):
            date = self.random.choice(FILLED_LATER[kind])
            given = [row[name] for name in row if name.endswith("_on") and row[name]]
            if row[date] is None or self.likely(0.1):
                row[date] = self.date(max(given, default="2019-03-01"))
        elif "amount" in row and self.likely(0.3):
            row["amount"] += 1
        elif kind in ("projects", "notices") and self.likely(0.5):
            row["place" if kind == "notices" else "category"] = "改过的"
        return row

    def new_id(self, letter):
        self.count += 1
        return f"{self.prefix}-{letter}{self.count}"

    def date(self, since=None):
        if since is not None and self.likely(0.1):
            return next((edge for edge in EDGES if edge >= since), since)
        if since is not None and self.likely(0.85):
            return later(since, self.random.choice((0, 0, 1, 3, 10, 40, 100, 400)))
        return later("2017-10-01", self.random.randrange(1200))

    def perhaps_date(self, since, share):
        return self.date(since) if self.likely(share) else None

    def one_of(self, idents):
        """Rather a late one; now and then one of another kind, or one that nobody knows."""
        idents = list(idents)
        if idents and self.likely(0.95):
            return self.random.choice(idents[-40:] if self.likely(0.5) else idents)
        others = list(self.ledger.rows)
        return self.random.choice(others) if others and self.likely(0.7) else f"{self.prefix}-none"

    def some_project(self, share):
        if self.likely(0.02):
            return f"{self.prefix}-no-project"
        return self.one_of(self.books.projects) if self.books.projects and self.likely(share) else None

    def amount(self, most):
        if self.likely(0.03):
            return self.random.choice((0, -5))
        if self.likely(0.003):
            return FEN_MAX + 1
        if most > 0 and self.likely(0.8):
            share = self.random.choice((3, 5, 10, 30, 100))
            return self.random.choice((most, most + 1, *[max(1, most // share)] * 4, self.random.randint(1, most)))
        return self.random.choice((1, 100, 99_999, 250_000))

    def left(self, holding):
        is_known = holding in self.books.allocations or holding in self.books.disbursements
        return self.books.balance(holding, FAR) if is_known else 0

    def received(self, holding):
        is_known = holding in self.books.allocations or holding in self.books.disbursements
        return self.books.received_on(holding) if is_known else None

    def projects(self):
        county = self.random.choice(("450124", "450102", "450202", "451021", "451003"))
        dates, since = {}, "2018-01-01"
        for name, share in zip(ORDERED["projects"], (0.5, 0.5, 0.1, 0.2)):
            dates[name] = self.perhaps_date(since, share)
            since = max(since, dates[name] or since)
        if self.likely(0.04):
            dates = {name: self.perhaps_date("2018-06-01", 0.6) for name in dates}
        start = self.perhaps_date("2018-01-01", 0.4)
        return {
            **{"project_id": self.new_id("P"), "name": f"项目{self.count}", "unit_name": "示例单位", "county": county},
            "township": "450124100" if self.likely(0.3) else None,
            "village": VILLAGE if self.likely(0.2) else None,
            "category": self.random.choice(("产业", "道路", None)),
            "unit_code": credit_code(self.count, self.likely(0.8)) if self.likely(0.3) else None,
            "planned_amount": self.random.choice((None, 1, 5_000_000, 12_345_678_901)),
            "planned_start": start,
            "planned_end": None if start is None or self.likely(0.5) else later(start, 200),
            **dates,
        }

    def document(self):
        if self.likely(0.92):
            return f"桂财农〔20{self.random.randint(17, 20)}〕{self.random.randint(1, 300)}号"
        return self.random.choice(("未载明", "桂财农2018年第?号"))

    def allocations(self):
        parent = self.one_of(self.books.allocations) if self.likely(0.65) else None
        issuer, most = self.random.choice(("000000", "450000", "530000")), 10 ** self.random.randint(4, 9)
        since, receivers = "2018-01-01", REGIONS
        if self.likely(0.01):
            most = 10**17
        if parent in self.books.allocations:
            issuer, most, since = self.books.region(parent), self.left(parent), self.received(parent)
            receivers = [code for code in REGIONS if lies_in(code, issuer)]
            # The successor of its own code, which a giver may pass on to.
            receivers += [after for before, after in SUCCESSORS if before == unpadded(issuer)] * 2
        receiver = self.random.choice(receivers if receivers and self.likely(0.95) else REGIONS)
        issued = self.date(since)
        return {
            "allocation_id": self.new_id("A"),
            "parent_id": parent,
            "doc_no": self.document(),
            "fund_type": self.random.choice(FUNDS) if self.likely(0.99) else "nonsense",
            "fiscal_year": "2018",
            "issuer_region": issuer if self.likely(0.97) else "530000",
            "receiver_region": receiver if self.likely(0.99) else "999999",
            "amount": self.amount(most),
            "issued_on": issued,
            "received_on": self.perhaps_date(issued, 0.8),
            "project_id": self.some_project(0.2),
        }

    def supplements(self):
        grows = self.one_of(self.books.allocations)
        parent, issuer = None, "000000"
        if grows in self.books.allocations and self.likely(0.8):
            around = [one for one in self.books.allocations if lies_in(self.books.region(grows), self.books.region(one))]
            parent = self.one_of(around)
        if parent in self.books.allocations and self.likely(0.97):
            issuer = self.books.region(parent)
        since = max(filter(None, (self.received(grows), self.received(parent))), default=None)
        issued = self.date(since)
        return {
            **{"supplement_id": self.new_id("U"), "allocation_id": grows, "parent_id": parent, "doc_no": self.document()},
            **{"issuer_region": issuer, "amount": self.amount(self.left(parent) or 10**6)},
            **{"issued_on": issued, "received_on": self.perhaps_date(issued, 0.7)},
        }

    def disbursements(self):
        source = self.one_of(self.books.allocations)
        sent = self.date(self.received(source))
        return {
            **{"disbursement_id": self.new_id("D"), "allocation_id": source, "project_id": self.some_project(0.2)},
            **{"amount": self.amount(self.left(source)), "disbursed_on": sent},
            "credited_on": self.perhaps_date(sent, 0.8),
            **{"recipient_name": "示例单位", "voucher_no": f"V{self.count}"},
            "recipient_code": credit_code(self.count, self.likely(0.7)) if self.likely(0.2) else None,
            "recipient_account": account(self.count, self.likely(0.7)) if self.likely(0.2) else None,
        }

    def payments(self):
        source = self.one_of([*self.books.disbursements, *self.books.allocations])
        has_happened = self.likely(0.08)
        return {
            **{"payment_id": self.new_id("Z"), "source_id": source, "project_id": self.some_project(0.05)},
            **{"amount": self.amount(self.left(source)), "paid_on": self.date(self.received(source))},
            **{"already_happened": has_happened, "reason": "已付" if has_happened and self.likely(0.9) else None},
            **{"method": self.random.choice(METHODS), "voucher_no": f"V{self.count}"},
            "payee_region": self.random.choice((VILLAGE, "450102", "451021", "530000")) if self.likely(0.2) else None,
            **self.payee(),
        }

    def payee(self):
        if self.likely(0.4):
            return {"payee_kind": "person", **payee(self.random.randrange(COUNT))}
        code = credit_code(self.count, self.likely(0.7)) if self.likely(0.2) else None
        name = self.random.choice(("示例公司", "测试合作社"))
        return {"payee_kind": "unit", "payee_name": name, "payee_code": code, "payee_account": None}

    def notices(self):
        books = self.books
        pools = (books.projects, books.lines, books.payments, books.disbursements, books.returns, books.notices)
        posted = self.date("2018-06-01")
        return {
            "notice_id": self.new_id("N"),
            "subject_id": self.one_of(self.random.choices(pools, (8, 4, 3, 2, 1, 1))[0]),
            "level": self.random.choice(("province", "city", "county", "township", "village")),
            "place": self.random.choice((None, "村口")),
            **{"posted_on": posted, "removed_on": self.date(posted) if self.likely(0.3) else None},
        }

    def returns(self):
        kind = self.random.choice(("bank-return", "cash-return", "recall"))
        pool = {"bank-return": self.books.payments, "cash-return": self.books.disbursements, "recall": self.books.lines}[kind]
        of = self.one_of(pool)
        original = pool.get(of, {})
        dates = [original[name] for name in ("paid_on", "credited_on", "received_on") if original.get(name)]
        returned = self.date(max(dates, default=None))
        has_second_side = kind != "bank-return" or self.likely(0.2)
        return {
            **{"return_id": self.new_id("T"), "kind": kind, "of_id": of},
            "amount": self.amount(original.get("amount", 0) if self.likely(0.5) else self.left(of)),
            **{"returned_on": returned, "received_on": self.perhaps_date(returned, 0.7) if has_second_side else None},
        }

    def reversals(self):
        books = self.books
        pools = (books.payments, books.returns, books.disbursements, books.lines, books.lines, books.projects)
        pool = self.random.choices(pools, (6, 6, 4, 4, 4, 1))[0] if self.likely(0.97) else books.reversals
        of = self.one_of(pool)
        dates = [value for name, value in pool.get(of, {}).items() if name.endswith("_on") and value]
        return {
            **{"reversal_id": self.new_id("X"), "of_id": of},
            **{"reversed_on": self.date(max(dates, default=None)), "reason": "错"},
        }
