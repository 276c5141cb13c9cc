"""Recipes trained under identical conditions, beside each other in one report.

The trainings are processes of their own; what watches them and writes the report needs no
TensorFlow until all are there.
"""
