import pytest

from tracing_bootstrap.recorder import project_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('[project]\nname = "shop"\nversion = "1"\n', "shop"),
        ("# ours\n[ project ]\n  name='shop'  # it is called so\n", "shop"),
        ('[tool.poetry]\nname = "shop"\n', "shop"),
        ('[tool.uv]\nname = "tool"\n[project]\n"name" = "shop"\n', "shop"),
        ('[project]\nversion = "1"\n[tool.x]\nname = "tool"\n', None),
        ('[project]\nname = ""\n', None),
        ("[project]\nname = shop\n", None),
        ('[project]\nname = "shop\n', None),
        ("\0\xff[[[", None),
        ("", None),
    ],
)
def test_the_name_that_pyproject_toml_gives_is_read(text, name, tmp_path):
    directory = tmp_path / "app"
    directory.mkdir()
    (directory / "pyproject.toml").write_text(text)
    assert project_name.find(str(directory)) == name


@pytest.mark.parametrize(
    ("directory", "name"),
    [
        ("/srv/shop", "shop"),
        ("/shop/", "shop"),
        ("/app", None),
        ("/", None),
        ("/usr/src/app", None),
        ("/home/alice", None),
    ],
)
def test_a_directory_that_says_something_names_its_service(directory, name):
    assert project_name.find(directory) == name
