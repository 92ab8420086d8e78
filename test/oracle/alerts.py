"""The idle-fund rules of contract v1 with their default limits, evaluated over everything for one day."""

from days import anniversary, days_between, later, unpadded

SLOW_FUNDS = ("region-special", "city-special")


def alerts(books, on):
    """Rule, subject, county, amount, start, days and severity of each alert that is open on the day."""
    found = []

    def fire(rule, subject, region, amount, since, severity):
        found.append((rule, subject, unpadded(region), str(amount), since, days_between(since, on), severity))

    for line in books.lines.values():
        waits = line["received_on"] is None or line["received_on"] > on
        if line["issued_on"] <= on and waits and not books.is_reversed(line["id"], on):
            if days_between(line["issued_on"], on) > 10:
                region = books.region(line["allocation_id"])
                fire("not-acknowledged", line["id"], region, line["amount"], line["issued_on"], "medium")
    balances = {holding: books.available(holding, on) for holding in books.holdings(on)}
    for holding, balance in balances.items():
        region = books.region(holding)
        if balance < 0:
            fire("overdrawn", holding, region, -balance, spell(books, holding, on), "high")
        if balance <= 0:
            continue
        if holding in books.allocations:
            lying_still(books, holding, on, balance, fire)
        else:
            since = books.last_movement(holding, on)
            if days_between(since, on) > 60:
                fire("cash-parked", holding, region, balance, since, "high")
        issued = books.original_issue(holding, on)
        if on >= anniversary(issued, 2):
            fire("idle-two-years", holding, region, balance, issued, "high")
        elif on >= anniversary(issued, 1):
            fire("idle-one-year", holding, region, balance, issued, "medium")
    left_over(books, balances, on, fire)
    return sorted(found)


def lying_still(books, holding, on, balance, fire):
    region, since = books.region(holding), books.received_on(holding)
    level, count = len(unpadded(region)), days_between(since, on)
    if level in (2, 4):
        limit = 60 if books.allocations[holding]["fund_type"] in SLOW_FUNDS else 30
        if count > limit:
            fire("passed-on-late", holding, region, balance, since, "high" if count >= 2 * limit else "medium")
    elif level >= 6 and count > 60:
        fire("not-disbursed", holding, region, balance, since, "high" if count >= 180 else "medium")


def left_over(books, balances, on, fire):
    for ident, project in books.projects.items():
        over = [date for date in (project["accepted_on"], project["closed_on"]) if date and date <= on]
        if not over or days_between(min(over), on) <= 90:
            continue
        own = [balance for holding, balance in balances.items() if books.project(holding) == ident]
        left = sum(balance for balance in own if balance > 0)
        if left > 0:
            fire("left-over", ident, project["county"], left, min(over), "medium")


def spell(books, holding, on):
    """The first day of the present spell below zero."""
    while books.available(holding, later(on, -1)) < 0:
        on = later(on, -1)
    return on
