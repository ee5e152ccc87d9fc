from hypothesis import given
from hypothesis import strategies as st

from buildkit.decisions.leftovers import OLD_SECONDS, Owner, is_leftover, owner

ME = Owner("host:boot", 10, "100", 1_000_000)


@given(st.builds(Owner, st.text(), st.integers(0), st.sampled_from(["0", "12"]), st.integers(0)))
def test_an_owner_can_be_written_and_read(one):
    assert owner(str(one)) == one


@given(st.text())
def test_no_label_breaks_the_reading(text):
    found = owner(text)
    assert found is None or str(found.pid).isdecimal()


def test_what_a_dead_process_of_this_machine_made_may_go():
    maker = Owner("host:boot", 9, "90", ME.time - 5)
    assert is_leftover(maker, me=ME, alive=False)
    assert not is_leftover(maker, me=ME, alive=True)


def test_what_another_machine_made_stays_for_an_hour():
    maker = Owner("elsewhere:boot", 9, "90", ME.time - 5)
    assert not is_leftover(maker, me=ME, alive=False)
    old = Owner("elsewhere:boot", 9, "90", ME.time - OLD_SECONDS - 1)
    assert is_leftover(old, me=ME, alive=False)


def test_what_nobody_signed_may_go():
    assert is_leftover(None, me=ME, alive=False)
