import datetime as dt

import pytest

from buildkit.decisions import oci_json, rebase, rebase_index
from buildkit.values.known_base import BaseImage
from buildkit.values.oci import (
    ANNOTATION_BASE_DIGEST,
    ANNOTATION_BASE_NAME,
    DOCKER_INDEX,
    DOCKER_LAYER,
    DOCKER_MANIFEST,
    OCI_CONFIG,
    OCI_INDEX,
    OCI_LAYER,
    OCI_MANIFEST,
    Image,
)
from tests.unit.buildkit.fleet_images import (
    AMD64,
    ARM64,
    COMPANY,
    base,
    base_settings,
    catalogue,
    contract,
    digest,
    image,
    index,
    on,
    read,
)

OLD = base("1.4.0-r1-py3.13")
NEW = base("1.5.0-r1-py3.13", days=40)


def put(service, *, old=OLD, new=NEW, platform=AMD64):
    return rebase.put_onto(
        service, old=old.platforms[platform], new=new.platforms[platform], onto=new, company=COMPANY
    )


def blockers(service, *, old=OLD, new=NEW):
    match = catalogue(old).find(service.config)
    there = new.platforms.get(service.config.platform) if new else None
    return [str(reason) for reason in rebase.blockers(service, match=match, new=there, company=COMPANY)]


def document(made):
    return read(made.manifest)


def config(made):
    return read(made.config)


def test_the_new_bases_layers_are_below_the_services():
    service = on(OLD, "app", "assets")
    made = put(service)
    layers = [layer["digest"] for layer in document(made)["layers"]]
    new = NEW.platforms[AMD64]
    assert layers == [
        *(layer.digest for layer in new.manifest.layers),
        *(layer.digest for layer in service.manifest.layers[3:]),
    ]
    assert config(made)["rootfs"]["diff_ids"] == [*new.config.diff_ids, *service.config.diff_ids[3:]]


def test_the_manifest_names_the_config_that_comes_with_it():
    made = put(on(OLD, "app"))
    assert document(made)["config"] == {
        "mediaType": OCI_CONFIG,
        "digest": oci_json.digest(made.config),
        "size": len(made.config),
    }
    assert made.digest == oci_json.digest(made.manifest)


def test_only_layers_that_the_service_does_not_have_are_mounted_and_each_once():
    new = base("1.5.0-r1-py3.13", layers=["debian", "venv", "empty", "tracing new", "empty"])
    mounted = [layer.digest for layer in put(on(OLD, "app"), new=new).mounts]
    assert mounted == [digest(f"gzip {text} linux/amd64") for text in ("empty", "tracing new")]


def test_the_settings_of_the_new_base_arrive():
    settings = config(put(on(OLD, "app", settings={"Cmd": ["flask", "run"]})))["config"]
    assert "BASE=1.5.0-r1-py3.13" in settings["Env"]
    assert settings["Labels"]["com.company.base.version"] == "1.5.0"
    assert settings["Cmd"] == ["flask", "run"]


def test_it_was_created_when_the_new_base_was_released():
    assert config(put(on(OLD, "app")))["created"] == "2026-02-10T00:00:00Z"
    zone = dt.timezone(dt.timedelta(hours=2))
    moved = type(NEW)(
        NEW.version, NEW.reference, NEW.platforms, dt.datetime(2026, 2, 10, 1, 30, tzinfo=zone), NEW.support
    )
    assert config(put(on(OLD, "app"), new=moved))["created"] == "2026-02-09T23:30:00Z"


def test_the_same_input_gives_the_same_digest():
    assert put(on(OLD, "app")) == put(on(OLD, "app"))


def test_it_says_which_base_it_follows_and_what_stood_there():
    made = put(on(OLD, "app", annotations={"team": "shop", ANNOTATION_BASE_DIGEST: "sha256:old"}))
    assert document(made)["annotations"] == {
        "team": "shop",
        ANNOTATION_BASE_NAME: "registry.test:5000/company/python-service:1-py3.13",
        ANNOTATION_BASE_DIGEST: NEW.digest,
    }


def test_dockers_manifest_becomes_an_oci_manifest_in_all_its_parts():
    made = document(put(on(OLD, "app", kind=DOCKER_MANIFEST)))
    assert made["mediaType"] == OCI_MANIFEST
    assert made["config"]["mediaType"] == OCI_CONFIG
    assert {layer["mediaType"] for layer in made["layers"]} == {OCI_LAYER}


def test_a_base_of_dockers_kind_is_no_obstacle():
    old, new = (base(f"1.{minor}.0-r1-py3.13", kind=DOCKER_MANIFEST) for minor in (4, 5))
    assert DOCKER_LAYER not in put(on(old, "app"), old=old, new=new).manifest.decode()


def test_layers_compressed_in_another_way_are_kept_as_they_are():
    zstd = "application/vnd.oci.image.layer.v1.tar+zstd"
    layers = document(put(on(OLD, "app", compression="zstd", layer_type=zstd)))["layers"]
    assert [layer["mediaType"] for layer in layers] == [OCI_LAYER] * 3 + [zstd]


