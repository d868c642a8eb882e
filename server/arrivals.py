"""Earlier arrivals on the same lines (R17): two people's different decisions are a conflict, one's own later copy replaces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.decisions import Judged, Status, content, describe
from core.records import Decision, Problem
from server.copies import Copied
from server.store import KeptDecision, Store


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What earlier copies decided on each line, in the order of arrival, as far as it rests on the numbers of today."""

    by_key: Mapping[str, Sequence[KeptDecision]]
    ids: Mapping[str, str]  # of the copies that are taken and came before, by hash

    @classmethod
    def of(cls, store: Store, run_id: str, copies: Sequence[Copied], fingerprints: Mapping[str, str]) -> "Arrivals":
        workbooks = {copy.returned.identity.workbook_id for copy in copies}
        ids = {found.sha256: found.id for workbook in workbooks for found in store.copies(workbook)}
        by_key: dict[str, list[KeptDecision]] = {}
        for kept in store.decisions_of_run(run_id):
            if fingerprints.get(kept.key) == kept.fingerprint:
                by_key.setdefault(kept.key, []).append(kept)
        return cls(by_key, {copy.sha256: ids[copy.sha256] for copy in copies if copy.sha256 in ids})

    def superseded_by(self, sha256: str, decision: Decision) -> KeptDecision | None:
        """The later decision that replaced this one, where its copy had already been taken before that arrived."""
        kept = self.by_key.get(decision.key)
        if not kept:
            return None
        own = self._own(sha256, decision)
        later = [k for k in kept if own and k.id > own.id and k.status is Status.ACCEPTED]
        return later[-1] if later and content(later[-1].decision) != content(decision) else None

    def against_earlier(self, judged: Judged, alike: Sequence[tuple[str, Decision]]) -> Judged:
        """The verdict after a look at what earlier copies of others, or of the same person, decided.

        alike: the copies that decide the same, by hash.
        """
        if judged.status is not Status.ACCEPTED or judged.decision.key not in self.by_key:
            return judged
        if any((own := self._own(sha256, d)) and own.status is Status.ACCEPTED for sha256, d in alike):
            return judged
        people = {d.by for _, d in alike if d.by}
        for before in self._opposing(judged.decision):
            if before.by in people:
                judged = replace(judged, warnings=(*judged.warnings, f"replaces {describe(before.decision)}"))
            else:
                return _conflict(judged, before)
        return judged

    def _own(self, sha256: str, decision: Decision) -> KeptDecision | None:
        """The newest arrival of the same decision in the same copy."""
        copy_id = self.ids.get(sha256)
        alike = (k for k in self.by_key.get(decision.key, ()) if k.copy_id == copy_id)
        return max((k for k in alike if content(k.decision) == content(decision)), key=lambda k: k.id, default=None)

    def _opposing(self, decision: Decision) -> list[KeptDecision]:
        """The last accepted decision, and the conflicts that came after it, as far as they decide differently."""
        newest = {k.person: k for k in self.by_key.get(decision.key, ()) if k.copy_id not in self.ids.values()}
        settled = max((k.id for k in newest.values() if k.status is Status.ACCEPTED), default=0)
        open_ones = (k for k in newest.values() if k.id == settled or (k.id > settled and k.status is Status.CONFLICT))
        return [k for k in open_ones if content(k.decision) != content(decision)]


def _conflict(judged: Judged, before: KeptDecision) -> Judged:
    now = judged.decision
    said = (
        f"{describe(now)}, but an earlier copy said {describe(before.decision)} at {before.place}: "
        "agree on one and return it, or let this copy count with --replace"
    )
    return replace(judged, status=Status.CONFLICT, problem=Problem(now.place, said))
