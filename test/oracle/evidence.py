"""
A bundle of evidence (docs/evidence-bundle.md) checked with nothing but its own bytes: every entry of a trail is a record of the bundle,
every record stands under the signed root (RFC 6962), and the log's key signed it (RFC 8032, C2SP signed-note).
"""

import base64
import hashlib
import io
import json
import zipfile

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
ED25519 = 1


def check(client, region, on, same):
    body = {"kind": "trail", "id": region, "asOf": on, "reason": "核查资金", "caseId": "2020-17"}
    _, content = client.exchange("POST", "/api/v1/evidence", body, more={"accept": "application/zip"})
    members = zipfile.ZipFile(io.BytesIO(content))
    entries = client.pages(f"/api/v1/counties/{region}/trail?asOf={on}&limit=500", "entries")[0]
    records = {int(name[8:-5]) for name in members.namelist() if name.startswith("records/")}
    same.equal(["evidence", region, on], sorted({entry["position"] for entry in entries}), sorted(records))
    manifest = json.loads(members.read("manifest.json"))
    digests = {one["path"]: (one["bytes"], one["sha256"]) for one in manifest["members"]}
    inside = {name: members.read(name) for name in members.namelist() if name != "manifest.json"}
    found = {name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in inside.items()}
    same.equal(["members", region, on], digests, found)
    checkpoint = inside["checkpoint"].decode()
    text, signatures = checkpoint.split("\n\n", 1)
    _, size, root = text.split("\n")[:3]
    policy = inside["policy"].decode()
    same.equal(["signed", region, on], True, signed_by_log(f"{text}\n", signatures, policy))
    wrong = [
        position
        for position in records
        if not stands(inside[f"records/{position}.json"], inside[f"proofs/{position}.tlog-proof"].decode(), position, int(size), root)
    ]
    same.equal(["proofs", region, on], [], wrong)
    by_id = {entry["position"]: entry for entry in entries}
    said = {position: json.loads(inside[f"records/{position}.json"]) for position in records}
    same.equal(
        ["records", region, on],
        {position: (entry["eventId"], entry["occurredOn"]) for position, entry in by_id.items()},
        {position: (record["eventId"], record["occurredOn"]) for position, record in said.items()},
    )
    # A check that nothing fails would be none: one byte more is no record of this tree.
    if records:
        first = min(records)
        proof = inside[f"proofs/{first}.tlog-proof"].decode()
        same.equal(["altered"], False, stands(inside[f"records/{first}.json"] + b" ", proof, first, int(size), root))


def stands(record, proof, position, size, root):
    """Whether a record is the leaf of its position under the root (RFC 9162, section 2.1.3.2)."""
    lines = proof.split("\n\n", 1)[0].split("\n")
    index = int(next(line for line in lines if line.startswith("index ")).split(" ")[1])
    after = lines[lines.index(f"index {index}") + 1 :]
    path = [base64.b64decode(line) for line in after if line]
    if index != position - 1 or index >= size:
        return False
    at, last, node = index, size - 1, hashlib.sha256(b"\0" + record).digest()
    for sibling in path:
        if last == 0:
            return False
        if at % 2 == 1 or at == last:
            node = hashlib.sha256(b"\1" + sibling + node).digest()
            while at % 2 == 0 and at != 0:
                at, last = at // 2, last // 2
        else:
            node = hashlib.sha256(b"\1" + node + sibling).digest()
        at, last = at // 2, last // 2
    return last == 0 and base64.b64encode(node).decode() == root


def signed_by_log(text, signatures, policy):
    """Whether the key that the policy names for the log signed the text."""
    line = next(line for line in policy.split("\n") if line.startswith("log "))
    name, _, key = line.split(" ")[1].split("+", 2)
    public = base64.b64decode(key)
    hint = hashlib.sha256(f"{name}\n".encode() + public).digest()[:4]
    for line in signatures.split("\n"):
        if line.startswith(f"\u2014 {name} "):
            signature = base64.b64decode(line.split(" ")[2])
            if signature[:4] == hint and public[0] == ED25519:
                return verifies(public[1:], text.encode(), signature[4:])
    return False


# RFC 8032, section 5.1: points in extended coordinates.


def plus(one, other):
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    total = (0, 1, 1, 0)
    while number > 0:
        if number & 1:
            total = plus(total, point)
        point, number = plus(point, point), number >> 1
    return total


def decoded(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P != 0 or y >= P:
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = decoded((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def verifies(public, message, signature):
    key, point = decoded(public), decoded(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or point is None or scalar >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    left, right = times(scalar, BASE), plus(point, times(challenge, key))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0
