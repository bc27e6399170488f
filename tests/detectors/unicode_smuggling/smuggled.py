"""Ways to hide a text, and honest writing that needs the same characters."""

from __future__ import annotations

ZWSP, ZWNJ, ZWJ, BOM = "\u200b", "\u200c", "\u200d", "\ufeff"
SELECT_15, SELECT_16 = "\ufe0e", "\ufe0f"
LRM, RLM, RLO, PDF, LRE = "\u200e", "\u200f", "\u202e", "\u202c", "\u202a"
LRI, FSI, PDI = "\u2066", "\u2068", "\u2069"
SHY, BLANK = "\u00ad", "\u2800"


def tagged(text: str) -> str:
    return "".join(chr(0xE0000 + ord(char)) for char in text)


def bits(text: str, zero: str = ZWSP, one: str = ZWNJ, size: int = 8, gap: str = "") -> str:
    codes = (format(byte, f"0{size}b") for byte in text.encode())
    return gap.join(code.replace("0", zero).replace("1", one) for code in codes)


def selected(text: str) -> str:
    return "".join(chr(0xFE00 + b if b < 16 else 0xE0100 + b - 16) for b in text.encode())


HONEST = {
    "english": "Plain text,\twith a tab\nand lines.\r\n\f",
    "accents": "Ça va, naïve Übung; 50 € – 100 £ “quoted”…",
    "a decomposed accent": "cafe\u0301",
    "a no-break space": "100\u00a0km",
    "an emoji": "well done 👍",
    "a skin tone": "thumbs 👍🏽 up",
    "a family": f"the 👨{ZWJ}👩{ZWJ}👧{ZWJ}👦 next door",
    "a profession with a skin tone": f"👩🏽{ZWJ}🚀 is an astronaut",
    "a pirate flag": f"arr 🏴{ZWJ}☠{SELECT_16}!",
    "a rainbow flag": f"🏳{SELECT_16}{ZWJ}🌈",
    "a heart on fire": f"❤{SELECT_16}{ZWJ}🔥",
    "a couple with a heart": f"👩{ZWJ}❤{SELECT_16}{ZWJ}💋{ZWJ}👨",
    "a keycap": f"press 1{SELECT_16}\u20e3 or #{SELECT_16}\u20e3",
    "text style": f"a ❤{SELECT_15} in black, ‼{SELECT_16}, ©{SELECT_16}",
    "a national flag": "🇫🇷 and 🇬🇧",
    "the flag of England": f"go 🏴{tagged('gbeng')}\U000e007f go",
    "the flag of Scotland": f"🏴{tagged('gbsct')}\U000e007f",
    "the flag of Wales": f"🏴{tagged('gbwls')}\U000e007f",
    "persian": f"می{ZWNJ}خواهم کتاب{ZWNJ}ها را ببینم",
    "arabic with tatweel and marks": "السلام عليكم ورحمة الله",
    "an arabic letter shown in its joined form": f"ه{ZWJ} is hijri",
    "hindi": f"क्{ZWJ}ष और र्{ZWJ}य, क्{ZWNJ}ष",
    "a latin word with a persian ending": f"نسخه API{ZWNJ}ها",
    "mongolian with a variant": "ᠭ\u180bᠠ ᠨ\u180eᠠ",
    "a mathematical variant": "∩\ufe00",
    "javanese with a joiner": f"ꦏ꧀{ZWNJ}ꦏ",
    "malayalam": f"അവന്{ZWJ}",
    "sinhala": f"ශ්{ZWJ}රී ලංකා",
    "bengali": f"র্{ZWJ}যাব",
    "khmer with word breaks": f"ភាសា{ZWSP}ខ្មែរ",
    "thai with word breaks": f"ภาษา{ZWSP}ไทย",
    "hebrew with a mark": f"שלום {RLM}(abc){RLM} עולם",
    "arabic with a mark": f"السعر {LRM}C++{LRM} هنا",
    "a variant of a chinese character": "葛\U000e0100城市",
    "a variant of a japanese character": "辻\ufe00さん",
    "a slashed zero is no letter": f"0{SELECT_16}",
    "a soft hyphen inside a word": f"Donau{SHY}dampf{SHY}schiff",
    "a byte order mark at the start": f"{BOM}# Title",
    "braille": "⠓⠑⠇⠇⠕⠀⠺⠕⠗⠇⠙",
    "old hangul": "\u115f\u1161",
    "chinese": "你好,世界。",
    "nothing": "",
}
