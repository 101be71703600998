"""Kubernetes: manifests, and a real control plane."""
