"""Days as `YYYY-MM-DD` texts, which order as they are, and codes of regions without their padding."""

import datetime

CENTRES = ("000000", "100000")

# Of the codes this oracle uses, the one that changed and what it became (libs/divisions: successors).
SUCCESSOR = ("451021", "451003")


def day(text):
    return datetime.date.fromisoformat(text)


def later(text, count):
    return (day(text) + datetime.timedelta(count)).isoformat()


def days_between(start, end):
    return (day(end) - day(start)).days


def anniversary(text, years):
    """The same month and day; 29 February counts as 28 (contract, section 4)."""
    start = day(text)
    try:
        return start.replace(year=start.year + years).isoformat()
    except ValueError:
        return start.replace(year=start.year + years, day=28).isoformat()


def unpadded(code):
    """Contract, section 1: padded forms are the same region; everything lies in the centre."""
    if code in CENTRES:
        return ""
    if len(code) == 12 and code.endswith("000"):
        code = code[:-3]
    if len(code) == 9 and code.endswith("000"):
        code = code[:-3]
    if len(code) == 6:
        while code.endswith("00") and len(code) > 2:
            code = code[:-2]
    return code


def lies_in(code, region):
    return unpadded(code).startswith(unpadded(region))


def same_place(code):
    """A code with its predecessor or successor (section 6: where a child's issuer and receiver lie)."""
    return SUCCESSOR if unpadded(code) in SUCCESSOR else (unpadded(code),)
