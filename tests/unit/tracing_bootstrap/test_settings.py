import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing_bootstrap import guard, settings
from tracing_bootstrap.settings import parse
from tracing_bootstrap.settings.table import TABLE


def test_an_empty_environment_gives_the_specifications_defaults():
    read = settings.read({})
    assert read.warnings == ()
    assert not read.disabled
    assert read.service_name is None
    assert read.traces_endpoint == "http://localhost:4318/v1/traces"
    assert (read.timeout_s, read.compression, read.protocol, read.exporter) == (
        10,
        "none",
        "http/protobuf",
        "otlp",
    )
    assert (read.sampler, read.sampler_arg, read.edge) == ("parentbased_always_on", 1.0, False)
    assert read.propagators == ("tracecontext", "baggage")
    assert (read.bsp_schedule_delay_ms, read.bsp_export_timeout_ms) == (5000, 30000)
    assert (read.bsp_max_queue_size, read.bsp_max_export_batch_size) == (2048, 512)
    assert read.span_attribute_count_limit == read.span_event_count_limit == read.span_link_count_limit == 128
    assert read.event_attribute_count_limit == read.link_attribute_count_limit == 128
    assert read.span_attribute_value_length_limit is None
    assert set(read.sources.values()) == {"default"}


def test_every_row_of_the_table_has_a_type_and_fits_its_own_parser():
    assert {variable.field for variable in TABLE} | {"sources", "warnings"} == set(
        settings.Settings.__annotations__
    )
    for variable in TABLE:
        assert all(name.startswith(("OTEL_", "TRACING_BOOTSTRAP_")) for name in variable.names)
        assert variable.meaning


def test_settings_cannot_be_changed():
    with pytest.raises(AttributeError, match="service_name"):
        settings.read({}).service_name = "other"


def test_an_empty_value_counts_as_unset():
    read = settings.read({"OTEL_SERVICE_NAME": "", "OTEL_BSP_MAX_QUEUE_SIZE": "  "})
    assert read.service_name is None
    assert read.bsp_max_queue_size == 2048
    assert read.warnings == ()


@pytest.mark.parametrize(
    ("name", "value", "field", "used"),
    [
        ("OTEL_SDK_DISABLED", "1", "disabled", False),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s", "timeout_s", 10.0),
        ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "0", "timeout_s", 10.0),
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "collector:4317",
            "traces_endpoint",
            "http://localhost:4318/v1/traces",
        ),
        (
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "http://",
            "traces_endpoint",
            "http://localhost:4318/v1/traces",
        ),
        (
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "http://h:99999",
            "traces_endpoint",
            "http://localhost:4318/v1/traces",
        ),
        (
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "http://[::1",
            "traces_endpoint",
            "http://localhost:4318/v1/traces",
        ),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "protocol", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", "compression", "none"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "bad header=1", "headers", {}),
        ("OTEL_EXPORTER_OTLP_HEADERS", "key=a%0d%0ab", "headers", {}),
        ("OTEL_TRACES_EXPORTER", "zipkin", "exporter", "otlp"),
        ("OTEL_TRACES_SAMPLER", "jaeger_remote", "sampler", "parentbased_always_on"),
        ("OTEL_TRACES_SAMPLER_ARG", "half", "sampler_arg", 1.0),
        ("OTEL_TRACES_SAMPLER_ARG", "nan", "sampler_arg", 1.0),
        ("OTEL_TRACES_SAMPLER_ARG", "inf", "sampler_arg", 1.0),
        ("OTEL_TRACES_SAMPLER_ARG", "-1", "sampler_arg", 1.0),
        ("TRACING_BOOTSTRAP_EDGE", "yes", "edge", False),
        ("OTEL_PROPAGATORS", "tracecontext,solarwinds", "propagators", ("tracecontext", "baggage")),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "-1", "bsp_max_queue_size", 2048),
        ("OTEL_BSP_SCHEDULE_DELAY", "9" * 5000, "bsp_schedule_delay_ms", 5000),
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "many", "span_attribute_count_limit", 128),
        ("OTEL_PYTHON_EXCLUDED_URLS", "health,(", "excluded_urls", ()),
        ("OTEL_PYTHON_EXCLUDED_URLS", "health,(?i)x", "excluded_urls", ()),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=b,c", "resource_attributes", {}),
        ("OTEL_RESOURCE_ATTRIBUTES", "=b", "resource_attributes", {}),
    ],
)
def test_a_value_that_does_not_parse_gives_the_default_and_one_warning(name, value, field, used):
    read = settings.read({name: value})
    assert getattr(read, field) == used
    assert read.sources[field] == "default"
    (warning,) = read.warnings
    assert warning.startswith(name)
    assert "used " in warning
    assert "(default)" in warning
    assert len(warning) < 400
    if field != "headers":
        assert value[:60] in warning


