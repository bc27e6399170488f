"""CLIP models at run time: a checked folder in, embeddings of pictures and texts out.

A folder is one of ``guardrail_detectors.weights`` with the task ``image_text_embedding``. Besides
the manifest it holds ``visual.onnx`` (``pixel_values`` → ``embedding``), ``text.onnx``
(``input_ids``, and ``attention_mask`` where it needs one → ``embedding``), ``tokenizer.json``,
``preprocess.json``, ``golden.json`` with small pictures and texts and their embeddings, and maybe
``heads.onnx`` (``embedding`` → calibrated ``scores``, one for each label of the manifest). Variants
of a tower stand beside it: ``visual.int8.onnx``, ``visual.fp16.onnx``, ``text.int8.onnx``.
"""

from __future__ import annotations

from guardrail_detectors.clip.folder import TASK, ClipFolder, Parameters
from guardrail_detectors.clip.model import ClipModel, Device, load_clip
from guardrail_detectors.clip.preprocess import Preprocess

__all__ = ["TASK", "ClipFolder", "ClipModel", "Device", "Parameters", "Preprocess", "load_clip"]
