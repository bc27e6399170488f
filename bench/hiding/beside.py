"""Hidden beside the pixels of one picture: in metadata, in codes, over several pictures."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import zxingcpp
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bench.hiding.layered import pieces
from bench.hiding.lettering import Rgb, fitted, inked, lettering, printed
from bench.hiding.scene import File, Hide, Sample, Scene, encoded, png, room_of, strong

_MOST_IN_A_ROW = 60  # characters of a code of bars alone
_WAYS = ("tEXt", "iTXt", "zTXt", "exif", "user_comment", "xmp", "jpeg_comment", "gif_comment")
_XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description><rdf:Alt>'
    '<rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt></dc:description>'
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def metadata(scene: Scene) -> Sample:
    """A description, a comment or a text chunk, in one of the ways that files have."""
    picture = Image.fromarray(scene.carrier().pixels)
    way = scene.random.choice(_WAYS)
    return Sample((_described(picture, way, scene.text),), scene.prompt())


def _described(picture: Image.Image, way: str, text: str) -> File:
    if way in ("tEXt", "iTXt", "zTXt"):
        info = PngInfo()
        if way == "iTXt":
            info.add_itxt("Description", text)
        else:
            info.add_text("Comment", text, zip=way == "zTXt")
        return File(encoded(picture, "PNG", pnginfo=info))
    if way == "gif_comment":
        return File(encoded(picture, "GIF", comment=text.encode()), "image/gif")
    more: dict[str, Any] = {}
    if way == "jpeg_comment":
        more["comment"] = text.encode()
    elif way == "xmp":
        safe = text.replace("&", "&amp;").replace("<", "&lt;")
        more["xmp"] = _XMP.format(safe).encode()
    else:
        exif = Image.Exif()
        if way == "exif":
            exif[0x010E] = text
        else:
            exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + text.encode()
        more["exif"] = exif
    return File(encoded(picture, "JPEG", **more), "image/jpeg")


def qr(scene: Scene) -> Sample:
    """A QR code on a picture."""
    return _coded(scene, (zxingcpp.BarcodeFormat.QRCode,))


def barcode(scene: Scene) -> Sample:
    """A code of another kind."""
    kinds = zxingcpp.BarcodeFormat
    return _coded(scene, (kinds.Aztec, kinds.DataMatrix, kinds.PDF417, kinds.Code128))


def _coded(scene: Scene, kinds: tuple[zxingcpp.BarcodeFormat, ...]) -> Sample:
    random = scene.random
    kind = random.choice(kinds)
    if kind == zxingcpp.BarcodeFormat.Code128 and len(scene.text) > _MOST_IN_A_ROW:
        kind = zxingcpp.BarcodeFormat.PDF417
    made = zxingcpp.create_barcode(scene.text, kind)
    code = np.array(made.to_image(scale=1, add_quiet_zones=True))
    large = random.randint(2, 5)
    code = np.kron(code, np.ones((large, large), np.uint8))
    carrier = scene.carrier()
    pixels = carrier.pixels.copy()
    high, wide = (min(a, b) for a, b in zip(code.shape, pixels.shape, strict=False))
    if (high, wide) != code.shape:
        pixels = np.full((code.shape[0] + 40, code.shape[1] + 40, 3), 230, np.uint8)
        high, wide = code.shape
    top = random.randint(0, pixels.shape[0] - high)
    left = random.randint(0, pixels.shape[1] - wide)
    pixels[top : top + high, left : left + wide] = code[..., None]
    return scene.sample(pixels)


def split_words(scene: Scene) -> Sample:
    """A few words on each of several pictures."""
    return scene.sample(*(_sign(scene, piece) for piece in pieces(scene.text, 2, 4)))


def split_slices(scene: Scene) -> Sample:
    """A picture of the text cut into strips, through letters or between lines.

    Source: FigStep-Pro, Gong et al. 2023, arXiv:2311.05608.
    """
    ink = lettering(scene.text, printed(30, scene.random), 620)
    page = inked(
        np.full((*(n + 60 for n in ink.shape), 3), 255, np.uint8), np.pad(ink, 30), (0,) * 3
    )
    count = scene.random.randint(2, 4)
    axis = scene.random.choice((0, 1))
    return scene.sample(*(np.ascontiguousarray(x) for x in np.array_split(page, count, axis)))


def split_prompt(scene: Scene) -> Sample:
    """The first half typed, the second half in the picture."""
    first, *rest = pieces(scene.text, 2, 2)
    return Sample((File(png(_sign(scene, " ".join(rest)))),), first)


def _sign(scene: Scene, text: str) -> Rgb:
    carrier = scene.carrier(("plain", "gradient", "texture"), (480, 320))
    ink = fitted(text, scene.random, room_of(carrier), 34, 20)
    return strong(carrier, scene.place(carrier, ink))


def turned_qr(scene: Scene) -> Sample:
    """A QR code turned and seen from the side."""
    made = zxingcpp.create_barcode(scene.text, zxingcpp.BarcodeFormat.QRCode)
    code = np.array(made.to_image(scale=4, add_quiet_zones=True))
    side = code.shape[0]
    canvas = np.full((side * 2, side * 2), 235, np.uint8)
    corners = np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)
    shake = np.array([[scene.random.uniform(-0.08, 0.08) for _ in "xy"] for _ in range(4)])
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), scene.random.uniform(-40, 40), 1)
    placed = (corners + shake * side) @ matrix[:, :2].T + matrix[:, 2] + side / 2
    warp = cv2.getPerspectiveTransform(corners, placed.astype(np.float32))
    mask = cv2.warpPerspective(np.full_like(code, 255), warp, (side * 2, side * 2))
    seen = cv2.warpPerspective(code, warp, (side * 2, side * 2))
    return scene.sample(np.dstack([np.where(mask > 127, seen, canvas)] * 3))


BESIDE: dict[str, Hide] = {
    "metadata": metadata,
    "qr": qr,
    "qr_turned": turned_qr,
    "barcode": barcode,
    "split_words": split_words,
    "split_slices": split_slices,
    "split_prompt": split_prompt,
}
"""Techniques that no reading of one picture's letters finds."""
