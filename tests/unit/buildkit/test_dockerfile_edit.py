import textwrap

from hypothesis import given
from hypothesis import strategies as st

from buildkit.decisions.dockerfile_edit import CA_MOUNT, CA_VARIABLES, with_base, with_ca

FIVE_LINES = textwrap.dedent("""\
    FROM company/python-service:latest
    COPY requirements.txt .
    RUN pip install -r requirements.txt
    COPY . .
    CMD ["gunicorn", "app:app"]
    """)


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


def test_the_base_is_replaced_with_any_tag_or_digest_and_in_any_stage():
    text = "FROM --platform=linux/amd64 company/python-service:1 AS build\nFROM company/python-service@sha256:ab\n"
    assert with_base(text, name="company/python-service", replacement="acme/base:2") == (
        "FROM --platform=linux/amd64 acme/base:2 AS build\nFROM acme/base:2\n"
    )


def test_another_image_is_not_the_base():
    text = "FROM company/python-service-extra:1\nFROM other/company/python-service\n# FROM company/python-service\n"
    assert with_base(text, name="company/python-service", replacement="x") == text


@given(st.lists(st.sampled_from(["FROM a", "RUN b \\", "RUN <<E", "E", "# c", "", "COPY d e", "x"])))
def test_only_run_and_from_lines_ever_change(lines):
    text = "".join(line + "\n" for line in lines)
    kept = [line.replace(f"{CA_MOUNT} ", "") for line in with_ca(text).splitlines() if "ARG" not in line]
    assert kept == (lines or [""])
