"""JSON Schemas for the files that wfbreak reads."""
