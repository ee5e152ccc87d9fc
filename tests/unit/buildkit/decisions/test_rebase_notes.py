import pytest

from buildkit.decisions import rebase_notes
from tests.unit.buildkit.fleet_images import AMD64, base, base_settings, on

OLD = base("1.4.0-r1-py3.13")
NEW = base("1.5.0-r1-py3.13")


def notes(service, *, new=NEW, old=OLD):
    return rebase_notes.notes(service, old=old.platforms[AMD64], new=new.platforms[AMD64])


@pytest.mark.parametrize(
    ("step", "word"),
    [
        ("RUN apt-get update && apt-get install --yes libpq5 # buildkit", "Debian packages"),
        ("RUN /bin/sh -c apt-get -y --no-install-recommends install libpq5", "Debian packages"),
        ("RUN dpkg -i driver.deb", "Debian packages"),
        ("RUN useradd --uid 7 shop", "/etc/passwd"),
        ("COPY ca.crt /x && update-ca-certificates", "certificates"),
    ],
)
def test_what_the_service_wrote_over_the_bases_files_is_told(step, word):
    (note,) = notes(on(OLD, step))
    assert word in note


@pytest.mark.parametrize(
    "step",
    [
        "COPY . .",
        "RUN pip install flask",
        "RUN apt-get update",
        "RUN echo adduserx",
        "RUN apt-get clean; true",
    ],
)
def test_what_touches_only_the_services_own_files_is_not(step):
    assert notes(on(OLD, step)) == ()


def test_what_the_base_did_itself_is_not_told():
    old = base("1.4.0-r1-py3.13", layers=["RUN apt-get install tini", "RUN useradd app"])
    assert notes(on(old, "COPY . ."), old=old) == ()


def test_a_working_directory_that_moves_away_from_the_services_files_is_told():
    old, new = (
        base(version, settings=base_settings(version, WorkingDir=place))
        for version, place in (("1.4.0-r1-py3.13", "/app"), ("1.5.0-r1-py3.13", "/srv"))
    )
    assert notes(on(old, "COPY . ."), old=old, new=new) == (
        "it starts in /srv: what it copied to relative paths lies in /app",
    )
    assert notes(on(old, "COPY . .", settings={"WorkingDir": "/mine"}), old=old, new=new) == ()


def test_an_image_without_history_tells_nothing():
    assert notes(on(OLD, "RUN useradd shop", history=[])) == ()
