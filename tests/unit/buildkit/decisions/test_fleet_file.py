import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.decisions.fleet_file import parse
from buildkit.values.errors import BadFleetFile
from buildkit.values.fleet import Amount, Pinned, When

REGISTRY = 'registry = "localhost:5000"\n'


def read(text):
    return parse(text, company="company")


def test_two_lines_are_a_fleet():
    fleet = read(REGISTRY + "discover = true\n")
    assert (fleet.registry, fleet.base, fleet.discover) == (
        "localhost:5000",
        "company/python-service",
        ("*",),
    )
    assert [str(size) for size in fleet.waves.sizes] == ["1", "5%", "25%"]


def test_a_service_needs_no_more_than_a_name():
    (shop,) = read(REGISTRY + "[service.shop]\n").services
    assert str(shop.image) == "localhost:5000/company/shop:latest"
    assert (shop.source, shop.dockerfile, shop.path, shop.wave) == ("", "Dockerfile", "/", None)


def test_every_key_of_a_service_arrives():
    (shop,) = read(
        REGISTRY
        + """
[service.shop]
image = "web/shop:stable"
source = "https://git.example/shop#main:app"
dockerfile = "deploy/Dockerfile"
target = "final"
build_args = { EXTRAS = "fast", WORKERS = 2, DEBUG = false }
ports = [8000, 9000]
path = "/prices?x=1"
probes = ["/health", "/ready"]
command = ["gunicorn", "shop:app"]
environment = { MODE = "test" }
call_env = ["STOCK_URL"]
timeout = 12.5
require_outgoing = true
wave = 2
tier = 1
platforms = ["linux/amd64", "linux/arm64/v8"]
pinned = "move"
"""
    ).services
    assert str(shop.image) == "localhost:5000/web/shop:stable"
    assert dict(shop.build_args) == {"EXTRAS": "fast", "WORKERS": "2", "DEBUG": "false"}
    assert shop.ports == (8000, 9000)
    assert (shop.path, shop.probes) == ("/prices?x=1", ("/health", "/ready"))
    assert shop.command == ("gunicorn", "shop:app")
    assert (shop.wave, shop.tier, shop.pinned, shop.timeout) == (2, 1, Pinned.MOVE, 12.5)
    assert shop.platforms == ("linux/amd64", "linux/arm64/v8")


def test_an_array_of_services_is_named_by_name_or_image():
    fleet = read(REGISTRY + '[[service]]\nname = "shop"\n[[service]]\nimage = "a/stock:v1"\n')
    assert [(entry.name, entry.image.repository) for entry in fleet.services] == [
        ("shop", "company/shop"),
        ("stock", "a/stock"),
    ]


def test_an_image_may_have_a_registry_of_its_own():
    (shop,) = read(REGISTRY + '[service.shop]\nimage = "other.example:443/a/shop"\n').services
    assert (shop.image.registry, shop.image.repository, shop.image.tag) == (
        "other.example:443",
        "a/shop",
        "latest",
    )


