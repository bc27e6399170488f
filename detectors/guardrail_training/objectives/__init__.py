"""What preference training minimises: small pure functions, and a registry by name.

Tensors have one value a row, shape (batch,), unless said otherwise; losses are not averaged.
``log π`` of an answer is the sum over its tokens; the *log ratio* of an answer is
``log π_θ(y|x) - log π_ref(y|x)``, of the policy that is trained and its frozen reference.
"""
