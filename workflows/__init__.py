"""The smallest Mistral workflows that show the engine facts wfbreak is built on."""
