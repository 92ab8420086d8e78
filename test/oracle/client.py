"""A running ledger over HTTP, as a bureau's program would use it: hand in, certify, ask."""

import json
import os
import time
import urllib.error
import urllib.request

ATTEMPTS_MAX = 600
BOUNDARY = "----oracle"
EVERYWHERE = {
    "projects": {"name": "项目", "unit_name": "单位"},
    "allocations": {"doc_no": "桂财农〔2018〕1号", "fiscal_year": "2018"},
    "supplements": {"doc_no": "桂财农〔2018〕1号"},
    "disbursements": {"recipient_name": "单位", "voucher_no": "1"},
    "payments": {"method": "card", "voucher_no": "1"},
    "returns": {},
    "reversals": {},
}


def cells(kind, row):
    """A row as it is handed in: amounts as decimal text in yuan, nothing for what is empty."""
    given = {name: value for name, value in row.items() if value not in (None, False)}
    if "amount" in row:
        fen = abs(row["amount"])
        sign = "-" if row["amount"] < 0 else ""
        given |= {"amount": f"{sign}{fen // 100}.{fen % 100:02d}", "unit": "元"}
    if kind == "payments":
        given["payee_kind"] = "person" if row["payee_name"] == "甲例" else "unit"
    if "already_happened" in given:
        given["already_happened"] = "yes"
    return EVERYWHERE[kind] | given


class Client:
    def __init__(self, url, user):
        self.url, self.cookie = url, None
        password = os.environ["ORACLE_PASSWORD"]
        self.ask("POST", "/api/v1/session", {"user": user, "password": password})

    def ask(self, method, path, body=None, content_type="application/json"):
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        headers = {"accept": "application/json", "origin": self.url}
        if data is not None:
            headers["content-type"] = content_type
        if self.cookie is not None:
            headers["cookie"] = self.cookie
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        for _ in range(ATTEMPTS_MAX):
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    if answer.headers["set-cookie"]:
                        self.cookie = answer.headers["set-cookie"].split(";")[0]
                    text = answer.read()
                    return json.loads(text) if text else None
            except urllib.error.HTTPError as error:
                if error.code not in (429, 503):
                    raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()}") from error
                time.sleep(int(error.headers["retry-after"] or 1))
        raise RuntimeError(f"{method} {path}: no answer")

    def get(self, path):
        return self.ask("GET", path)

    def pages(self, path, name):
        """All entries of a list, and its last page."""
        found, page = [], self.get(path)
        while True:
            found += page[name]
            if page["next"] is None:
                return found, page
            page = self.get(f"{path}{'&' if '?' in path else '?'}cursor={page['next']}")

    def until(self, answer, status):
        """A submission, when it has left a status."""
        for _ in range(ATTEMPTS_MAX):
            if answer["status"] != status:
                return answer
            time.sleep(0.05)
            answer = self.get(f"/api/v1/submissions/{answer['id']}")
        raise RuntimeError(f"submission {answer['id']} stays {status}")

    def hand_in(self, kind, rows, as_file):
        rows = [cells(kind, row) for row in rows]
        if not as_file:
            answer = self.ask("POST", "/api/v1/submissions", {"kind": kind, "rows": rows})
        else:
            names = sorted({name for row in rows for name in row})
            lines = [names, *([row.get(name, "") for name in names] for row in rows)]
            text = "".join(",".join(line) + "\n" for line in lines)
            head = f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="kind"\r\n\r\n{kind}\r\n--{BOUNDARY}\r\n'
            part = 'content-disposition: form-data; name="file"; filename="rows.csv"\r\ncontent-type: text/csv\r\n\r\n'
            body = f"{head}{part}{text}\r\n--{BOUNDARY}--\r\n".encode()
            answer = self.ask("POST", "/api/v1/submissions", body, f"multipart/form-data; boundary={BOUNDARY}")
        return self.until(answer, "validating")

    def report(self, ident):
        return self.pages(f"/api/v1/submissions/{ident}/report", "entries")[0]

    def certify(self, ident):
        answer = self.ask("POST", f"/api/v1/submissions/{ident}/certification", {"rows": "valid"})
        return self.until(answer, "posting")
