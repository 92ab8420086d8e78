"""What a trail counts and what a trace down shows, from the rows that were posted."""

from days import lies_in


def trail(books, region, on):
    """Date, amount and effect of every entry that changes what a region is accountable for."""
    found = []

    def moved(ident, date, amount, effect):
        back = books.reversal_of.get(ident)
        if date is not None and date <= on:
            found.append((date, str(amount), effect))
            if back and back["reversed_on"] <= on:
                found.append((back["reversed_on"], str(amount), "out" if effect == "in" else "in"))

    for line in books.lines.values():
        parent = line["parent_id"]
        is_here = lies_in(books.region(line["allocation_id"]), region)
        comes_in = is_here and (parent is None or not lies_in(line["issuer_region"], region))
        if comes_in:
            moved(line["id"], line["received_on"], line["amount"], "in")
        # To a successor of one's own code money goes out when it is issued (section 6, last points).
        if parent is not None and not is_here and lies_in(books.region(parent), region):
            moved(line["id"], line["issued_on"], line["amount"], "out")
        for back in books.returns_of.get(line["id"], []):
            if is_here and (parent is None or not lies_in(books.region(parent), region)):
                moved(back["return_id"], back["returned_on"], back["amount"], "out")
    for payment in books.payments.values():
        if not lies_in(books.region(payment["source_id"]), region):
            continue
        moved(payment["payment_id"], payment["paid_on"], payment["amount"], "out")
        for back in books.returns_of.get(payment["payment_id"], []):
            moved(back["return_id"], back["returned_on"], back["amount"], "in")
    return sorted(found)


def trace_down(books, start, on):
    """Edges (from, to, amount, date) below a holding, and the money in transit among them."""
    edges, seen, in_transit = [], set(), 0
    if books.is_reversed(start, on):
        return [], 0

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
        if holding in seen:
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

    below(start)
    return sorted(edges), in_transit
