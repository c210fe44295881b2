"""``deploy/kubernetes``: every object by Kubernetes' own schemas, and KEDA's query on a real queue."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import psycopg
import pytest
import yaml

from support.house import build_house

CHECKOUT = Path(__file__).resolve().parents[2]
OVERLAYS = sorted((CHECKOUT / "deploy/kubernetes/overlays").iterdir())
NAMES = [folder.name for folder in OVERLAYS]
VERSION = "1.32"
WORKLOADS = ("Deployment", "StatefulSet", "Job")
SETTINGS = ("settings.md", "dashboard-settings.md", "mcp.md", "homepages.md")
STORE = {"AWS_REGION"}
"""Read by the store's library."""


def _walk(folder: Path) -> Iterator[dict[str, Any]]:
    """What kustomize gathers; only what these folders use of it, and anything else fails."""
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8"))
    assert set(kustomization) <= {"apiVersion", "kind", "namespace", "resources", "configMapGenerator"}
    for entry in kustomization.get("resources", []):
        if (folder / entry).is_dir():
            yield from _walk(folder / entry)
        else:
            yield from yaml.safe_load_all((folder / entry).read_text("utf-8"))
    for made in kustomization.get("configMapGenerator", []):
        data = {name: (folder / name).read_text("utf-8") for name in made["files"]}
        yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": made["name"]}, "data": data}


@cache
def _objects(overlay: Path) -> list[dict[str, Any]]:
    return list(_walk(overlay))


def _named(overlay: Path, kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in _objects(overlay) if one["kind"] == kind}


def _pods(overlay: Path) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one["spec"]["template"] for one in _objects(overlay) if one["kind"] in WORKLOADS}


@pytest.mark.parametrize("overlay", OVERLAYS, ids=NAMES)
def test_every_object_is_what_kubernetes_takes(overlay: Path) -> None:
    ours = [one for one in _objects(overlay) if not one["apiVersion"].startswith("keda.sh/")]
    for one in ours:
        kubernetes_validate.validate(one, VERSION, strict=True)
    assert {one["kind"] for one in ours} >= {*WORKLOADS, "Service", "Ingress", "NetworkPolicy", "PodDisruptionBudget"}


@pytest.mark.parametrize("overlay", OVERLAYS, ids=NAMES)
def test_what_an_object_names_is_there(overlay: Path) -> None:
    pods, services = _pods(overlay), _named(overlay, "Service")
    labels = [pod["metadata"]["labels"] for pod in pods.values()]
    for kind in ("Service", "PodDisruptionBudget", "NetworkPolicy"):
        for name, one in _named(overlay, kind).items():
            selector = one["spec"].get("selector", one["spec"].get("podSelector", {}))
            assert selector == {} or selector.get("matchLabels", selector) in labels, f"{kind} {name}"
    [ingress] = _named(overlay, "Ingress").values()
    for path in ingress["spec"]["rules"][0]["http"]["paths"]:
        target = path["backend"]["service"]
        assert target["port"]["number"] in [port["port"] for port in services[target["name"]]["spec"]["ports"]]
    for scaled in _named(overlay, "ScaledObject").values():
        assert scaled["spec"]["scaleTargetRef"]["name"] in _named(overlay, "Deployment")
        assert scaled["spec"]["triggers"][0]["authenticationRef"]["name"] in _named(overlay, "TriggerAuthentication")


@pytest.mark.parametrize("overlay", OVERLAYS, ids=NAMES)
def test_every_container_is_locked_up_and_its_volumes_are_there(overlay: Path) -> None:
    for name, pod in _pods(overlay).items():
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"], name
        assert "seccompProfile" in spec["securityContext"], name
        claims = [one["metadata"]["name"] for one in _claims(overlay, name)]
        volumes = {*claims, *(volume["name"] for volume in spec.get("volumes", []))}
        for container in spec["containers"]:
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"], name
            assert not security["allowPrivilegeEscalation"], name
            assert security["capabilities"] == {"drop": ["ALL"]}, name
            assert "memory" in container["resources"]["limits"], name
            assert {mount["name"] for mount in container["volumeMounts"]} == volumes, name


@pytest.mark.parametrize("overlay", OVERLAYS, ids=NAMES)
def test_no_secret_is_written_down_and_every_variable_is_a_setting(overlay: Path) -> None:
    documented = "".join((CHECKOUT / "docs" / page).read_text("utf-8") for page in SETTINGS)
    maps = _named(overlay, "ConfigMap")
    assert not _named(overlay, "Secret")
    for pod in _pods(overlay).values():
        for container in pod["spec"]["containers"]:
            given = {one["name"] for one in container.get("env", [])}
            for source in container["envFrom"]:
                given |= set(maps[source["configMapRef"]["name"]]["data"]) if "configMapRef" in source else set()
            assert not {name for name in given - STORE if f"`{name}`" not in documented}


def test_the_roles_are_made_by_every_script_of_the_containers() -> None:
    roles = _named(OVERLAYS[0], "ConfigMap")["database-roles"]["data"]
    assert set(roles) == {script.name for script in (CHECKOUT / "db/init").glob("*.sh")}


@pytest.mark.postgres
@pytest.mark.parametrize("overlay", OVERLAYS, ids=NAMES)
def test_the_fleet_grows_with_the_heavy_jobs_that_wait_or_run(overlay: Path, postgres_url: str, tmp_path: Path) -> None:
    [scaled] = _named(overlay, "ScaledObject").values()
    [trigger] = scaled["spec"]["triggers"]
    house = build_house(tmp_path, postgres_url)
    try:
        assert house.service.stats().workers == []
        assert _asked(postgres_url, trigger["metadata"]["query"]) == 0
        ads = [house.ad(hold="background") for _ in range(3)]
        house.service.submit("cutout", {})
        edit = house.service.submit("edit", {}).id
        house.service.stop(ads[0])
        assert _asked(postgres_url, trigger["metadata"]["query"]) == 3
        house.start_worker()
        house.until_step(ads[1], "background")
        assert _asked(postgres_url, trigger["metadata"]["query"]) == 3
        for job_id in ads:
            house.service.stop(job_id)
        house.until_status(edit, "completed")
        assert _asked(postgres_url, trigger["metadata"]["query"]) == 0
    finally:
        house.close()
    assert trigger["type"] == "postgresql"


def _claims(overlay: Path, name: str) -> list[dict[str, Any]]:
    sets = _named(overlay, "StatefulSet")
    claims: list[dict[str, Any]] = sets[name]["spec"]["volumeClaimTemplates"] if name in sets else []
    return claims


def _asked(url: str, query: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])
