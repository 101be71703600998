"""Mutation testing: the tests of a service have to find each small fault."""
