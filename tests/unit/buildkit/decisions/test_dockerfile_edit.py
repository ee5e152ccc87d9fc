import textwrap

from hypothesis import given
from hypothesis import strategies as st

from buildkit.decisions import dockerfile_edit
from buildkit.decisions.dockerfile import parse
from buildkit.decisions.dockerfile_edit import CA_MOUNT, CA_VARIABLES
from buildkit.values.errors import BadDockerfile

FIVE_LINES = textwrap.dedent("""\
    FROM company/python-service:latest
    COPY requirements.txt .
    RUN pip install -r requirements.txt
    COPY . .
    CMD ["gunicorn", "app:app"]
    """)


def with_ca(text):
    return dockerfile_edit.with_ca(parse(text))


def with_base(text, *, name="company/python-service", replacement="new@sha256:1"):
    return dockerfile_edit.with_base(parse(text), names=(name,), replacement=replacement)


def test_every_run_sees_the_secret_and_every_stage_names_it():
    lines = with_ca(FIVE_LINES).splitlines()
    assert lines[0] == "FROM company/python-service:latest"
    assert lines[1 : 1 + len(CA_VARIABLES)] == [f"ARG {name}=/run/secrets/ca_bundle" for name in CA_VARIABLES]
    assert f"RUN {CA_MOUNT} pip install -r requirements.txt" in lines
    assert lines[-1] == 'CMD ["gunicorn", "app:app"]'


def test_nothing_becomes_part_of_the_image():
    assert "ENV" not in with_ca(FIVE_LINES)
    assert "COPY --from" not in with_ca(FIVE_LINES)


def test_case_indentation_and_other_flags_are_kept():
    edited = with_ca("from a\n  run --network=none true\n")
    assert f"  run {CA_MOUNT} --network=none true" in edited


def test_a_run_that_goes_on_for_several_lines_gets_one_mount():
    text = "FROM a\nRUN first && \\\n    # RUN in a comment\n\n    RUN second\nRUN third\n"
    edited = with_ca(text)
    assert edited.count(CA_MOUNT) == 2
    assert "    # RUN in a comment\n" in edited
    assert "    RUN second\n" in edited


def test_the_body_of_a_heredoc_is_left_alone():
    text = "FROM a\nRUN <<EOF\nRUN inside\nFROM inside\nEOF\n"
    text += "COPY <<-'X' /f\nRUN too\n\tX\nRUN cat <<<word\nRUN end\n"
    edited = with_ca(text)
    assert edited.count(CA_MOUNT) == 3
    assert "\nRUN inside\nFROM inside\nEOF\n" in edited
    assert "\nRUN too\n" in edited


def test_another_escape_character_is_honoured():
    edited = with_ca("# escape=`\nFROM a\nRUN one `\n  RUN two\nRUN three \\\nRUN four\n")
    assert edited.count(CA_MOUNT) == 3


def test_windows_line_ends_are_kept():
    assert with_ca("FROM a\r\nRUN b \\\r\n c\r\n").splitlines()[-2:] == [f"RUN {CA_MOUNT} b \\", " c"]


def test_the_base_is_replaced_with_any_tag_or_digest_and_in_any_stage():
    digest = "sha256:" + "ab" * 32
    text = f"FROM --platform=linux/amd64 company/python-service:1 AS build\nFROM company/python-service@{digest}\n"
    assert with_base(text, replacement="acme/base:2") == (
        "FROM --platform=linux/amd64 acme/base:2 AS build\nFROM acme/base:2\n"
    )


def test_a_base_that_a_variable_names_is_replaced():
    text = "ARG NAME=company/python-service\nARG TAG=1\nFROM ${NAME}:$TAG\nRUN a\n"
    assert with_base(text).splitlines()[2:] == ["FROM new@sha256:1", "RUN a"]


def test_a_from_of_several_lines_becomes_one_and_the_others_keep_their_numbers():
    text = "FROM \\\n  company/python-service:1 \\\n  AS x\nRUN a\n"
    assert with_base(text) == "FROM new@sha256:1 AS x\n\n\nRUN a\n"


def test_what_is_copied_from_the_base_comes_from_the_same_base():
    text = "FROM a\nCOPY --chown=1 --from=company/python-service:1 /x /y\n"
    text += "RUN --mount=type=bind,from=company/python-service,target=/b \\\n  true\nCOPY --from=b /x /y\n"
    assert with_base(text) == (
        "FROM a\nCOPY --chown=1 --from=new@sha256:1 /x /y\n"
        "RUN --mount=type=bind,from=new@sha256:1,target=/b \\\n  true\nCOPY --from=b /x /y\n"
    )


def test_another_image_is_not_the_base():
    text = "FROM company/python-service-extra:1\nFROM other/company/python-service\n# FROM company/python-service\n"
    assert with_base(text) == text


@given(st.lists(st.sampled_from(["FROM a", "RUN b \\", "RUN <<E", "E", "# c", "", "COPY d e", "ARG x"])))
def test_only_run_and_from_lines_ever_change(lines):
    text = "".join(line + "\n" for line in lines)
    try:
        edited = with_ca(text)
    except BadDockerfile:
        return
    kept = [line.replace(f"{CA_MOUNT} ", "") for line in edited.splitlines() if CA_VARIABLES[0] not in line]
    assert [line for line in kept if not line.startswith("ARG ") or line == "ARG x"] == lines
