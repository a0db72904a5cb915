"""Tests of `console.records`."""
