import tomllib

import pytest

from buildkit.decisions.toml_lines import error_line, line_of

TEXT = '''# a fleet
registry = "localhost:5000"

sizes = [
  "1",
  "5%",
]
words = """
[not.a.table]
registry = "no"
"""
[service.shop]   # the shop

image = "company/shop"
environment = { A = "1", B = "2" }

[[wave]]
n = 1
[[wave]]
n = 2
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("registry",), 2),
        (("sizes",), 4),
        (("words",), 8),
        (("service",), 12),
        (("service", "shop"), 12),
        (("service", "shop", "image"), 14),
        (("service", "shop", "environment", "B"), 15),
        (("wave", 0), 17),
        (("wave", 1), 19),
        (("wave", 1, "n"), 20),
        (("wave", 2), 0),
        (("service", "stock"), 0),
        (("registry", "deeper"), 0),
    ],
)
def test_a_key_is_found_on_the_line_where_its_statement_begins(path, line):
    assert line_of(TEXT, path=path) == line


def test_a_key_of_a_long_file_is_found_at_once():
    text = "".join(f'[service.s{number}]\nimage = "company/s{number}"\n' for number in range(1000))
    assert line_of(text, path=("service", "s900", "image")) == 1802


@pytest.mark.parametrize(("text", "line"), [('a = 1\nb = "x\n', 2), ("a = 1\n\nb = [\n", 3), ("a = = 1", 1)])
def test_a_syntax_error_has_the_line_that_it_is_on(text, line):
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    assert error_line(caught.value, text=text) == line
