"""Days as `YYYY-MM-DD` texts, which order as they are, and codes of regions without their padding."""

import datetime

CENTRES = ("000000", "100000")

# Of the codes this oracle uses, those that changed and what they became, and the years of the tables that have them
# (data/divisions). All others are in every table.
SUCCESSORS = (("451021", "451003"), ("450331", "450381"))
YEARS = {"451021": (2017, 2018), "451003": (2019, 2023), "450331": (2017, 2017), "450381": (2018, 2023)}
TABLES = (2017, 2018, 2019, 2020, 2023)


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
    code = unpadded(code)
    return next((pair for pair in SUCCESSORS if code in pair), (code,))


def is_of_its_year(code, date):
    """Section 6: before the first table the first applies, after the last the last, between two the earlier."""
    code = unpadded(code)
    if date is None or code not in YEARS:
        return True
    first, last = YEARS[code]
    table = max((year for year in TABLES if year <= int(date[:4])), default=TABLES[0])
    return first <= table <= last
