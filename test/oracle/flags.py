"""Warnings of a row (contract, sections 1 and 6): field and code of each, in any order."""

import re

from days import is_of_its_year
from forms import REGIONAL

STATED = re.compile(r"^桂财农〔20\d\d〕\d+号$")
CREDIT_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
RESIDENT_CHECKS = "10X98765432"
FIRST_DATE = {
    **{"allocations": "issued_on", "supplements": "issued_on", "disbursements": "disbursed_on", "payments": "paid_on"},
    **{"returns": "returned_on", "reversals": "reversed_on", "notices": "posted_on"},
}


def warnings(kind, row):
    if kind == "projects":
        date = row["approved_on"] or row["library_on"]
    else:
        date = row[FIRST_DATE[kind]]
    found = [(name, "region-vintage") for name in REGIONAL if row.get(name) and not is_of_its_year(row[name], date)]
    if row.get("doc_no") == "未载明":
        found.append(("doc_no", "doc-not-stated"))
    elif row.get("doc_no") and not STATED.match(row["doc_no"]):
        found.append(("doc_no", "doc-unreadable"))
    for name in ("unit_code", "recipient_code", "payee_code"):
        is_person = name == "payee_code" and row.get("payee_kind") == "person"
        if row.get(name) and not (is_resident if is_person else is_credit_code)(row[name]):
            found.append((name, "check-digit"))
    for name in ("recipient_account", "payee_account"):
        # Accounts as long as a card's; passbooks and units have rules of their own.
        if row.get(name) and re.match(r"^\d{16,19}$", row[name]) and luhn(row[name]) != 0:
            found.append((name, "check-digit"))
    return found


def resident_check(body):
    """GB 11643: the last character to the first seventeen."""
    return RESIDENT_CHECKS[sum(int(digit) * pow(2, 17 - at, 11) for at, digit in enumerate(body)) % 11]


def is_resident(code):
    return len(code) == 18 and code[-1] == resident_check(code[:17])


def credit_check(body):
    """GB 32100: the last character to the first seventeen."""
    total = sum(CREDIT_CHARACTERS.index(one) * pow(3, at, 31) for at, one in enumerate(body))
    return CREDIT_CHARACTERS[(31 - total % 31) % 31]


def is_credit_code(code):
    return len(code) == 18 and code[-1] == credit_check(code[:17])


def luhn(digits):
    """ISO/IEC 7812: nought for an account that follows it."""
    doubled = (int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10
