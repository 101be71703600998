"""Rules that the manifests of every release keep to, each with a value that breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Manifests = dict[tuple[str, str], dict[str, Any]]
# The value at a path is as the predicate says; the other value is not.
Rules = dict[str, tuple[Callable[[Any], bool], Any]]

PRIVILEGED = {"allowPrivilegeEscalation": True}
CONFINED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
CLIENTS = [{"ports": [{"port": "http", "protocol": "TCP"}]}]
ENFORCED = "metadata/labels/pod-security.kubernetes.io~1enforce"


def equals(expected: object) -> Callable[[Any], bool]:
    """Return a predicate that is true of one value."""
    return lambda value: bool(value == expected)


def are_sized(volumes: Any) -> bool:
    """Return True if every volume of a pod itself has a size."""
    return all("sizeLimit" in one["emptyDir"] for one in volumes if "emptyDir" in one)


def list_ports(egress: Any) -> set[int]:
    """Return the ports that a policy lets pass, 0 for all of them."""
    return {port["port"] for one in egress or () for port in one.get("ports", [{"port": 0}])}


# By kind, and name where it matters. A Pod is the template of a Deployment, a Container is in it.
RULES: dict[str, Rules] = {
    "Namespace": {
        ENFORCED: (equals("restricted"), "baseline"),
        f"{ENFORCED}-version": (lambda version: version != "latest", "latest"),
    },
    "ServiceAccount": {"automountServiceAccountToken": (equals(False), None)},
    "ConfigMap": {"immutable": (equals(True), None)},
    "Secret": {"immutable": (equals(True), None)},
    "Pod": {
        "automountServiceAccountToken": (equals(False), None),
        "enableServiceLinks": (equals(False), None),
        "hostUsers": (equals(False), None),
        "hostNetwork": (equals(None), True),
        "securityContext/runAsNonRoot": (equals(True), None),
        "securityContext/runAsUser": (lambda user: user >= 100, 0),
        "securityContext/seccompProfile/type": (equals("RuntimeDefault"), "Unconfined"),
        "volumes": (are_sized, [{"name": "tmp", "emptyDir": {}}]),
    },
    "Container": {
        "securityContext": (equals(CONFINED), PRIVILEGED),
        "image": (lambda image: "@sha256:" in image, "redis:8"),
        "resources/limits/cpu": (equals(None), "1"),
        "resources/limits/memory": (bool, None),
        "resources/limits/ephemeral-storage": (bool, None),
        "resources/requests/cpu": (bool, None),
    },
    "Deployment web": {
        "spec/replicas": (equals(None), 2),
        "spec/strategy/rollingUpdate/maxUnavailable": (equals(0), "25%"),
    },
    "Pod web": {
        "topologySpreadConstraints/0/topologyKey": (equals("topology.kubernetes.io/zone"), None),
        "topologySpreadConstraints/1/topologyKey": (equals("kubernetes.io/hostname"), None),
    },
    "Container web": {
        "startupProbe/httpGet/path": (equals("/livez"), "/readyz"),
        "livenessProbe/httpGet/path": (equals("/livez"), "/readyz"),
        "readinessProbe/httpGet/path": (equals("/readyz"), "/livez"),
        "lifecycle/preStop/sleep/seconds": (equals(5), 0),
    },
    "HorizontalPodAutoscaler web": {"spec/minReplicas": (lambda number: number >= 2, 1)},
    "PodDisruptionBudget web": {
        "spec/maxUnavailable": (equals(1), 0),
        "spec/unhealthyPodEvictionPolicy": (equals("AlwaysAllow"), None),
    },
    "NetworkPolicy deny-all": {
        "spec": (equals({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}), {}),
    },
    "NetworkPolicy backing-services": {
        "spec/egress": (lambda egress: list_ports(egress) == {53, 6379}, [{}]),
    },
    "NetworkPolicy web": {"spec/ingress": (equals(CLIENTS), [{}])},
}


def list_parts(manifests: Manifests) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each manifest, pod and container with its kind and name."""
    for (kind, name), manifest in manifests.items():
        yield kind, name, manifest
        if kind == "Deployment":
            pod = manifest["spec"]["template"]["spec"]
            yield "Pod", name, pod
            yield from (("Container", name, container) for container in pod["containers"])


def find(part: Any, path: str) -> Any:
    """Return the value at a path, with `~1` for a slash in a key; None if there is none."""
    for key in path.split("/"):
        part = (
            part[int(key)] if isinstance(part, list) else (part or {}).get(key.replace("~1", "/"))
        )
    return part


def list_faults(manifests: Manifests) -> list[str]:
    """Return the kind, name and path of each value that breaks a rule."""
    return [
        f"{kind} {name} {path}"
        for kind, name, part in list_parts(manifests)
        for path, (holds, _) in (RULES.get(kind, {}) | RULES.get(f"{kind} {name}", {})).items()
        if not holds(find(part, path))
    ]
