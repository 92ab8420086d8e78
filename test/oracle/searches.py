"""Whoever looks for a person finds every payment to that person in the jurisdiction, masked (docs/personal-data.md)."""

from days import lies_in, unpadded
from people import COUNT, payee

WHY = {"purpose": "investigation", "reason": "核对发放对象", "caseId": "案〔2020〕7号"}
LINES_MAX = 100
NAMES = ("id", "region", "holdingId", "paidOn", "amountFen", "voucherNo", "returnedFen", "reversedOn")


def masked(row):
    name, code, account = row["payee_name"], row["payee_code"], row["payee_account"]
    return (
        f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}",
        None if code is None else f"{code[:6]}{'*' * 8}{code[-4:]}",
        None if account is None else f"{'*' * (len(account) - 4)}{account[-4:]}",
    )


def search(client, books, today, same):
    """By ID, by account and by name within a county, for each person there is."""
    for number in range(COUNT):
        one = payee(number)
        for by, sought in (("id", one["payee_code"]), ("account", one["payee_account"])):
            if sought is not None:
                found = [row for row in people(books) if row[f"payee_{'code' if by == 'id' else by}"] == sought]
                compare(client, books, {by: sought}, found, today, same)
        if number % 3 == 0:
            rows = [row for row in people(books) if row["payee_name"] == one["payee_name"]]
            found = [row for row in rows if lies_in(books.region(row["source_id"]), "450124")]
            compare(client, books, {"name": one["payee_name"], "county": "450124"}, found, today, same)


def people(books):
    return [row for row in books.payments.values() if row["payee_kind"] == "person"]


def compare(client, books, sought, found, today, same):
    answer = client.ask("POST", "/api/v1/personal/search", {**WHY, **sought, "limit": LINES_MAX})
    said = [(*(one[name] for name in NAMES), (one["name"], one["code"], one["account"])) for one in answer["lines"]]
    expected = [
        (
            *(row["payment_id"], unpadded(books.region(row["source_id"])), row["source_id"], row["paid_on"]),
            *(str(row["amount"]), row["voucher_no"]),
            str(books.came_back(row["payment_id"], "bank-return", today, "returned_on")),
            books.reversal_of.get(row["payment_id"], {}).get("reversed_on"),
            masked(row),
        )
        for row in found
    ]
    if len(expected) <= LINES_MAX:
        same.equal(["search", sought], sorted(expected, key=repr), sorted(said, key=repr))
