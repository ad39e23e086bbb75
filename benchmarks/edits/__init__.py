"""Edited copies of the shared pictures, each with the verdict it deserves: one module for each product."""
