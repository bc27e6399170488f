"""Pictures changed within an L-infinity ball so that a loss rises: PGD and APGD.

Every trainer and every measurement of this package attacks with ``attack.attack``; pictures are
float32 in [0, 1], shape (batch, 3, height, width).
"""
