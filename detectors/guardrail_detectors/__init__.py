"""The detectors that ship with the guardrail: numpy and ONNX Runtime, no training library."""
