"""Rules that the manifests of every release keep to, each with a value that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# The value at a path is as the predicate says; the other value is not.
Rules = dict[str, tuple[Callable[[Any], bool], Any]]

PRIVILEGED = {"allowPrivilegeEscalation": True}
CONFINED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
CLIENTS = [{"ports": [{"port": "http", "protocol": "TCP"}]}]
PROMETHEUS = [
    {
        "from": [
            {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
        ],
        "ports": [{"port": "metrics", "protocol": "TCP"}],
    }
]
ALIVE = ["python", "-I", "-S", "/app/heartbeat.py"]
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


# Labels by which bin/run finds what is left of a process type
LABELS: Rules = {
    "metadata/labels/app.kubernetes.io~1name": (equals("visit-counter"), "other"),
    "metadata/labels/app.kubernetes.io~1version": (equals("v7"), None),
}
# Of the Deployment, and of the pods, of a process type
DEPLOYMENT: Rules = LABELS | {
    "spec/replicas": (equals(None), 2),
    "spec/strategy/rollingUpdate/maxUnavailable": (equals(0), "25%"),
}
PLACEMENT: Rules = {
    "topologySpreadConstraints/0/topologyKey": (equals("topology.kubernetes.io/zone"), None),
    "topologySpreadConstraints/1/topologyKey": (equals("kubernetes.io/hostname"), None),
}
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
    "Deployment web": DEPLOYMENT,
    "Deployment worker": DEPLOYMENT,
    "Pod web": PLACEMENT,
    "Pod worker": PLACEMENT | {"terminationGracePeriodSeconds": (lambda time: time >= 25, 24)},
    "Container web": {
        "startupProbe/httpGet/path": (equals("/livez"), "/readyz"),
        "livenessProbe/httpGet/path": (equals("/livez"), "/readyz"),
        "readinessProbe/httpGet/path": (equals("/readyz"), "/livez"),
        "lifecycle/preStop/sleep/seconds": (equals(5), 0),
    },
    "Container worker": {
        "startupProbe/exec/command": (equals(ALIVE), [*ALIVE, "--ready"]),
        "livenessProbe/exec/command": (equals(ALIVE), [*ALIVE, "--ready"]),
        "readinessProbe/exec/command": (equals([*ALIVE, "--ready"]), ALIVE),
        "lifecycle": (equals(None), {"preStop": {"sleep": {"seconds": 5}}}),
    },
    "HorizontalPodAutoscaler": LABELS | {"spec/minReplicas": (lambda number: number >= 2, 1)},
    "PodDisruptionBudget": LABELS
    | {
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
    "NetworkPolicy worker": {"spec/ingress": (equals(PROMETHEUS), CLIENTS)},
}
