"""A small world: pictures drawn here, questions about them, and an MLLM trained on both.

No pretrained model is needed, so what safety training does to an MLLM can be shown on two cores.
The harm in it is abstract: made-up nouns, signs and pairs of shapes that the world forbids.
"""
