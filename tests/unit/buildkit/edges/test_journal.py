import errno
import os

import pytest

from buildkit.decisions import plan_json
from buildkit.edges.journal import Journal
from buildkit.edges.journals import Journals
from buildkit.edges.rollout_lock import locked
from buildkit.values.errors import BadJournal, Busy, OutOfDisk
from buildkit.values.rollout import Event
from tests.unit.buildkit.rollouts import plan, service

PLAN = plan_json.written(plan(service("shop"), service("stock")))


@pytest.fixture
def journals(tmp_path):
    return Journals(tmp_path / "rollouts")


def begun(journals):
    journal = journals.new()
    journal.append(Event.BEGUN, name="0001", plan=PLAN, on_failure="hold")
    journal.append(Event.MAKING, service="shop", how="rebase")
    return journal


def test_what_is_written_is_read_again(journals):
    with begun(journals) as journal:
        before = journal.state
    with Journal.open(journal.path) as again:
        assert again.state == before
        again.append(Event.MADE, service="shop", digest="sha256:new")
        assert again.state.services["shop"].digest == "sha256:new"


@pytest.mark.parametrize("torn", [b'{"number":3,"at"', b"{", b"\xff\xfe"])
def test_a_torn_last_line_is_cut_off(journals, torn):
    with begun(journals) as journal:
        pass
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole + torn)
    with Journal.open(journal.path) as again:
        assert again.state.services["shop"].last is Event.MAKING
        again.append(Event.MADE, service="shop", digest="sha256:new")
    assert journal.path.read_bytes().startswith(whole)
    assert len(journal.path.read_bytes().splitlines()) == 3


@pytest.mark.parametrize("spoil", [lambda lines: lines[1:], lambda lines: [lines[0], b"{}\n", *lines[1:]]])
def test_a_journal_that_lacks_a_line_is_refused(journals, spoil):
    with begun(journals) as journal:
        pass
    journal.path.write_bytes(b"".join(spoil(journal.path.read_bytes().splitlines(keepends=True))))
    with pytest.raises(BadJournal, match="line"):
        Journal.open(journal.path)


def test_a_line_is_on_the_disk_before_it_counts(journals, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_size))
    with begun(journals) as journal:
        assert synced[-1] == journal.path.stat().st_size


def test_after_a_full_disk_nothing_is_taken_any_more(journals, monkeypatch):
    with begun(journals) as journal:
        whole = journal.path.read_bytes()
        real = os.write

        def full(descriptor, data):
            if len(data) > 10:
                return real(descriptor, data[:10])
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "write", full)
        with pytest.raises(OutOfDisk, match="the disk is full"):
            journal.append(Event.MADE, service="shop", digest="sha256:new")
        monkeypatch.undo()
        with pytest.raises(OutOfDisk):
            journal.append(Event.MADE, service="shop", digest="sha256:new")
        assert journal.path.read_bytes() == whole
        assert journal.state.services["shop"].last is Event.MAKING


def test_too_little_room_is_told_before_anything_is_begun(journals):
    with journals.new() as journal, pytest.raises(OutOfDisk, match="the journal needs some"):
        journal.need_room(10**15)


def test_the_last_rollout_is_the_one_with_the_highest_number_that_has_begun(journals):
    assert journals.newest() is None
    with pytest.raises(BadJournal, match="there is no rollout"):
        journals.last()
    with begun(journals) as first:
        pass
    with journals.new():
        """Killed before its plan was written."""
    with journals.last() as last:
        assert last.path == first.path
    assert first.path.name.startswith("0001-")
    with begun(journals) as third:
        assert third.path.name.startswith("0003-")


def test_a_second_one_on_this_machine_is_refused_by_name(tmp_path):
    path = tmp_path / "rollouts" / "lock"
    with (
        locked(path),
        pytest.raises(Busy, match=f"process {os.getpid()} is rolling out this fleet"),
        locked(path),
    ):
        pass
    with locked(path):
        """It is free again."""
