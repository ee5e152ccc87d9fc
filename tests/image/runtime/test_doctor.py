"""The doctor in a container: which leg fired, what is patched, where spans go and whether that answers."""

import json


def test_a_healthy_service_is_told_so_in_words_and_in_json(launch, shop):
    service = launch(shop)
    facts = json.loads(service.shell("python -m tracing_bootstrap --json"))
    assert facts["healthy"] is True
    text = service.shell("python -m tracing_bootstrap")
    assert service.endpoint in text
    assert "Traceback" not in text


def test_where_nothing_answers_it_says_so_and_ends_with_one(run, scene, shop):
    environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{scene.host}:1"}
    ended = run(
        shop, "python", "-m", "tracing_bootstrap", environment=environment, network_mode=scene.network.name
    )
    assert ended.code == 1
    assert f"http://{scene.host}:1" in ended.out
    assert "Traceback" not in ended.err


def test_switched_off_it_says_that(run, shop):
    ended = run(shop, "python", "-m", "tracing_bootstrap", environment={"OTEL_SDK_DISABLED": "true"})
    assert ended.code == 1
    assert "OTEL_SDK_DISABLED" in ended.out


def test_a_wrong_argument_ends_with_two(run, shop):
    ended = run(shop, "python", "-m", "tracing_bootstrap", "--nonsense")
    assert (ended.code, "Traceback" in ended.err) == (2, False)
    assert "--nonsense" in ended.err
