"""Reading again what is in the vault: after a loss, with other lists, on a person's word. The order of arrival stays."""

from minzheng.contracts.datasets import dataset, dataset_names
from minzheng.contracts.verdicts import ACCEPTED
from minzheng.custody import vault
from minzheng.errors import MinzhengError
from minzheng.intake import load
from minzheng.intake.desk import Desk
from minzheng.intake.outcome import IntakeReport, Item
from minzheng.intake.places import Place, is_news, receive_places, townships_at
from minzheng.intake.reading import Reading
from minzheng.intake.settings import reasons, settings
from minzheng.intake.standards import Standard, highest, receive_standards
from minzheng.intake.verdict import JUMPS, State, jumps_of


class Rereading(Desk):
    """A desk that can judge a decided file once more."""

    def resume(self) -> None:
        """Finish files that were received but not decided, and reload what the warehouse lost.

        Nothing is taken out because a record of it is missing: `MinzhengError` when warehouse or vault hold files of which
        the ledger never heard. Rows of a file whose verdict was not recorded any more are replaced by its new ones.
        """
        known = load.written(self.connection)
        self.refuse_older_ledger(known)
        undone = [
            number for number in self.received if self.waits(number) and self._can_be_read(number)
        ]
        lost = [
            number
            for number in self.verdicts
            if number not in known and number not in self.shredded
        ]
        self.unrecorded = {number for number in known if number not in self.verdicts}
        for numbers in _batches(sorted(lost)):
            self.replay(numbers)
        for numbers in _batches(sorted(undone)):
            self.decide(self.read([self.item(number, whole=False) for number in numbers]))

    def refuse_older_ledger(self, known: dict[int, str]) -> None:
        """`MinzhengError` when the warehouse (`known`: hash by intake number) or the vault holds what the ledger does not."""
        strangers = sum(self._receipt_hash(number) != sha256 for number, sha256 in known.items())
        strangers += len(vault.archived(self.home) - self.ledger.hashes())
        if strangers:
            raise MinzhengError(
                f"the ledger is older than vault or warehouse: it has never heard of {strangers} files that they hold; "
                "nothing was changed: put back the newest copy of ledger and vault, both from the same backup",
                f"台账比档案库或数据仓库旧:其中有{strangers}个文件台账没有记录。未作任何改动,请从同一份最新备份恢复台账和档案库",
            )

    def _receipt_hash(self, number: int) -> str | None:
        """The hash under which the ledger knows a number, or the archive whose member it is."""
        owner = (
            number
            if number in self.received
            else max((n for n in self.received if n < number), default=number)
        )
        receipt = self.received.get(owner)
        return (
            receipt.sha256
            if receipt and number <= owner + receipt.body.get("reserved", 0)
            else None
        )

    def _can_be_read(self, number: int) -> bool:
        sha256 = self.received[number].sha256
        if not sha256:
            return number not in self.verdicts
        return vault.archived_path(self.home, sha256).is_file()

    def replay(self, numbers: list[int]) -> None:
        """Write again what the ledger says was decided, reading accepted files from the vault.

        A file that reads otherwise than the ledger says (a word was added to a list since) is judged again.
        """
        batch, again = load.Batch(replaced=list(numbers)), set()
        owners = {
            number: self.owner(number)
            for number in numbers
            if self.verdicts[number]["verdict"] in ACCEPTED
        }
        items = {owner: self.item(owner, whole=False) for owner in sorted(set(owners.values()))}
        futures = {owner: self.submit(item) for owner, item in items.items()}
        for number in numbers:
            facts = self.verdicts[number]
            if number in owners and facts.get("dataset"):
                readings = futures[owners[number]].result()
                reading = readings[max(number - owners[number] - 1, 0)]
                if reading.refused or reading.content != facts["content"]:
                    again.add(owners[number])
                    continue
                self.add_rows(number, facts["sha256"], reading, batch)
            batch.files.append(facts)
        self.commit(batch, [])
        for owner in sorted(again):
            self.judge_again(items[owner], futures[owner].result())

    def judge_again(self, item: Item, readings: list[Reading]) -> None:
        """A new verdict on a file that was decided before; its place in the order of arrival stays."""
        batch, events = load.Batch(), []
        trusted = self.verdicts.get(item.intake_no, {}).get("verdict") in ACCEPTED
        self.decide_file(item, readings, batch, events, confirmed=trusted)
        self.commit(batch, events)

    def reprocess(self) -> IntakeReport:
        """Read again every file that was refused, has quarantined rows or unknown words, with the lists as they are now."""
        self.resume()
        self.report = IntakeReport()
        kept = {
            number: facts for number, facts in self.verdicts.items() if number not in self.shredded
        }
        self.reread([number for number, facts in kept.items() if _worth_reading_again(facts)])
        return self.report

    def reread(self, numbers: list[int]) -> None:
        """Read these files again; those that now read otherwise get a new verdict."""
        kept = [number for number in numbers if self.verdicts[number]["reasons"] != ["withdrawn"]]
        owners = sorted({self.owner(number) for number in kept})
        size = settings().batch_files
        for start in range(0, len(owners), size):
            items = [
                self.item(owner, whole=False)
                for owner in owners[start : start + size]
                if self.received[owner].sha256
            ]
            for item, future in [(item, self.submit(item)) for item in items]:
                readings = future.result()
                places = range(1, len(readings) + 1) if len(readings) > 1 else [0]
                known = [self.verdicts.get(item.intake_no + place) for place in places]
                if any(
                    _differs(reading, facts) for reading, facts in zip(readings, known, strict=True)
                ):
                    self.judge_again(item, readings)

    def follow_places(self, before: list[Place]) -> None:
        """When region files added or took back codes, read the files again that this may touch: no order of arrival matters."""
        now = self.places()
        changed = {place[0] for place in filter(is_news, set(now) ^ set(before))}
        if not changed:
            return
        receive_places(now)
        self.received = self.ledger.received()
        named = set().union(*(self._files_in(name, changed) for name in _PLACED))
        told = {
            number
            for number, facts in self.verdicts.items()
            if {"area_unknown", "area_code_name_conflict", "village_name_unknown"}
            & {*facts["reasons"], *facts["flags"]}
            or _covers_others(facts)
        }
        self.reread(sorted((named | told) - self.shredded))

    def follow_standards(self, before: list[Standard]) -> None:
        """When parameter files told other standards, read the files again whose amounts they may judge otherwise."""
        now = self.standards()
        if now == before:
            return
        receive_standards(now)
        times = settings().amount_times
        doubtful = [
            number
            for number, facts in self.verdicts.items()
            if "amount_range" in facts["reasons"]
            or facts.get("month")
            and any(
                amount > times * (highest(code, facts["month"]) or amount)
                for code, amount in (facts.get("largest") or {}).items()
            )
        ]
        self.received = self.ledger.received()
        self.reread(sorted(set(doubtful) - self.shredded))

    def _files_in(self, name: str, codes: set[str]) -> list[int]:
        query = f"select distinct intake_no from raw.{name} where list_has_any($codes, [region_code, left(region_code, 9)])"
        return [
            number
            for (number,) in self.connection.execute(query, {"codes": sorted(codes)}).fetchall()
        ]

    def confirm(self, intake_no: int, by: str) -> IntakeReport:
        """Release a held file on a named person's word."""
        self.resume()
        self.report = IntakeReport()
        if self.verdicts.get(intake_no, {}).get("verdict") != "hold":
            raise MinzhengError(f"file {intake_no} is not held", f"文件 {intake_no} 不在待确认之列")
        self.ledger.record(
            "confirmed", {"by": by}, intake_no=intake_no, sha256=self.verdicts[intake_no]["sha256"]
        )
        self.confirmed.add(intake_no)
        item = self.item(self.owner(intake_no), whole=False)
        batch, events = load.Batch(), []
        self.decide_file(item, self.submit(item).result(), batch, events)
        self.commit(batch, events)
        self.release_held()
        return self.report

    def withdraw(self, intake_no: int, why: str) -> IntakeReport:
        """Take an accepted file out of force; the one before it is in force again. `MinzhengError` when it is not in force."""
        self.resume()
        self.report = IntakeReport()
        facts = self.verdicts.get(intake_no, {})
        if facts.get("verdict") not in ACCEPTED or not facts.get("dataset"):
            raise MinzhengError(
                f"file {intake_no} was not taken in, so it cannot be withdrawn",
                f"文件 {intake_no} 未被接收，不能撤回",
            )
        batch, events = load.Batch(), []
        out = {
            "verdict": "ignore",
            "reasons": ["withdrawn"],
            "why": why,
            "rows_accepted": 0,
            "rows_quarantined": 0,
        }
        out |= {"rows_not_data": 0, "amount_accepted": None, "content": None}
        told = {key: value for key, value in facts.items() if key != "replaces"} | out
        self.note(intake_no, facts["name"], facts["sha256"], told, None, batch, events)
        self.commit(batch, events)
        self._know_again()
        self._clear_empty_month(facts["month"])
        return self.report

    def reinstate(self, intake_no: int) -> IntakeReport:
        """Undo `withdraw`: the file is judged again as it was received."""
        self.resume()
        self.report = IntakeReport()
        if self.verdicts.get(intake_no, {}).get("reasons") != ["withdrawn"]:
            raise MinzhengError(
                f"file {intake_no} is not withdrawn", f"文件 {intake_no} 没有被撤回"
            )
        del self.verdicts[intake_no]
        item = self.item(self.owner(intake_no), whole=False)
        batch, events = load.Batch(replaced=[intake_no]), []
        self.decide_file(item, self.submit(item).result(), batch, events, confirmed=True)
        self.commit(batch, events)
        self._know_again()
        return self.report

    def _know_again(self) -> None:
        """What is in force, from the verdicts as they are now."""
        self.state = State.of(self.verdicts)

    def _clear_empty_month(self, month: str) -> None:
        """A month of which no file is left has no figures either."""
        if any(months.get(month) for months in self.state.filed.values()):
            return
        query = """
            select table_schema, table_name from information_schema.columns join information_schema.tables
                using (table_schema, table_name)
            where table_type = 'BASE TABLE' and column_name = 'month' and table_name <> 'outcome'
                and (table_schema in ('register', 'quality', 'lead', 'indicator') or table_schema = 'work')
        """
        for schema, table in self.connection.execute(query).fetchall():
            self.connection.execute(
                f"delete from {schema}.{table} where month = $month", {"month": month}
            )

    def release_held(self) -> None:
        """Judge again the held files that are no jump any more: what came or was confirmed since is part of the history.

        So it makes no difference whether a file was confirmed before or after its followers came.
        """
        while free := [
            number
            for number, facts in sorted(self.verdicts.items())
            if self._is_free(number, facts)
        ]:
            item = self.item(self.owner(free[0]), whole=False)
            self.judge_again(item, self.submit(item).result())

    def _is_free(self, number: int, facts: dict) -> bool:
        if facts["verdict"] != "hold" or number in self.shredded:
            return False
        held_for = {
            reason.partition(":")[0]
            for reason in facts["reasons"]
            if reasons()[reason.partition(":")[0]].level == "hold"
        }
        told = {name: facts[name] for name in ("dataset", "month", "townships", "by_township")}
        return held_for <= {*JUMPS} and not jumps_of(Reading(**told), self.state, number)


