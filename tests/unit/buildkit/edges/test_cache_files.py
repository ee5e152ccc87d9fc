import os

from buildkit.edges.cache_files import CacheFiles


def test_what_was_written_is_read(tmp_path):
    CacheFiles(tmp_path, kind="a").write("name", b"content")
    assert CacheFiles(tmp_path, kind="a").read("name") == b"content"
    assert CacheFiles(tmp_path, kind="b").read("name") is None


def test_any_name_is_a_file_in_the_directory(tmp_path):
    files = CacheFiles(tmp_path / "cache", kind="a")
    for name in ("../../outside", "/etc/passwd", "", "x" * 5000, "\x00"):
        files.write(name, name.encode())
        assert files.read(name) == name.encode()
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


def test_something_old_is_not_read_where_age_counts(tmp_path):
    files = CacheFiles(tmp_path, kind="a")
    files.write("name", b"content")
    assert files.read("name", seconds=60) == b"content"
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    was = path.stat().st_mtime
    for time in (was - 61, was + 1000):  # also after the clock was put back
        os.utime(path, (time, time))
        assert files.read("name", seconds=60) is None
        assert files.read("name") == b"content"


def test_a_name_can_be_forgotten_twice(tmp_path):
    files = CacheFiles(tmp_path, kind="a")
    files.write("name", b"content")
    files.forget("name")
    files.forget("name")
    assert files.read("name") is None


def test_a_directory_that_cannot_be_written_to_costs_only_time(tmp_path):
    (tmp_path / "file").write_text("in the way")
    files = CacheFiles(tmp_path / "file", kind="a")
    files.write("name", b"content")
    assert files.read("name") is None


def test_without_a_directory_nothing_is_kept():
    files = CacheFiles(None, kind="a")
    files.write("name", b"content")
    files.forget("name")
    assert files.read("name") is None


def test_nothing_is_left_beside_a_file(tmp_path):
    files = CacheFiles(tmp_path, kind="a")
    for _ in range(3):
        files.write("name", b"content")
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
