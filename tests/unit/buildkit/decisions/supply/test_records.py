from hypothesis import given
from hypothesis import strategies as st

from buildkit.decisions.supply import records
from buildkit.values.package import Kind, Package

METADATA = "opt/venv/lib/python3.13/site-packages/thing-1.dist-info/METADATA"


def test_only_files_that_name_packages_are_wanted():
    assert records.wanted("var/lib/dpkg/status")
    assert records.wanted("var/lib/dpkg/status.d/base-files")
    assert not records.wanted("var/lib/dpkg/status.d/base-files.md5sums")
    assert records.wanted("usr/lib/os-release")
    assert records.wanted(METADATA)
    assert records.wanted("usr/lib/python3/dist-packages/thing.egg-info")
    assert not records.wanted("opt/venv/lib/python3.13/site-packages/thing-1.dist-info/RECORD")
    assert not records.wanted("home/var/lib/dpkg/status")


def test_a_package_whose_configuration_alone_is_left_is_not_installed():
    status = (
        b"Package: a\nStatus: deinstall ok config-files\nVersion: 1\n\n"
        b"Package: b\nStatus: install ok installed\nVersion: 2\n"
    )
    assert [each.name for each in records.packages(records.STATUS, status)] == ["b"]


def test_a_distroless_piece_has_no_status_and_is_installed():
    found = records.packages(
        "var/lib/dpkg/status.d/libc6", b"Package: libc6\nVersion: 2.41\nArchitecture: arm64\n"
    )
    assert found == (Package(Kind.DEBIAN, "libc6", "2.41", "arm64", path="var/lib/dpkg/status.d/libc6"),)


def test_a_source_package_loses_its_version():
    status = b"Package: libc6\nStatus: install ok installed\nVersion: 2.41\nSource: glibc (2.41-1)\n"
    assert records.packages(records.STATUS, status)[0].source == "glibc"


def test_a_licence_that_is_a_whole_text_is_left_out():
    text = "Name: thing\nVersion: 1\nLicense: " + "Permission is hereby granted " * 10 + "\n\n"
    assert records.packages(METADATA, text.encode())[0].license == ""


def test_metadata_without_a_name_names_nothing():
    assert records.packages(METADATA, b"Version: 1\n") == ()


def test_os_release_loses_quotes_and_comments():
    assert records.release(b"# a comment\nID=debian\nVERSION_ID=\"13\"\nNAME='x'\n") == {
        "ID": "debian",
        "VERSION_ID": "13",
        "NAME": "x",
    }


@given(content=st.binary(max_size=300), path=st.sampled_from([records.STATUS, METADATA]))
def test_garbage_names_whatever_it_names_and_raises_nothing(content, path):
    for package in records.packages(path, content):
        assert package.name
        assert package.version