def test_a_layer_on_its_vendors_server_is_not_mounted():
    foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
    new = base("1.5.0-r1-py3.13", layers=["windows"], kind=DOCKER_MANIFEST, layer_type=foreign)
    made = put(on(OLD, "app"), new=new)
    assert made.mounts == ()
    assert document(made)["layers"][0]["mediaType"].endswith("nondistributable.v1.tar+gzip")


def test_members_that_nobody_knows_stay_and_notes_of_the_build_go():
    service = on(
        OLD,
        "app",
        members={
            "author": "shop",
            "moby.buildkit.buildinfo.v1": "eyJ9",
            "container_config": {},
            "variant": "v1",
        },
    )
    made = config(put(service))
    assert (made["author"], made["variant"]) == ("shop", "v1")
    assert not {"moby.buildkit.buildinfo.v1", "container_config"} & set(made)


def test_history_is_in_step_with_the_layers():
    made = config(put(on(OLD, "app")))
    assert [entry["created_by"] for entry in made["history"]] == [
        "debian linux/amd64",
        "venv linux/amd64",
        "tracing 1.5.0-r1-py3.13 linux/amd64",
        "app linux/amd64",
    ]


def test_there_and_back_gives_the_layers_and_settings_of_before():
    service = on(OLD, "app", settings={"Cmd": ["flask"]})
    there = put(service)
    moved = Image(
        service.reference,
        oci_json.manifest(there.manifest, media_type=OCI_MANIFEST),
        oci_json.config(there.config),
    )
    back = put(moved, old=NEW, new=OLD)
    assert config(back)["config"] == service.config.settings
    assert config(back)["rootfs"] == service.config.document["rootfs"]
    assert document(back)["layers"] == read(service.manifest.raw)["layers"]


def test_nothing_blocks_a_service_on_a_base_of_the_same_contract():
    assert blockers(on(OLD, "app")) == []


def test_a_service_on_no_known_base_is_blocked():
    assert blockers(image(["alpine"])) == ["its layers below are not those of a known base"]


def test_a_platform_that_the_new_base_lacks_is_blocked():
    both = base("1.4.0-r1-py3.13", platforms=(AMD64, ARM64))
    assert blockers(on(both, "app", platform=ARM64), old=both) == [
        "the new base is not there for linux/arm64"
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"soabi": "cpython-313t"}, "ABI cpython-3.13 -> cpython-313t"),
        ({"libc": "glibc-2.36"}, "C library glibc-2.41 -> glibc-2.36"),
        ({"uid": "1000"}, "user 10001 -> 1000"),
    ],
)
def test_a_contract_that_differs_is_named(changes, reason):
    new = base("2.0.0-r1-py3.13", settings=base_settings("2.0.0-r1-py3.13", labels=contract(**changes)))
    assert blockers(on(OLD, "app"), new=new) == [reason]


def test_a_base_without_a_contract_is_not_trusted():
    mute = base("1.3.0-r1-py3.13", settings={"Labels": {}})
    assert blockers(on(mute, "app"), old=mute) == ["the old base does not say its contract"]
    assert blockers(on(OLD, "app"), new=mute) == ["the new base does not say its contract"]


def test_build_triggers_of_the_new_base_ask_for_a_build():
    settings = base_settings("1.5.0-r1-py3.13", OnBuild=["RUN setup"])
    new = base("1.5.0-r1-py3.13", settings=settings)
    assert blockers(on(OLD, "app"), new=new) == ["the new base has other build triggers (ONBUILD)"]


def test_layers_out_of_step_are_named():
    honest, other = on(OLD, "app"), on(OLD, "app", "more")
    assert blockers(Image(honest.reference, honest.manifest, other.config)) == [
        "its manifest has 4 layers, its config tells of 5"
    ]
    known = OLD.platforms[AMD64]
    broken = type(OLD)(
        OLD.version,
        OLD.reference,
        {AMD64: BaseImage(AMD64, image(["one"]).manifest, known.config)},
        OLD.released,
    )
    assert blockers(on(OLD, "app"), old=broken) == [
        "base 1.4.0-r1-py3.13 has more or fewer layers than its config tells of"
    ]


def test_an_index_keeps_its_order_and_drops_attestations():
    old, new = (base(f"1.{minor}.0-r1-py3.13", platforms=(AMD64, ARM64)) for minor in (4, 5))
    images = [on(old, "app", platform=platform) for platform in (ARM64, AMD64)]
    made = [put(each, old=old, new=new, platform=each.config.platform) for each in images]
    was = index(*images, kind=DOCKER_INDEX, annotations={"team": "shop"})
    entries = {each.manifest.digest: one for each, one in zip(images, made, strict=True)}
    found = read(rebase_index.index_of(was, entries=entries, onto=new))
    assert found["mediaType"] == OCI_INDEX
    assert [entry["platform"]["architecture"] for entry in found["manifests"]] == ["arm64", "amd64"]
    assert [entry["digest"] for entry in found["manifests"]] == [one.digest for one in made]
    assert [entry["size"] for entry in found["manifests"]] == [len(one.manifest) for one in made]
    assert found["annotations"]["team"] == "shop"
    assert found["annotations"][ANNOTATION_BASE_DIGEST] == new.digest