def test_the_whole_rollout_can_be_set():
    fleet = read(
        REGISTRY
        + """company = "acme"
tag = "live"
discover = ["web/*", "jobs/*"]
[waves]
sizes = ["2", "50%"]
[brakes]
failures = 3
coverage_drop = "2%"
minutes = 90
[budget]
registry = 8
builds = 1
verifications = 2
[policy]
signatures = "required"
sbom = "off"
pinned = "move"
[service.shop]
"""
    )
    assert (fleet.company, fleet.base, fleet.discover) == ("acme", "acme/python-service", ("web/*", "jobs/*"))
    assert fleet.waves.sizes == (Amount(2), Amount(50, percent=True))
    assert (fleet.brakes.failures, fleet.brakes.coverage_drop, fleet.brakes.minutes) == (Amount(3), 2.0, 90.0)
    assert (fleet.budget.registry, fleet.budget.builds, fleet.budget.verifications) == (8, 1, 2)
    assert (fleet.policy.signatures, fleet.policy.sbom) == (When.REQUIRED, When.OFF)
    assert fleet.services[0].pinned is Pinned.MOVE
    assert str(fleet.services[0].image) == "localhost:5000/acme/shop:live"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("registry = \n", "fleet.toml:1: not TOML: Invalid value; is a quote or a bracket missing?"),
        (
            "discover = true",
            'fleet.toml:1: registry is missing; write registry = "host:port", no scheme, no path',
        ),
        (
            'registry = "http://localhost:5000"',
            'fleet.toml:1: registry = "http://localhost:5000" is no registry; write registry = "host:port", no',
        ),
        (
            REGISTRY,
            "fleet.toml:1: service is missing: the fleet is empty; add [service.NAME], or discover = true",
        ),
        (REGISTRY + "\nregisty = 1\n", 'fleet.toml:3: registy is not a known key; did you mean "registry"?'),
        (
            REGISTRY + '[service.shop]\nimage = "a"\nsorce = "."\n',
            'fleet.toml:4: service.shop.sorce is not a known key; did you mean "source"?',
        ),
        (
            REGISTRY + "[service.shop]\n\nports = 99999\n",
            "fleet.toml:4: service.shop.ports has 99999, which is no",
        ),
        (
            REGISTRY + "[service.shop]\nports = true\n",
            "fleet.toml:3: service.shop.ports must be a list of numbers",
        ),
        (
            REGISTRY + '[service.shop]\nimage = "A b"\n',
            'fleet.toml:3: service.shop.image = "A b" is no image name',
        ),
        (
            REGISTRY + '[service.shop]\nimage = "a@sha256:00"\n',
            'fleet.toml:3: service.shop.image = "a@sha256:00" names a digest',
        ),
        (
            REGISTRY + '[service.a]\nimage = "x/y"\n[service.b]\nimage = "x/y:latest"\n',
            "fleet.toml:5: service.b.image localhost:5000/x/y:latest is also that of a; name each tag once",
        ),
        (
            REGISTRY + '[[service]]\nname = "a"\n[[service]]\nname = "a"\n',
            'fleet.toml:5: service.name "a" is there twice',
        ),
        (REGISTRY + "[[service]]\ntier = 1\n", "fleet.toml:2: service.name is missing"),
        (REGISTRY + "service = 3\n", "fleet.toml:2: service must be a table, found a number"),
        (REGISTRY + "[service]\nshop = 3\n", "fleet.toml:3: service.shop must be a table, found a number"),
        (
            REGISTRY + '[service.a]\n[waves]\nsizes = [\n "1",\n "5x" ]\n',
            'fleet.toml:4: waves.sizes = "5x" is no amount; write a number ("3") or a share ("5%")',
        ),
        (
            REGISTRY + '[service.a]\n[brakes]\nfailures = "101%"\n',
            'fleet.toml:4: brakes.failures = "101%" is no',
        ),
        (
            REGISTRY + "[service.a]\n[brakes]\nminutes = 0\n",
            "fleet.toml:4: brakes.minutes = 0 is out of range",
        ),
        (REGISTRY + "[service.a]\n[budget]\nbuilds = 0\n", "fleet.toml:4: budget.builds = 0 is out of range"),
        (
            REGISTRY + '[service.a]\n[policy]\nsignatures = "always"\n',
            'fleet.toml:4: policy.signatures = "always" is not one of its words; write one of required, if-present',
        ),
        (
            REGISTRY + "[service.a]\nenvironment = { A = [1] }\n",
            "fleet.toml:3: service.a.environment.A must be a text, found a list",
        ),
        (REGISTRY + '[service.a]\npath = "x"\n', 'fleet.toml:3: service.a.path has "x", which is no path'),
        (REGISTRY + "[service.a]\npath = []\n", "fleet.toml:3: service.a.path must be a text"),
    ],
)
def test_a_wrong_fleet_is_refused_with_line_key_and_what_to_do(text, said):
    with pytest.raises(BadFleetFile) as caught:
        read(text)
    assert str(caught.value).startswith(said)
    assert caught.value.exit_code == 2


def refusal(text):
    try:
        read(text)
    except BadFleetFile as error:
        return str(error)
    return ""


@given(st.text(max_size=60))
def test_no_text_ends_in_a_traceback(text):
    said = refusal(REGISTRY + text)
    assert not said or said.startswith("fleet.toml:")


@given(
    st.recursive(
        st.one_of(st.integers(), st.booleans(), st.text("ab/:%", max_size=4)),
        lambda inner: st.lists(inner, max_size=2),
        max_leaves=3,
    ),
    st.sampled_from(["image", "ports", "path", "build_args", "wave", "timeout", "platforms", "command"]),
)
def test_no_value_of_a_service_ends_in_a_traceback(value, key):
    said = refusal(f"{REGISTRY}[service.a]\n{key} = {toml(value)}\n")
    assert not said or said.startswith(f"fleet.toml:3: service.a.{key}")


def toml(value):
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return (
        str(value).lower()
        if isinstance(value, bool)
        else f'"{value}"'
        if isinstance(value, str)
        else str(value)
    )


@pytest.mark.parametrize(
    ("amount", "total", "least", "most"),
    [
        (Amount(1), 50, 1, 1),
        (Amount(5, percent=True), 50, 3, 2),
        (Amount(5, percent=True), 8, 1, 0),
        (Amount(100, percent=True), 8, 8, 8),
        (Amount(9), 4, 4, 9),
    ],
)
def test_a_share_is_rounded_up_for_waves_and_down_for_failures(amount, total, least, most):
    assert (amount.at_least(total), amount.at_most(total)) == (least, most)