def test_a_warning_about_headers_does_not_show_them():
    read = settings.read({"OTEL_EXPORTER_OTLP_HEADERS": "authorization"})
    assert "authorization" not in read.warnings[0]


def test_a_bad_value_falls_back_to_the_next_variable_that_fits():
    read = settings.read({"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "soon", "OTEL_EXPORTER_OTLP_TIMEOUT": "2500"})
    assert read.timeout_s == 2.5
    assert read.warnings == (
        (
            "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT 'soon' is not a whole number of zero or more;"
            " used 2.5 s (environment OTEL_EXPORTER_OTLP_TIMEOUT)"
        ),
    )


@pytest.mark.parametrize(
    ("general", "used"),
    [
        ("http://collector:4318", "http://collector:4318/v1/traces"),
        ("http://collector:4318/", "http://collector:4318/v1/traces"),
        ("https://o.example/mycollector/", "https://o.example/mycollector/v1/traces"),
    ],
)
def test_the_path_for_traces_is_added_to_the_general_endpoint(general, used):
    assert settings.read({"OTEL_EXPORTER_OTLP_ENDPOINT": general}).traces_endpoint == used


def test_the_endpoint_for_traces_is_used_as_it_is():
    read = settings.read(
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:1", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://b:2/x/"}
    )
    assert read.traces_endpoint == "http://b:2/x/"


def test_header_values_are_decoded_and_the_variable_for_traces_wins():
    read = settings.read(
        {
            "OTEL_EXPORTER_OTLP_HEADERS": "other=1",
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "Authorization=Basic%20dXNlcjpw=, x-scope = a%2Cb,",
        }
    )
    assert read.headers == {"authorization": "Basic dXNlcjpw=", "x-scope": "a,b"}


def test_resource_attributes_are_decoded():
    read = settings.read(
        {"OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=prod,team=caf%C3%A9 100%,e="}
    )
    assert read.resource_attributes == {"deployment.environment.name": "prod", "team": "café 100%", "e": ""}


def test_bytes_that_are_no_utf8_become_something_that_can_be_sent():
    environ = {os.fsdecode(b"OTEL_SERVICE_NAME"): os.fsdecode(b"caf\xff")}
    read = settings.read(environ)
    assert read.service_name is not None
    assert read.service_name.encode("utf-8")


def test_limits_fall_back_to_the_general_limits():
    read = settings.read({"OTEL_ATTRIBUTE_COUNT_LIMIT": "7", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "9"})
    assert (read.span_attribute_count_limit, read.span_attribute_value_length_limit) == (7, 9)
    read = settings.read({"OTEL_ATTRIBUTE_COUNT_LIMIT": "7", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "0"})
    assert read.span_attribute_count_limit == 0


def test_a_batch_is_no_larger_than_the_queue():
    read = settings.read({"OTEL_BSP_MAX_QUEUE_SIZE": "100"})
    assert (read.bsp_max_export_batch_size, read.warnings) == (100, ())
    read = settings.read({"OTEL_BSP_MAX_QUEUE_SIZE": "100", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "200"})
    assert read.bsp_max_export_batch_size == 100
    assert len(read.warnings) == 1


@pytest.mark.parametrize("value", ["true", "TRUE", " True "])
def test_tracing_is_off_only_for_the_word_true(value):
    assert settings.read({"OTEL_SDK_DISABLED": value}).disabled


def test_lists_are_split_and_lose_their_doubles():
    read = settings.read(
        {"OTEL_PROPAGATORS": "tracecontext, TraceContext", "OTEL_PYTHON_EXCLUDED_URLS": "health, ^/x{1},"}
    )
    assert read.propagators == ("tracecontext",)
    assert read.excluded_urls == ("health", "^/x{1}")


def test_the_environment_beats_the_companys_file(tmp_path):
    file = tmp_path / "defaults.env"
    file.write_text(
        "# the company's collector\n\nOTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://company:4318/v1/traces\n"
        "OTEL_BSP_SCHEDULE_DELAY = 1000\nnonsense\n"
    )
    read = settings.read({}, defaults_path=str(file))
    assert read.traces_endpoint == "http://company:4318/v1/traces"
    assert read.bsp_schedule_delay_ms == 1000
    assert read.sources["traces_endpoint"] == "image OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
    # Also when the environment's variable is the general one and the file's is not: nearer beats narrower.
    read = settings.read({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://mine:1"}, defaults_path=str(file))
    assert read.traces_endpoint == "http://mine:1/v1/traces"
    assert read.sources["traces_endpoint"] == "environment OTEL_EXPORTER_OTLP_ENDPOINT"


def test_a_bad_value_in_the_environment_falls_back_to_the_companys_file(tmp_path):
    file = tmp_path / "defaults.env"
    file.write_text("OTEL_TRACES_SAMPLER=always_off\n")
    read = settings.read({"OTEL_TRACES_SAMPLER": "sometimes"}, defaults_path=str(file))
    assert read.sampler == "always_off"
    assert read.warnings[0].endswith("used always_off (image OTEL_TRACES_SAMPLER)")


def test_a_missing_file_is_no_mistake_and_an_unreadable_one_is_a_warning(tmp_path):
    assert settings.read({}, defaults_path=str(tmp_path / "none")).warnings == ()
    (warning,) = settings.read({}, defaults_path=str(tmp_path)).warnings
    assert str(tmp_path) in warning


def test_the_process_reads_its_settings_once_and_says_each_warning_once(monkeypatch, capfd):
    monkeypatch.setattr(settings, "_current", None)
    monkeypatch.setattr(guard, "_said", set())
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "lots")
    first = settings.current()
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "more")
    assert settings.current() is first
    assert capfd.readouterr().err == (
        "tracing: OTEL_BSP_MAX_QUEUE_SIZE 'lots' is not a whole number of zero or more; used 2048 (default)\n"
    )


def test_the_companys_file_lies_beside_the_real_package():
    package = os.path.dirname(os.path.dirname(os.path.realpath(settings.__file__)))
    assert settings.defaults_path() == os.path.join(os.path.dirname(package), "defaults.env")


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("http://h", (False, "", "h", 80, "/")),
        ("HTTPS://u:p@h:8443/a/b?c=d#e", (True, "u:p", "h", 8443, "/a/b?c=d")),
        ("http://[::1]:4318/v1/traces", (False, "", "::1", 4318, "/v1/traces")),
        ("http://h?q=1/2", (False, "", "h", 80, "/?q=1/2")),
    ],
)
def test_a_url_is_split(url, parts):
    assert parse.split_url(url) == parts


