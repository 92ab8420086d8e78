"""
What everybody may know (docs/personal-data.md): totals of counties and larger places, what was paid to people only together for at
least five of them, and projects once they were put up.
"""

from client import Client, Refused
from days import lies_in, same_place, unpadded

SMALL_CELL = 5
PLACES = ("450124", "450102", "450202", "451021", "451003", "450331", "450381", "4501", "4502", "4510", "45", "000000")


def cell_of(region):
    """The county a holding lies in; what lies in none stands for itself."""
    return unpadded(region)[:6]


def person(row):
    return row["payee_code"] or (row["payee_name"], row["payee_account"])


def told(ledger):
    """Of each county, in the order of the log: told to people, held, for whom it is held, paid to units."""
    cells, books = {}, ledger.books
    for kind, row in ledger.log:
        if kind == "payments":
            payment, amount = row, row["amount"]
        elif kind == "returns" and row["kind"] == "bank-return":
            payment, amount = books.payments[row["of_id"]], -row["amount"]
        elif kind == "reversals" and row["of_id"] in books.payments:
            payment = books.payments[row["of_id"]]
            amount = -payment["amount"]
        elif kind == "reversals" and books.returns.get(row["of_id"], {}).get("kind") == "bank-return":
            back = books.returns[row["of_id"]]
            payment, amount = books.payments[back["of_id"]], back["amount"]
        else:
            continue
        cell = cells.setdefault(cell_of(books.region(payment["source_id"])), {"told": 0, "held": 0, "whom": set(), "units": 0})
        if payment["payee_kind"] == "unit":
            cell["units"] += amount
            continue
        cell["held"] += amount
        cell["whom"].add(person(payment))
        if len(cell["whom"]) >= SMALL_CELL:
            cell["told"] += cell["held"]
            cell["held"], cell["whom"] = 0, set()
    return cells


def ask_as_stranger(url, ledger, today, same):
    client, cells, books = Client(url, None), told(ledger), ledger.books
    for place in PLACES:
        inside = [cell for code, cell in cells.items() if lies_in(code, place)]
        summary = books.summary(place, today)
        expected = {
            **{"receivedFen": summary["receivedFen"], "returnedUpFen": summary["returnedUpFen"]},
            "paidToUnitsFen": str(sum(cell["units"] for cell in inside)),
            "paidToPeopleFen": str(sum(cell["told"] for cell in inside)),
            "withheld": any(cell["whom"] for cell in inside),
        }
        answer = client.get(f"/api/v1/public/regions/{place}")
        same.equal(["told to everybody", place], expected, {name: answer[name] for name in expected})
        projects = client.pages(f"/api/v1/public/regions/{place}/projects", "projects")[0]
        names = ("id", "name", "county", "township", "plannedFen", "postedOn")
        said = [tuple(one[name] for name in names) for one in projects]
        same.equal(["put up", place], put_up(books, place, today), said)
    same.equal(["a township, to everybody"], "not-public", code_of(client, "/api/v1/public/regions/450124100"))


def put_up(books, place, today):
    first = {}
    for notice in books.notices.values():
        if notice["subject_id"] in books.projects and notice["posted_on"] <= today:
            known = first.get(notice["subject_id"], notice["posted_on"])
            first[notice["subject_id"]] = min(known, notice["posted_on"])
    rows = [(books.projects[ident], posted) for ident, posted in sorted(first.items())]
    return [
        (
            *(row["project_id"], row["name"], row["county"], row["township"]),
            None if row["planned_amount"] is None else str(row["planned_amount"]),
            posted,
        )
        for row, posted in rows
        # A county is shown its projects under the name it had before, and has since.
        if any(lies_in(row["county"], code) for code in same_place(place))
    ]


def code_of(client, path):
    try:
        client.get(path)
    except Refused as refused:
        return refused.code
    return None
