"""The Helm chart: what it renders is sound, fits the settings and compose.yaml, and is what the service runs with."""

from __future__ import annotations

import base64
import json
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml  # type: ignore[import-untyped]

from qa.api import http_server, readiness
from qa.api.origins import AllowedHosts
from qa.settings import Settings, load
from tests.support.kubernetes import CHART, helm, manifests, of_kind, pod_templates, program
from tests.support.served import Served, command, environment, launch, launch_worker, wait

ROOT = Path(__file__).resolve().parents[2]
SEED = "000_00cc0611c457028d.txt"
"""One of the reports."""
OWN = {"data_dir", "host", "port"} | {"database_url", "chroma_url", "work", "keys", "allowed_hosts"}
"""Settings that the image or the chart decides."""
SECRET = {"llm_api_key", "embedder_api_key", "api_key"}
"""Settings that don't belong into a ConfigMap; the last is the commands' alone."""
EXTERNAL = {
    "database": {"host": "db.example", "password": "p@ss/w:rd%"},
    "chroma": {"url": "http://chroma.example:8000"},
}
BUNDLED = {
    "database": {"password": "secret"},
    "bundled": {"postgres": {"enabled": True}, "chroma": {"enabled": True}},
}
SETS: dict[str, dict[str, Any]] = {
    "external": EXTERNAL,
    "bundled": BUNDLED,
    "ingress": EXTERNAL
    | {
        "ingress": {
            "enabled": True,
            "className": "nginx",
            "hosts": ["reports.example", "berichte.example"],
            "tlsSecret": "certificate",
            "annotations": {"nginx.ingress.kubernetes.io/proxy-body-size": "1g"},
        },
        "trustedProxies": ["10.42.0.0/16"],
        "image": {"repository": "registry.example/report-qa", "tag": "1", "pullSecrets": ["registry"]},
    },
    "existing secret": {
        "existingSecret": "my-keys",
        "database": {"host": "db.example", "port": 6432, "user": "qa@db", "options": "sslmode=require"},
        "chroma": {"url": "https://chroma.example"},
        "settings": {"QA_LLM_BASE_URL": "http://model:8000/v1", "QA_LLM_MAX_TOKENS": 1_000_000, "QA_LLM_TIMEOUT": 2.5},
        "podDisruptionBudget": {"enabled": False},
    },
    "everything": BUNDLED
    | {
        "llmApiKey": "one",
        "embedderApiKey": "two",
        "allowedHosts": ["reports.internal"],
        "settings": {"QA_LLM_BASE_URL": "http://model:8000/v1", "QA_OCR": False, "QA_WATCH": "/inbox"},
        "service": {"type": "LoadBalancer", "annotations": {"example.com/kind": "internal"}},
        "podAnnotations": {"example.com/scrape": "no"},
        "nodeSelector": {"kubernetes.io/arch": "amd64"},
        "tolerations": [{"key": "reports", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
        "extraVolumes": [{"name": "inbox", "persistentVolumeClaim": {"claimName": "inbox"}}],
        "extraVolumeMounts": [{"name": "inbox", "mountPath": "/inbox", "readOnly": True}],
    },
}


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


VALUES: dict[str, Any] = read(CHART / "values.yaml")
SCHEMA: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text("utf-8"))
COMPOSE: dict[str, Any] = read(ROOT / "compose.yaml")


# What needs no Helm


def test_versions_are_the_packages() -> None:
    chart = read(CHART / "Chart.yaml")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert chart["appVersion"] == version
    assert chart["version"] == version


def test_images_are_those_of_compose() -> None:
    services = COMPOSE["services"]
    assert VALUES["image"]["repository"] == services["api-1"]["image"] == services["worker"]["image"]
    for store in ("postgres", "chroma"):
        assert VALUES["bundled"][store]["image"] == services[store]["image"]
    locked = re.search(r"^chromadb==(\S+)", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)
    assert locked is not None
    assert VALUES["bundled"]["chroma"]["image"].endswith(f":{locked[1]}")


def test_every_setting_can_be_given_and_no_other() -> None:
    allowed = SCHEMA["properties"]["settings"]
    assert allowed["additionalProperties"] is False
    assert set(allowed["properties"]) == {f"QA_{name.upper()}" for name in set(Settings.model_fields) - OWN - SECRET}
    assert set(VALUES["settings"]) <= set(allowed["properties"])


def test_every_variable_that_the_chart_names_is_a_setting() -> None:
    known = {f"QA_{name.upper()}" for name in Settings.model_fields}
    for path in sorted(CHART.rglob("*")):
        if path.is_file():
            named = set(re.findall(r"\bQA_[A-Z_]*[A-Z]\b", path.read_text("utf-8")))
            assert named <= known, path
    assert {"QA_EMBEDDER", "QA_LLM_BASE_URL", "QA_LLM_MODEL"} < set(VALUES["settings"])
    assert {name for name in COMPOSE["x-models"] if not name.endswith("_API_KEY")} <= set(VALUES["settings"])


def test_every_value_is_in_the_schema_and_explained() -> None:
    def compared(values: dict[str, Any], schema: dict[str, Any], where: str) -> None:
        known = schema["properties"]
        assert set(known) - {"global"} >= set(values), where
        if where != ".settings":
            assert set(values) == set(known) - {"global"}, where
        for name, value in values.items():
            if "properties" in known[name]:
                compared(value, known[name], f"{where}.{name}")

    compared(VALUES, SCHEMA, "")
    lines = (CHART / "values.yaml").read_text("utf-8").splitlines()
    groups = {"api", "worker", "service", "ingress"}  # explained within
    beside = {"embedderApiKey", "extraVolumeMounts"}  # of the line above
    pods = {"podAnnotations", "nodeSelector", "tolerations", "affinity"}  # the same as in a pod's specification
    for before, line in pairwise(lines):
        name = re.match(r"[a-z]\w*(?=:)", line)
        assert name is None or before.startswith("#") or name[0] in groups | beside | pods, line


def test_users_ports_and_times_are_those_of_the_image_and_the_server() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    user = re.search(r"useradd --uid (\d+)", dockerfile)
    assert user is not None
    context = VALUES["podSecurityContext"]
    assert {context[name] for name in ("runAsUser", "runAsGroup", "fsGroup")} == {int(user[1])}
    assert "QA_DATA_DIR=/data QA_HOST=0.0.0.0 QA_PORT=8000" in dockerfile
    assert 'ENTRYPOINT ["qa"]' in dockerfile
    stopping = http_server.GRACE_SECONDS + http_server.FLUSH_SECONDS
    assert f"add .Values.api.preStopSeconds {stopping} " in (CHART / "templates" / "_helpers.tpl").read_text("utf-8")
    assert VALUES["api"]["terminationGracePeriodSeconds"] >= VALUES["api"]["preStopSeconds"] + stopping + 10


def test_the_password_is_in_the_variable_that_postgres_clients_read() -> None:
    from psycopg.pq import Conninfo

    read_from = {option.keyword: option.envvar for option in Conninfo.get_defaults()}
    assert read_from[b"password"] == b"PGPASSWORD"


# What Helm makes of it


@pytest.fixture(params=SETS)
def values(request: pytest.FixtureRequest) -> dict[str, Any]:
    return SETS[request.param]


def test_lint_finds_nothing(values: dict[str, Any]) -> None:
    done = helm("lint", "--strict", CHART, values=values)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[WARNING]" not in done.stdout


def test_manifests_fit_the_schemas_of_kubernetes(values: dict[str, Any], tmp_path: Path) -> None:
    found = manifests(values)  # first, so that a missing Helm is what is said
    assert schema_errors(found, tmp_path / "sound") == ""
    (deployment, *_) = of_kind(found, "Deployment").values()
    deployment["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    assert "livenesProbe" in schema_errors([deployment], tmp_path / "misspelt")


def schema_errors(found: list[dict[str, Any]], folder: Path) -> str:
    """What the oldest Kubernetes that the chart is for, and the newest that the checker knows, have against it."""
    check = program("KUBERNETES_VALIDATE", "kubernetes-validate", "pip install kubernetes-validate")
    oldest = re.search(r">=(\d+\.\d+)", read(CHART / "Chart.yaml")["kubeVersion"])
    assert oldest is not None
    folder.mkdir()
    for at, manifest in enumerate(found):
        (folder / f"{at}.yaml").write_text(yaml.safe_dump(manifest), "utf-8")
    files = sorted(folder.iterdir())
    said = ""
    for version in (["--kubernetes-version", oldest[1]], []):
        done = subprocess.run([check, "--strict", "--quiet", *version, *files], capture_output=True, text=True)
        said += done.stdout + done.stderr if done.returncode else ""
    return said


def test_what_refers_to_something_finds_it(values: dict[str, Any]) -> None:
    found = manifests(values)
    templates = pod_templates(found)
    for kind in ("Deployment", "StatefulSet"):
        for name, one in of_kind(found, kind).items():
            assert one["spec"]["selector"]["matchLabels"].items() <= templates[name]["metadata"]["labels"].items()
    for name, service in of_kind(found, "Service").items():
        wanted = service["spec"]["selector"].items()
        (chosen,) = [one for one in templates.values() if wanted <= one["metadata"]["labels"].items()]
        ports = {port["name"] for container in chosen["spec"]["containers"] for port in container["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports, name
    for ingress in of_kind(found, "Ingress").values():
        for rule in ingress["spec"]["rules"]:
            backend = rule["http"]["paths"][0]["backend"]["service"]
            ports = of_kind(found, "Service")[backend["name"]]["spec"]["ports"]
            assert backend["port"]["name"] in {port["name"] for port in ports}
    made = {name: set(secret["data"]) for name, secret in of_kind(found, "Secret").items()}
    for name, template in templates.items():
        (container,) = template["spec"]["containers"]
        for source in container.get("envFrom", []):
            assert source["configMapRef"]["name"] in of_kind(found, "ConfigMap")
        for variable in container["env"]:
            reference = variable.get("valueFrom", {}).get("secretKeyRef")
            if reference and not values.get("existingSecret"):
                assert reference.get("optional") or reference["key"] in made[reference["name"]], name
            elif reference:
                assert reference["name"] == values["existingSecret"]
        claims = of_kind(found, "StatefulSet").get(name, {}).get("spec", {}).get("volumeClaimTemplates", [])
        volumes = [volume["name"] for volume in template["spec"]["volumes"]] + [
            one["metadata"]["name"] for one in claims
        ]
        assert sorted(mount["name"] for mount in container["volumeMounts"]) == sorted(volumes), name


def test_every_pod_is_confined(values: dict[str, Any]) -> None:
    for name, template in pod_templates(manifests(values)).items():
        pod = template["spec"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False, "a release called qa would add variables that are no settings"
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            assert {"memory"} <= set(container["resources"]["limits"])
            assert {"cpu", "memory"} <= set(container["resources"]["requests"])
            assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]}


def test_the_parts_are_those_of_the_profile_scale() -> None:
    found = manifests(BUNDLED)
    assert set(of_kind(found, "Deployment")) == {"qa-report-qa-api", "qa-report-qa-worker"}
    assert set(of_kind(found, "StatefulSet")) == {"qa-report-qa-postgres", "qa-report-qa-chroma"}
    assert of_kind(found, "Deployment")["qa-report-qa-api"]["spec"]["replicas"] == 2
    (container,) = pod_templates(found)["qa-report-qa-worker"]["spec"]["containers"]
    assert container["args"] == COMPOSE["services"]["worker"]["command"]
    (container,) = pod_templates(found)["qa-report-qa-api"]["spec"]["containers"]
    assert container["args"] == COMPOSE["services"]["api-2"]["command"]
    for store in ("postgres", "chroma"):
        (container,) = pod_templates(found)[f"qa-report-qa-{store}"]["spec"]["containers"]
        told = {variable["name"]: variable.get("value") for variable in container["env"]}
        for name, value in COMPOSE["services"][store]["environment"].items():
            assert name in told
            assert told[name] is None or told[name] == value
    assert of_kind(manifests(EXTERNAL), "StatefulSet") == {}


def test_only_servers_and_workers_reach_the_bundled_stores() -> None:
    found = manifests(BUNDLED)
    policies = of_kind(found, "NetworkPolicy")
    for name, store in of_kind(found, "StatefulSet").items():
        policy = policies[name]["spec"]
        assert policy["podSelector"]["matchLabels"] == store["spec"]["selector"]["matchLabels"]
        assert policy["policyTypes"] == ["Ingress", "Egress"]
        assert policy["egress"] == []
        (rule,) = policy["ingress"]
        (source,) = rule["from"]
        (expression,) = source["podSelector"]["matchExpressions"]
        assert expression["values"] == ["api", "worker"]
        assert source["podSelector"]["matchLabels"]["app.kubernetes.io/instance"] == "qa"
    assert {service["spec"].get("type") for name, service in of_kind(found, "Service").items() if name in policies} == {
        None
    }


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "database.host is missing: .* bundled.postgres.enabled=true"),
        ({"database": {"host": "db"}}, "chroma.url is missing: .* bundled.chroma.enabled=true"),
        ({"database": {"host": "db"}, "chroma": {"url": "http://c"}}, "database.password is missing: .* Secret"),
        (EXTERNAL | {"database": {"host": "postgresql://db/qa", "password": "p"}}, "give the host name alone"),
        (EXTERNAL | {"bundled": {"postgres": {"enabled": True}}}, "database.host and bundled.postgres.enabled exclude"),
        (EXTERNAL | {"bundled": {"chroma": {"enabled": True}}}, "chroma.url and bundled.chroma.enabled exclude"),
        (EXTERNAL | {"existingSecret": "mine"}, "existingSecret is used in place of database.password"),
        (SETS["existing secret"] | {"chroma": {"url": "http://u:p@c"}}, "that Secret as QA_CHROMA_URL"),
        (EXTERNAL | {"ingress": {"enabled": True}}, "ingress.hosts is empty: .* ingress.enabled=false"),
        (EXTERNAL | {"api": {"preStopSeconds": 30}}, "set it to more than .* 38"),
        (EXTERNAL | {"settings": {"QA_LLM_MODLE": "m"}}, "QA_LLM_MODLE"),
        (EXTERNAL | {"settings": {"QA_LLM_API_KEY": "k"}}, "QA_LLM_API_KEY"),
        (EXTERNAL | {"api": {"replicas": 0}}, "replicas"),
        (EXTERNAL | {"chroma": {"url": "chroma:8000"}}, "url"),
    ],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_named(values: dict[str, Any], message: str) -> None:
    done = helm("template", "qa", CHART, values=values)
    assert done.returncode != 0
    assert re.search(message, done.stderr), done.stderr


INGRESS = EXTERNAL | {"ingress": {"enabled": True, "hosts": ["reports.example"]}}
BALANCED = EXTERNAL | {"service": {"type": "LoadBalancer"}}


@pytest.mark.parametrize("exposed", [INGRESS, BALANCED])
@pytest.mark.parametrize("off", ["off", False])
def test_keys_are_off_outside_the_cluster_only_on_ones_word(exposed: dict[str, Any], off: object) -> None:
    def keys(values: dict[str, Any]) -> str:
        (settings,) = of_kind(manifests(values), "ConfigMap").values()
        return str(settings["data"]["QA_KEYS"])

    assert keys(exposed) == keys(EXTERNAL) == "on"
    assert keys(EXTERNAL | {"keys": off}) == "off"
    done = helm("template", "qa", CHART, values=exposed | {"keys": off})
    assert done.returncode != 0
    assert re.search("keys=off lets .* set keys=on, .* allowWithoutKeys=true", done.stderr), done.stderr
    assert keys(exposed | {"keys": off, "allowWithoutKeys": True}) == "off"


def settings_of(values: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """The settings that a pod's process has: those of the image, the ConfigMap and the Secret."""
    found = manifests(values)
    monkeypatch.chdir(tmp_path)
    image = {"QA_DATA_DIR": "/data", "QA_HOST": "0.0.0.0", "QA_PORT": "8000"}
    for name, value in {**image, **variables(found)}.items():
        monkeypatch.setenv(name, value)
    return load()


def variables(found: list[dict[str, Any]]) -> dict[str, str]:
    """What the ConfigMap and the chart's own Secret set in a server's container."""
    (settings,) = of_kind(found, "ConfigMap").values()
    given: dict[str, str] = dict(settings["data"])
    secrets = of_kind(found, "Secret")
    (container,) = pod_templates(found)["qa-report-qa-api"]["spec"]["containers"]
    for variable in container["env"]:
        reference = variable["valueFrom"]["secretKeyRef"]
        data = secrets[reference["name"]]["data"] if secrets else {}
        if reference["key"] in data:
            given[variable["name"]] = base64.b64decode(data[reference["key"]]).decode()
    return given


def test_the_service_takes_what_the_chart_sets(
    values: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = settings_of(values, monkeypatch, tmp_path)
    assert settings.shares_library
    assert not settings.work
    assert settings.requires_key
    assert settings.log_format == "json"
    for name, value in values.get("settings", {}).items():
        assert getattr(settings, name.removeprefix("QA_").lower()) == value
    if "llmApiKey" in values:
        assert settings.llm_api_key is not None
        assert settings.llm_api_key.get_secret_value() == "one"


def test_urls_are_complete_and_hold_no_password(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert settings_of(EXTERNAL, monkeypatch, tmp_path).postgres_url == "postgresql://qa@db.example:5432/qa"
    assert variables(manifests(EXTERNAL))["PGPASSWORD"] == EXTERNAL["database"]["password"]
    settings = settings_of(SETS["existing secret"], monkeypatch, tmp_path)
    assert settings.postgres_url == "postgresql://qa%40db@db.example:6432/qa?sslmode=require"
    settings = settings_of(BUNDLED, monkeypatch, tmp_path)
    assert settings.postgres_url == "postgresql://qa@qa-report-qa-postgres:5432/qa"
    assert settings.chroma_url == "http://qa-report-qa-chroma:8000"


def test_the_login_of_a_chroma_server_is_in_the_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = "https://reader:p%2Fw@chroma.example/path"
    values = EXTERNAL | {"chroma": {"url": url}}
    assert settings_of(values, monkeypatch, tmp_path).chroma_url == url
    assert "reader" not in yaml.safe_dump([one for one in manifests(values) if one["kind"] != "Secret"])


def test_servers_answer_where_they_are_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hosts = AllowedHosts(settings_of(SETS["ingress"], monkeypatch, tmp_path))
    inside = (
        "qa-report-qa",
        "qa-report-qa.reports",
        "qa-report-qa.reports.svc",
        "qa-report-qa.reports.svc.cluster.local",
    )
    for host in (*inside, "reports.example", "berichte.example", "localhost"):
        assert host in hosts, host
    assert "elsewhere.example" not in hosts
    assert "reports.internal" in AllowedHosts(settings_of(SETS["everything"], monkeypatch, tmp_path))
    (container,) = pod_templates(manifests(EXTERNAL))["qa-report-qa-api"]["spec"]["containers"]
    for probe, path in (("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")):
        assert container[probe]["httpGet"]["path"] == path
        assert {"name": "Host", "value": "localhost"} in container[probe]["httpGet"]["httpHeaders"]
        assert container[probe]["timeoutSeconds"] > readiness.CHECK_SECONDS


def test_a_changed_setting_or_key_makes_new_pods() -> None:
    def checksums(values: dict[str, Any]) -> set[str]:
        templates = pod_templates(manifests(values)).values()
        return {one["metadata"]["annotations"][f"checksum/{of}"] for one in templates for of in ("settings", "secret")}

    before = checksums(EXTERNAL)
    assert len(before) == 2
    assert len(before & checksums(EXTERNAL | {"llmApiKey": "new"})) == 1
    assert len(before & checksums(EXTERNAL | {"settings": {"QA_RETRIEVE_K": 20}})) == 1


def test_the_longest_names_are_short_enough() -> None:
    """A release has 53 characters at most; a StatefulSet's pods carry its name and 11 more in a label of 63."""
    found = manifests(BUNDLED, release="a" * 53)
    assert max(len(one["metadata"]["name"]) for one in found) <= 52
    assert len({(one["kind"], one["metadata"]["name"]) for one in found}) == len(found)


def test_notes_say_how_to_go_on(tmp_path: Path) -> None:
    """As a value of a manifest: without a cluster, not every Helm shows the notes themselves."""
    chart = shutil.copytree(CHART, tmp_path / "report-qa")
    (chart / "templates" / "NOTES.txt").rename(chart / "notes")
    (chart / "templates" / "notes.yaml").write_text('text: {{ tpl (.Files.Get "notes") . | quote }}', "utf-8")

    def notes(values: dict[str, Any]) -> str:
        shown = ("--namespace", "reports", "--show-only", "templates/notes.yaml")
        done = helm("template", "qa", chart, *shown, values=values)
        assert done.returncode == 0, done.stderr
        return str(yaml.safe_load(done.stdout)["text"])

    told = notes(EXTERNAL)
    assert "kubectl --namespace reports port-forward service/qa-report-qa 8080:80" in told
    assert "exec deployment/qa-report-qa-api -- qa keys add admin --role ask,download,manage" in told
    assert "exec deployment/qa-report-qa-worker -- env QA_DATA_DIR=/tmp/samples qa ingest seeds" in told
    assert "volumes outlive" in notes(BUNDLED)
    assert "https://reports.example, https://berichte.example" in notes(SETS["ingress"])
    assert "in the clear" in notes(INGRESS)
    assert "asks nobody for an API key" in notes(EXTERNAL | {"keys": "off"})


def test_commands_of_the_docs_install_it() -> None:
    (block,) = re.findall(r"^```sh\n(helm .*?)^```$", (ROOT / "docs" / "scaling.md").read_text("utf-8"), re.M | re.S)
    commands = [shlex.split(line) for line in block.replace("\\\n", "").splitlines()]
    assert len(commands) == 2
    for told in commands:
        name, verb, release, chart, *options = told
        assert (name, verb, ROOT / chart) == ("helm", "install", CHART)
        done = helm("template", release, CHART, *options)
        assert done.returncode == 0, done.stderr
        assert "REGISTRY/report-qa:" in done.stdout


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait()


def test_it_runs_as_rendered(
    postgres_url: str, chroma_server: str, started: list[subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    """A server and a worker with their pods' variables, on a real Postgres and Chroma, and the notes' commands."""
    place = httpx.URL(postgres_url)
    database = {"host": "127.0.0.1", "port": place.port, "name": place.path.strip("/"), "password": "any"}
    found = manifests({"database": database, "chroma": {"url": chroma_server}, "settings": {"QA_RANKER": "linear"}})
    given = variables(found)
    served: Served = launch(tmp_path / "api", **given)
    started += [served.process, launch_worker(tmp_path / "worker", **given)]
    wait(served)

    (tmp_path / "seeds").mkdir()
    shutil.copy(ROOT / "seeds" / SEED, tmp_path / "seeds")  # one of them, since indexing all takes a while

    def ran(*arguments: str) -> str:
        done = subprocess.run(
            command(*arguments),
            env=environment(tmp_path / "samples", **given),
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    key = ran("keys", "add", "admin", "--role", "ask,download,manage")
    ran("ingest", "seeds")
    (container,) = pod_templates(found)["qa-report-qa-api"]["spec"]["containers"]
    for probe in ("livenessProbe", "readinessProbe"):
        asked = container[probe]["httpGet"]
        headers = {header["name"]: header["value"] for header in asked["httpHeaders"]}
        assert httpx.get(served.url + asked["path"], headers=headers, trust_env=False, timeout=60).status_code == 200
    inside = {"Host": "qa-report-qa.reports.svc"}
    assert httpx.get(served.url + "/documents", headers=inside, trust_env=False, timeout=60).status_code == 401
    listed = httpx.get(
        served.url + "/documents", headers={**inside, "Authorization": f"Bearer {key}"}, trust_env=False, timeout=60
    )
    assert listed.status_code == 200
    assert SEED in listed.text
    status, log = served.stop()
    assert status == 0, log
