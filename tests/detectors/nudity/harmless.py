"""A drawn figure in a pullover: all that tests show to the network."""

from __future__ import annotations

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

SKIN, HAIR = (228, 184, 150), (70, 45, 30)


def figure() -> np.ndarray:
    picture = Pillow.new("RGB", (320, 320), (200, 210, 220))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((90, 35, 230, 140), fill=HAIR)
    draw.ellipse((105, 85, 215, 245), fill=SKIN)
    for x in (135, 185):
        draw.ellipse((x - 13, 132, x + 13, 146), fill="white")
        draw.ellipse((x - 6, 133, x + 6, 145), fill=HAIR)
        draw.line((x - 15, 122, x + 15, 120), fill=HAIR, width=4)
    draw.polygon((160, 150, 152, 185, 168, 185), fill=(205, 155, 125))
    draw.ellipse((138, 203, 182, 216), fill=(190, 90, 90))
    draw.rectangle((60, 262, 260, 320), fill=(40, 60, 120))
    draw.rectangle((140, 235, 180, 275), fill=SKIN)
    return np.array(picture)
