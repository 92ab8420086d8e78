"""What a trail counts and what a trace down shows, from the rows that were posted."""

from days import lies_in


OPPOSITE = {"in": "out", "out": "in", "within": "within", "none": "none"}


def trail(books, region, on):
    """
    Every entry of a trail: date, id of the row, amount, effect, holding. A row gives one entry a date, where it names the place
    or one in it; a reversal has the opposite effect of what it reverses, on its own date.
    """
    found = []

    def here(*codes):
        return any(code is not None and lies_in(code, region) for code in codes)

    def entry(ident, date, amount, effect, holding):
        if date is not None and date <= on:
            found.append((date, ident, None if amount is None else str(amount), effect, holding))

    def record(ident, amount, holding, dates):
        """One entry a date, then that of the reversal, which undoes what they came to together."""
        for date, effect in dates:
            entry(ident, date, amount, effect, holding)
        back = books.reversal_of.get(ident)
        if back:
            effects = [effect for date, effect in dates if date is not None]
            whole = next((one for one in ("in", "out", "within") if one in effects), "none")
            entry(back["reversal_id"], back["reversed_on"], amount, OPPOSITE[whole], holding)

    for line in books.lines.values():
        of_line(books, line, here, record)
    for row in books.disbursements.values():
        ident = row["disbursement_id"]
        if here(books.region(ident)):
            record(ident, row["amount"], ident, [(row["disbursed_on"], "within"), (row["credited_on"], "within")])
            for back in books.returns_of.get(ident, []):
                dates = [(back["returned_on"], "within"), (back["received_on"], "within")]
                record(back["return_id"], back["amount"], row["allocation_id"], dates)
    for row in books.payments.values():
        ident, is_holders = row["payment_id"], here(books.region(row["source_id"]))
        if is_holders or here(row["payee_region"]):
            record(ident, row["amount"], row["source_id"], [(row["paid_on"], "out" if is_holders else "none")])
            for back in books.returns_of.get(ident, []):
                effect = "in" if is_holders else "none"
                record(back["return_id"], back["amount"], row["source_id"], [(back["returned_on"], effect)])
    for ident, row in books.projects.items():
        if here(row["county"], row["township"], row["village"]):
            for name in ("library_on", "approved_on", "accepted_on", "closed_on"):
                entry(ident, row[name], None, "none", None)
    for ident, row in books.notices.items():
        if here(*places(books, row["subject_id"])):
            entry(ident, row["posted_on"], None, "none", None)
            entry(ident, row["removed_on"], None, "none", None)
    return sorted(found, key=repr)


def of_line(books, line, here, record):
    parent, ident, holding = line["parent_id"], line["id"], line["allocation_id"]
    taker = books.region(holding)
    is_here, gives = here(taker), parent is not None and here(books.region(parent))
    if not (is_here or gives or here(line["issuer_region"])):
        return
    comes_in = is_here and (parent is None or not here(line["issuer_region"]))
    # To a successor of one's own code money goes out when it is issued (section 6, last points).
    issue = ("within" if is_here else "out") if gives else "none"
    receipt = "in" if comes_in else "within" if is_here else "none"
    record(ident, line["amount"], holding, [(line["issued_on"], issue), (line["received_on"], receipt)])
    for back in books.returns_of.get(ident, []):
        # The receipt of a 收回 does not say who issued the line (docs/interpretations.md).
        received_on = back["received_on"] if is_here or gives else None
        sent = ("within" if gives else "out") if is_here else "none"
        come = ("within" if is_here else "in") if gives else "none"
        # Returned to the giver; out of the ledger it is drawn on the holding that sends it.
        dates = [(back["returned_on"], sent), (received_on, come)]
        record(back["return_id"], back["amount"], parent or holding, dates)


def places(books, subject):
    """Every place that a record names, by itself or by what it leans on."""
    if subject in books.projects:
        return [books.projects[subject][name] for name in ("county", "township", "village")]
    if subject in books.payments:
        row = books.payments[subject]
        return [books.region(row["source_id"]), row["payee_region"]]
    if subject in books.disbursements:
        return [books.region(subject)]
    line = books.lines[subject]
    return [line["issuer_region"], books.region(line["allocation_id"])]


def trace_down(books, starts, on):
    """Edges (from, to, amount, date) below holdings, and the money in transit among them."""
    edges, seen, in_transit = [], set(), 0

    def moved(ident, giver, taker, amount, sent, received):
        """One movement and its reversal; whether it has arrived and stands."""
        nonlocal in_transit
        if sent > on:
            return False
        edges.append((giver, taker, str(amount), sent))
        if books.is_reversed(ident, on):
            edges.append((taker, giver, str(amount), books.reversal_of[ident]["reversed_on"]))
            return False
        if received is not None and received <= on:
            return True
        in_transit += amount
        return False

    def came_back(ident, giver, taker):
        for row in books.returns_of.get(ident, []):
            date = "returned_on" if row["kind"] == "bank-return" else "received_on"
            moved(row["return_id"], taker, giver, row["amount"], row["returned_on"], row[date])

    def below(holding):
        if holding in seen or books.is_reversed(holding, on):
            return
        seen.add(holding)
        for line in books.lines_from.get(holding, []):
            taker = line["allocation_id"]
            dates = (line["issued_on"], line["received_on"])
            stands = moved(line["id"], holding, taker, line["amount"], *dates)
            came_back(line["id"], holding, taker)
            if stands:
                below(taker)
        for row in books.disbursed_from.get(holding, []):
            taker = row["disbursement_id"]
            stands = moved(taker, holding, taker, row["amount"], row["disbursed_on"], row["credited_on"])
            came_back(taker, holding, taker)
            if stands:
                below(taker)
        for row in books.paid_from.get(holding, []):
            taker = row["payment_id"]
            moved(taker, holding, taker, row["amount"], row["paid_on"], row["paid_on"])
            came_back(taker, holding, taker)

    for start in starts:
        below(start)
    return sorted(edges), in_transit