def _covers_others(facts: dict) -> bool:
    """Whether a county's list was taken for other townships than its month has."""
    covered = {code for code in facts.get("townships") or [] if len(code) == 9}
    if facts.get("scope") != "county" or not covered:
        return False
    senders = {code[:6] for code in covered}
    return covered != {code for code in townships_at(facts["month"]) if code[:6] in senders}


_PLACED = [
    name
    for name in dataset_names()
    if dataset(name).has_township and dataset(name).column("region_code")
]


def _worth_reading_again(facts: dict) -> bool:
    """Whether other lists could change what was decided of a file."""
    if facts["reasons"] == ["withdrawn"]:
        return False
    words = {"code_unknown", "village_name_unknown", "extra_columns"}
    return (
        facts["verdict"] == "reject_file"
        or bool(facts["rows_quarantined"])
        or bool(words & set(facts["flags"]))
    )


def _differs(reading: Reading, facts: dict | None) -> bool:
    """Whether a file now reads otherwise than it was decided."""
    if facts is None:
        return True
    if reading.refused:
        return facts["verdict"] != "reject_file" or reading.refused != facts["reasons"]
    return facts["verdict"] == "reject_file" or reading.content != facts.get("content")


def _batches(numbers: list[int]) -> list[list[int]]:
    size = settings().batch_files
    return [numbers[start : start + size] for start in range(0, len(numbers), size)]
