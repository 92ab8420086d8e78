"""Ids, dates and places of each kind of row (contract, section 2), and the refusals in their order (section 3)."""

# Whole fen are kept in 64 bits.
FEN_MAX = 2**63 - 1

ORDER = (
    *("bad-value", "unknown-region", "unknown-fund-type", "id-taken", "out-of-jurisdiction", "unknown-source"),
    *("source-not-received", "source-closed", "unknown-project", "date-before-source", "amount-not-positive"),
    *("exceeds-available", "already-reversed", "exceeds-original"),
)
ID = {
    **{"projects": "project_id", "allocations": "allocation_id", "supplements": "supplement_id"},
    **{"disbursements": "disbursement_id", "payments": "payment_id", "returns": "return_id"},
    **{"reversals": "reversal_id", "notices": "notice_id"},
}
FILLED_LATER = {
    **{"projects": ("accepted_on", "closed_on"), "allocations": ("received_on",), "supplements": ("received_on",)},
    **{"disbursements": ("credited_on",), "payments": (), "returns": ("received_on",), "reversals": ()},
    "notices": ("removed_on",),
}
DATES = {
    **{"allocations": ("issued_on", "received_on"), "supplements": ("issued_on", "received_on")},
    **{"disbursements": ("disbursed_on", "credited_on"), "returns": ("returned_on", "received_on")},
}
# Dates of one row that follow each other (section 6: out of order is `bad-value`).
ORDERED = {
    **DATES,
    "notices": ("posted_on", "removed_on"),
    "projects": ("library_on", "approved_on", "accepted_on", "closed_on"),
}
REGIONS = ("county", "township", "village", "issuer_region", "receiver_region", "payee_region")
