"""Every question of contract v1, section 4, on some days and as known at a moment, held against the books."""

from alerts import alerts
from days import later, unpadded
from dice import REGIONS
from moves import trace_down, trail
from upward import Upward

DAYS = ("2018-03-31", "2018-12-31", "2019-06-30", "2020-02-29", "2022-01-01")
EVERYWHERE = ("000000", "530000", *REGIONS)
ALERT = ("rule", "subjectId", "county", "amountFen", "since", "days", "severity")
PROJECT = {
    **{"id": "project_id", "name": "name", "category": "category", "unitName": "unit_name", "unitCode": "unit_code"},
    **{"plannedStart": "planned_start", "plannedEnd": "planned_end"},
}
DATED = {"libraryOn": "library_on", "approvedOn": "approved_on", "acceptedOn": "accepted_on", "closedOn": "closed_on"}


class Questions:
    def __init__(self, client, books, known_at, same):
        self.client, self.books, self.known_at, self.same = client, books, known_at, same

    def at(self, on):
        return f"asOf={on}" + ("" if self.known_at is None else f"&knownAt={self.known_at}")

    def ask(self, dice, share):
        """All of it for each day; of ids and regions, so many of a hundred."""
        books = self.books
        for on in DAYS:
            for holding in books.holdings(on):
                if dice.likely(share):
                    self.holding(holding, on)
                    self.down(holding, on)
                    self.up(holding, on)
            for payment, row in books.payments.items():
                if row["paid_on"] <= on and dice.likely(share / 2):
                    self.up(payment, on)
            for line in books.lines.values():
                if not line["first"] and line["issued_on"] <= on and dice.likely(share):
                    self.up(line["id"], on)
            for region in EVERYWHERE:
                self.summary(region, on)
                self.trail(region, on, dice.random.choice((2, 7)) if dice.likely(0.1) else 200, dice.likely(0.3))
            for project in books.projects:
                if dice.likely(share):
                    self.project(project, on)
                    self.up(project, on)
                    self.down_project(project, on)
            self.alerts(on)
        accounts = self.client.get(f"/api/v1/trial-balance?{self.at(DAYS[-1])}")
        self.same.equal(["trial balance"], accounts["totalDebitFen"], accounts["totalCreditFen"])

    def holding(self, ident, on):
        expected = self.books.holding(ident, on)
        answer = self.client.get(f"/api/v1/holdings/{ident}?{self.at(on)}")
        self.same.equal(["holding", ident, self.at(on)], expected, {name: answer[name] for name in expected})

    def summary(self, region, on):
        expected = self.books.summary(region, on)
        answer = self.client.get(f"/api/v1/counties/{region}/summary?{self.at(on)}")
        self.same.equal(["summary", region, self.at(on)], expected, {name: answer[name] for name in expected})

    def project(self, ident, on):
        row, answer = self.books.projects[ident], self.client.get(f"/api/v1/projects/{ident}?{self.at(on)}")
        expected = {name: row[column] for name, column in PROJECT.items()}
        expected |= {name: row[column] if (row[column] or "9") <= on else None for name, column in DATED.items()}
        expected |= {name: row[name] for name in ("county", "township", "village")}
        expected["plannedFen"] = None if row["planned_amount"] is None else str(row["planned_amount"])
        expected["notices"] = sorted(
            (
                *(one["notice_id"], one["level"], one["place"], one["posted_on"]),
                one["removed_on"] if (one["removed_on"] or "9") <= on else None,
            )
            for one in self.books.notices.values()
            if one["subject_id"] == ident and one["posted_on"] <= on
        )
        names = ("id", "level", "place", "postedOn", "removedOn")
        notices = sorted(tuple(one[name] for name in names) for one in answer["notices"])
        said = {name: answer[name] for name in expected} | {"notices": notices}
        self.same.equal(["project", ident, self.at(on)], expected, said)

    def alerts(self, on):
        found = self.client.pages(f"/api/v1/alerts?{self.at(on)}&limit=500", "alerts")[0]
        said = [tuple(unpadded(one[name]) if name == "county" else one[name] for name in ALERT) for one in found]
        self.same.equal(["alerts", self.at(on)], alerts(self.books, on), sorted(said))

    def trail(self, region, on, limit, in_parts):
        """Every entry, and the balance after each, also from the middle."""
        for since in ("2000-01-01", "2018-06-01") if in_parts else ("2000-01-01",):
            path = f"/api/v1/counties/{region}/trail?{self.at(on)}&from={since}&limit={limit}"
            entries = self.client.pages(path, "entries")[0]
            names = ("occurredOn", "recordId", "amountFen", "effect", "holdingId")
            said = sorted((tuple(one[name] for name in names) for one in entries), key=repr)
            expected = [entry for entry in trail(self.books, region, on) if entry[0] >= since]
            what = [region, since, self.at(on)]
            self.same.equal(["trail", *what], expected, said)
            order = [(entry["occurredOn"], int(entry["position"])) for entry in entries]
            self.same.equal(["order of the trail", *what], sorted(order), order)
            balance = int(self.books.summary(region, later(since, -1))["accountableFen"])
            running = []
            for entry in entries:
                sign = {"in": 1, "out": -1}.get(entry["effect"], 0)
                balance += sign * int(entry["amountFen"] or 0)
                running.append(str(balance))
            self.same.equal(["balance", *what], running, [entry["accountableFen"] for entry in entries])

    def down(self, ident, on):
        edges, last = self.client.pages(f"/api/v1/trace/{ident}?direction=down&{self.at(on)}", "edges")
        said = sorted((one["from"], one["to"], one["amountFen"], one["occurredOn"]) for one in edges)
        expected, in_transit = trace_down(self.books, [ident], on)
        self.same.equal(["down", ident, self.at(on)], (expected, str(in_transit)), (said, last["untracedFen"]))

    def down_project(self, ident, on):
        """Below its holdings, everything once; its payments are its own."""
        books = self.books
        starts = [one for one in books.holdings(on) if books.project(one) == ident]
        edges, last = self.client.pages(f"/api/v1/trace/{ident}?direction=down&{self.at(on)}", "edges")
        said = sorted((one["from"], one["to"], one["amountFen"], one["occurredOn"]) for one in edges)
        expected, in_transit = trace_down(books, starts, on)
        self.same.equal(["down", ident, self.at(on)], (expected, str(in_transit)), (said, last["untracedFen"]))

    def up(self, ident, on):
        edges, last = self.client.pages(f"/api/v1/trace/{ident}?direction=up&{self.at(on)}", "edges")
        names = ("from", "to", "amountFen", "occurredOn", "daysSincePrevious", "estimate")
        said = sorted((tuple(one[name] for name in names) for one in edges), key=repr)
        found = Upward(self.books, on).from_record(ident)
        expected = (sorted(found.edges, key=repr), str(found.untraced()))
        self.same.equal(["up", ident, self.at(on)], expected, (said, last["untracedFen"]))
