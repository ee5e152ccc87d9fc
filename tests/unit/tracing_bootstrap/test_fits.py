import pytest

from tracing_bootstrap.instrumentation.detail import fits, isolation


@pytest.mark.parametrize(
    ("conditions", "version", "fit"),
    [
        (">=3.1.0", "3.1", True),
        (">=3.1.0", "3.0.9", False),
        (">=1.0,<2.1.0", "2.0.51", True),
        (">=1.0,<2.1.0", "2.1.0", False),
        ("<5", "5.0rc1", False),
        (">=2.9", "2.10.post1", True),
        ("!=1.5", "1.5.0", False),
        ("==1.5", "1.5", True),
        ("<=2", "2.0.0", True),
        (">2", "2.0.1", True),
        ("", "0.1", True),
    ],
)
def test_versions_are_compared_by_their_numbers(conditions, version, fit):
    assert fits.contains(conditions, version) is fit


def test_a_range_that_does_not_fit_says_what_is_installed():
    assert fits.misfit(("pytest<1",)).startswith("pytest ")
    assert fits.misfit(("pytest<1",)).endswith(" is not <1")


def test_any_one_range_is_enough():
    assert fits.misfit(("no-such-thing>=1", "pytest>=1")) == ""


def test_a_library_of_the_standard_library_always_fits():
    assert fits.misfit(()) == ""


def test_what_has_no_metadata_does_not_fit():
    assert fits.misfit(("no-such-thing>=1",)) == "no-such-thing is not installed as a distribution"


def test_the_list_is_read_by_library(tmp_path, monkeypatch):
    monkeypatch.setattr(isolation, "home", lambda: str(tmp_path))
    assert fits.read() == {}
    (tmp_path / "detail").mkdir()
    (tmp_path / "detail" / "ranges").write_text(
        "psycopg2 a.b:C psycopg2>=2.7 psycopg2-binary>=2.7\nsqlite3 a.c:D\n"
    )
    found = fits.read()
    assert found["psycopg2"].ranges == ("psycopg2>=2.7", "psycopg2-binary>=2.7")
    assert (found["sqlite3"].module, found["sqlite3"].attribute, found["sqlite3"].ranges) == ("a.c", "D", ())
