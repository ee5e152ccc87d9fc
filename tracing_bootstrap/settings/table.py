"""Which variables there are: one row per setting, that the reader, the doctor and the README all use."""

from __future__ import annotations

from tracing_bootstrap.settings import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLERS = (
    "always_on",
    "always_off",
    "traceidratio",
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
    "parentbased_ratelimited",
)
PROPAGATORS = (
    "tracecontext",
    "baggage",
    "b3",
    "b3multi",
    "jaeger",
    "datadog",
    "xray",
    "ottrace",
    "none",
)


class Variable:
    """One setting: its field, its variable names (the first that is set wins), its parser and its default."""

    __slots__ = ("base_parser", "default", "field", "meaning", "names", "parser", "secret")

    def __init__(
        self,
        field: str,
        parser: Callable[[str], object],
        *names: str,
        default: object,
        meaning: str,
        base_parser: Callable[[str], object] | None = None,
        secret: bool = False,
    ) -> None:
        self.field = field
        self.names = names
        self.parser = parser
        # The general variable of the OTLP endpoint means something else than the one for traces.
        self.base_parser = base_parser or parser
        self.default = default
        self.meaning = meaning
        self.secret = secret

    def parse(self, value: str, *, name: str) -> object:
        """Parse the `value` of the variable `name`; ValueError with the reason where it does not fit."""
        return (self.parser if name == self.names[0] else self.base_parser)(value)


def _otlp(part: str) -> tuple[str, str]:
    return f"OTEL_EXPORTER_OTLP_TRACES_{part}", f"OTEL_EXPORTER_OTLP_{part}"


V = Variable
TABLE = (
    V("disabled", parse.boolean, "OTEL_SDK_DISABLED", default=False, meaning="true: nothing is traced"),
    V("service_name", parse.text, "OTEL_SERVICE_NAME", default=None, meaning="the service's name"),
    V(
        "resource_attributes",
        parse.pairs,
        "OTEL_RESOURCE_ATTRIBUTES",
        default={},
        meaning="more facts about the service, key=value,key2=value2",
    ),
    V(
        "script_span",
        parse.boolean,
        "TRACING_BOOTSTRAP_SCRIPT_SPAN",
        default=False,
        meaning="true: a span for the whole run of a script or cron job (in the environment only)",
    ),
    V(
        "exporter",
        parse.choice("otlp", "none", otlp_proto_http="otlp"),
        "OTEL_TRACES_EXPORTER",
        default="otlp",
        meaning="otlp, or none: trace headers are carried on, no span is sent",
    ),
    V(
        "traces_endpoint",
        parse.url,
        *_otlp("ENDPOINT"),
        default="http://localhost:4318/v1/traces",
        base_parser=parse.traces_url,
        meaning="where spans go; to the general one /v1/traces is added",
    ),
    V(
        "headers",
        parse.headers,
        *_otlp("HEADERS"),
        default={},
        secret=True,
        meaning="headers of each export, key=value,key2=value2",
    ),
    V(
        "timeout_s",
        parse.milliseconds,
        *_otlp("TIMEOUT"),
        default=10.0,
        meaning="milliseconds for one export (the specification's unit; other Python exporters read seconds)",
    ),
    V(
        "compression",
        parse.choice("none", "gzip"),
        *_otlp("COMPRESSION"),
        default="none",
        meaning="none or gzip",
    ),
    V(
        "certificate",
        parse.text,
        *_otlp("CERTIFICATE"),
        default=None,
        meaning="file of the CA that signed the collector's certificate",
    ),
    V(
        "client_key",
        parse.text,
        *_otlp("CLIENT_KEY"),
        default=None,
        meaning="file of the client's private key (mTLS)",
    ),
    V(
        "client_certificate",
        parse.text,
        *_otlp("CLIENT_CERTIFICATE"),
        default=None,
        meaning="file of the client's certificate chain (mTLS)",
    ),
    V(
        "protocol",
        parse.choice("http/protobuf"),
        *_otlp("PROTOCOL"),
        default="http/protobuf",
        meaning="http/protobuf is the only one",
    ),
    V(
        "sampler",
        parse.choice(*SAMPLERS),
        "OTEL_TRACES_SAMPLER",
        default="parentbased_always_on",
        meaning="which traces are kept: " + ", ".join(SAMPLERS),
    ),
    V(
        "sampler_arg",
        parse.number,
        "OTEL_TRACES_SAMPLER_ARG",
        default=1.0,
        meaning="for the traceidratio samplers the share, 0 to 1, that is kept (1); for parentbased_ratelimited "
        "how many of the traces that begin in a process are kept a second (10)",
    ),
    V(
        "propagators",
        parse.names(*PROPAGATORS),
        "OTEL_PROPAGATORS",
        default=("tracecontext", "baggage"),
        meaning="the headers that carry a trace on, all of which are understood: " + ", ".join(PROPAGATORS),
    ),
    V(
        "edge",
        parse.boolean,
        "TRACING_BOOTSTRAP_EDGE",
        default=False,
        meaning="true: requests come from outside; each begins a trace of its own, linked to the one that it names",
    ),
    V(
        "bsp_schedule_delay_ms",
        parse.positive,
        "OTEL_BSP_SCHEDULE_DELAY",
        default=5000,
        meaning="milliseconds between two exports",
    ),
    V(
        "bsp_export_timeout_ms",
        parse.positive,
        "OTEL_BSP_EXPORT_TIMEOUT",
        default=30000,
        meaning="milliseconds after which a batch that cannot be delivered is dropped, retries included",
    ),
    V(
        "bsp_max_queue_size",
        parse.positive,
        "OTEL_BSP_MAX_QUEUE_SIZE",
        default=2048,
        meaning="spans that may wait; more are dropped and counted",
    ),
    V(
        "bsp_max_export_batch_size",
        parse.positive,
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
        default=512,
        meaning="spans in one export, at most the queue's size",
    ),
    V(
        "span_attribute_count_limit",
        parse.count,
        "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
        "OTEL_ATTRIBUTE_COUNT_LIMIT",
        default=128,
        meaning="attributes of a span",
    ),
    V(
        "span_attribute_value_length_limit",
        parse.count,
        "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        default=None,
        meaning="characters of a text attribute; unset: no limit",
    ),
    V(
        "span_event_count_limit",
        parse.count,
        "OTEL_SPAN_EVENT_COUNT_LIMIT",
        default=128,
        meaning="events of a span",
    ),
    V(
        "span_link_count_limit",
        parse.count,
        "OTEL_SPAN_LINK_COUNT_LIMIT",
        default=128,
        meaning="links of a span",
    ),
    V(
        "event_attribute_count_limit",
        parse.count,
        "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
        default=128,
        meaning="attributes of an event",
    ),
    V(
        "link_attribute_count_limit",
        parse.count,
        "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
        default=128,
        meaning="attributes of a link",
    ),
    V(
        "excluded_urls",
        parse.patterns,
        "OTEL_PYTHON_EXCLUDED_URLS",
        default=(),
        meaning="requests that get no span: comma-separated regular expressions on the URL",
    ),
    V(
        "disabled_instrumentations",
        parse.words,
        "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS",
        default=(),
        meaning="libraries that get no detail, comma-separated (psycopg2,redis), or * for all",
    ),
)
