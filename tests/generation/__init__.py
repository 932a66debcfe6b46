"""Inputs and validators."""
