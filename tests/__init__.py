"""Tests of the template, one room a concern."""
