"""A running ledger over HTTP, as a bureau's program would use it: hand in, certify, ask."""

import json
import os
import time
import urllib.error
import urllib.request

ATTEMPTS_MAX = 600
PAGES_MAX = 10_000
PASSING = (429, 503)


class Refused(Exception):
    """A problem of RFC 9457 with its status and code."""

    def __init__(self, what, status, problem):
        super().__init__(f"{what}: {status} {problem}")
        self.status, self.problem = status, problem
        self.code = problem.get("code")


class Client:
    def __init__(self, url, user):
        self.url, self.user, self.cookie = url, user, None
        if user is not None:
            self.ask("POST", "/api/v1/session", {"user": user, "password": os.environ["ORACLE_PASSWORD"]})

    def exchange(self, method, path, body=None, content_type="application/json", more=None):
        """One answer: its headers and its bytes. Repeated while the ledger says that it cannot at the moment."""
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        headers = {"accept": "application/json", "origin": self.url, **(more or {})}
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
                    return answer.headers, answer.read()
            except urllib.error.HTTPError as error:
                if error.code not in PASSING:
                    raise Refused(f"{method} {path}", error.code, problem_of(error)) from error
                time.sleep(int(error.headers["retry-after"] or 1))
        raise RuntimeError(f"{method} {path}: no answer")

    def ask(self, method, path, body=None, content_type="application/json", more=None):
        text = self.exchange(method, path, body, content_type, more)[1]
        return json.loads(text) if text else None

    def get(self, path):
        return self.ask("GET", path)

    def text(self, path, accept):
        return self.exchange("GET", path, more={"accept": accept})[1].decode()

    def rest(self, path, name, page):
        """What follows a page of a list, and the last page."""
        found = []
        for _ in range(PAGES_MAX):
            if page["next"] is None:
                return found, page
            page = self.get(f"{path}{'&' if '?' in path else '?'}cursor={page['next']}")
            found += page[name]
        raise RuntimeError(f"{path} does not end")

    def pages(self, path, name):
        """All entries of a list, and its last page."""
        first = self.get(path)
        found, last = self.rest(path, name, first)
        return first[name] + found, last

    def until(self, answer, status):
        """A submission, when it has left a status."""
        for _ in range(ATTEMPTS_MAX):
            if answer["status"] != status:
                return answer
            time.sleep(0.05)
            answer = self.submission(answer["id"])
        raise RuntimeError(f"submission {answer['id']} stays {status}")

    def submission(self, ident):
        return self.get(f"/api/v1/submissions/{ident}")

    def hand_in(self, body, content_type, key=None):
        more = None if key is None else {"idempotency-key": key}
        return self.until(self.ask("POST", "/api/v1/submissions", body, content_type, more), "validating")

    def report(self, ident, limit=1000):
        return self.pages(f"/api/v1/submissions/{ident}/report?limit={limit}", "entries")[0]

    def certify(self, ident, rows="valid", key=None):
        more = None if key is None else {"idempotency-key": key}
        path = f"/api/v1/submissions/{ident}/certification"
        return self.until(self.ask("POST", path, {"rows": rows}, more=more), "posting")


def problem_of(error):
    text = error.read().decode()
    try:
        return json.loads(text)
    except ValueError:
        return {"detail": text}
