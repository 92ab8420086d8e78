"""
Lists by the page (contract, section 4: a cursor pins the snapshot): the first page of each is asked for, then the history goes on, and
only then the rest. All pages together are the list as it was, no entry lost or twice.
"""

LIMIT = 2


class OpenLists:
    """Lists of which one page was read."""

    def __init__(self, client, same):
        self.client, self.same, self.open = client, same, []

    def begin(self, desk, holding):
        """Opens one list of each kind; `holding` is where a trace begins."""
        paths = [
            ("/api/v1/counties/450000/trail?", "entries", "position"),
            ("/api/v1/alerts?asOf=2020-02-29&", "alerts", "id"),
            ("/api/v1/submissions?", "submissions", "id"),
        ]
        if holding is not None:
            paths.append((f"/api/v1/trace/{holding}?direction=down&", "edges", "eventId"))
        for path, name, key in paths:
            whole = self.client.pages(f"{path}limit=1000", name)[0]
            first = self.client.get(f"{path}limit={LIMIT}")
            self.open.append((path, name, key, [one[key] for one in whole], first))
        said = [one["id"] for one in self.client.pages("/api/v1/submissions?limit=7", "submissions")[0]]
        self.same.equal(["submissions, the newest first"], list(reversed(desk.handed_in)), said)

    def finish(self):
        for path, name, key, whole, first in self.open:
            rest = self.client.rest(f"{path}limit={LIMIT}", name, first)[0]
            said = [one[key] for one in first[name] + rest]
            self.same.equal(["pages while rows are posted", path], whole, said)
        self.open = []

    def log(self):
        """The log by position: nothing twice, in order, and every entry of the trail of everything in it."""
        positions, after = [], 0
        while after is not None:
            page = self.client.get(f"/api/v1/events?after={after}&limit=100")
            positions += [entry["position"] for entry in page["entries"]]
            after = page["next"]
        self.same.equal(["the log"], sorted(set(positions)), positions)
        trail = self.client.pages("/api/v1/counties/000000/trail?limit=1000", "entries")[0]
        self.same.equal(["the trail in the log"], [], [one for one in trail if one["position"] not in positions])