def test_credentials_and_headers_are_not_shown():
    by_field = {variable.field: variable for variable in TABLE}
    assert settings.shown(by_field["traces_endpoint"], "http://u:p@h:1/x") == "http://***@h:1/x"
    assert settings.shown(by_field["headers"], {"authorization": "secret"}) == "authorization=(not shown)"
    assert settings.shown(by_field["timeout_s"], 2.5) == "2.5 s"
    assert settings.shown(by_field["disabled"], True) == "true"


@given(st.dictionaries(st.sampled_from([name for row in TABLE for name in row.names]), st.text(max_size=40)))
def test_no_text_whatsoever_makes_reading_fail(environ):
    read = settings.read(environ)
    for variable in TABLE:
        assert settings.shown(variable, getattr(read, variable.field)) is not None


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_decoding_undoes_percent_encoding(text):
    encoded = "".join(f"%{byte:02x}" for byte in text.encode())
    assert parse.unquote(encoded) == text
    assert parse.unquote(text.replace("%", "%25")) == text


@pytest.mark.parametrize(
    ("sampler", "argument", "used", "warned"),
    [
        ("parentbased_traceidratio", "0.25", 0.25, False),
        ("parentbased_traceidratio", "1.5", 1.0, True),
        ("traceidratio", "1.5", 1.0, True),
        ("parentbased_ratelimited", "1.5", 1.5, False),
        ("parentbased_ratelimited", "0", 10.0, True),
        ("parentbased_ratelimited", "", 10.0, False),
        ("parentbased_ratelimited", "many", 10.0, True),
        ("always_on", "7", 7.0, False),
    ],
)
def test_each_sampler_has_an_argument_of_its_own(sampler, argument, used, warned):
    read = settings.read({"OTEL_TRACES_SAMPLER": sampler, "OTEL_TRACES_SAMPLER_ARG": argument})
    assert read.sampler_arg == used
    assert bool(read.warnings) is warned
    assert all(warning.startswith("OTEL_TRACES_SAMPLER_ARG") for warning in read.warnings)
