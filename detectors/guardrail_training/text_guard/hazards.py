"""Weak hazard labels, by words, for requests that their data set calls harmful and no more.

The words are a judgement, not an annotation: the model card says so. A request may be of several
categories, or of none that is here; then it teaches no hazard head anything.
"""

from __future__ import annotations

import re

LEXICON = {
    "violent_crimes": r"bomb|explosi|murder|kill|assassinat|terroris|kidnap|attack (?:a|an|the|on) "
    r"(?:person|people|school|crowd|public|church|mosque)|mass shooting|violen[ct]|hurt (?:someone"
    r"|people)|poison (?:someone|a person|food|water)|arson|torture|human traffick|child labor|"
    r"hitman|beat (?:up|someone)|knock someone|hostage|massacre|abduct|stab|harm (?:innocent|"
    r"someone|others)|animal cruelty|dog ?fight|abuse (?:a|an|the|an? elderly)",
    "non_violent_crimes": r"hack|malware|virus(?:es)? that|ransomware|phish|steal|theft|fraud|scam|"
    r"counterfeit|forge|fake (?:id|passport|ids|documents?|money|currency|reviews?)|launder|"
    r"insider trading|tax evasion|evade tax|blackmail|extort|bribe|embezzl|smuggl|traffic|drug|"
    r"meth\b|cocaine|heroin|burglar|shoplift|rob (?:a|the)|break into|pick(?:ing)? (?:a )?lock|"
    r"pirat|botnet|ddos|exploit|keylogger|backdoor|brute.?force|credit card|identity theft|"
    r"ponzi|pyramid scheme|vandal|sabotag|cheat|plagiar|illegal|crime|stolen|hijack|crack",
    "indiscriminate_weapons": r"bomb|explosi|chemical weapon|biological weapon|bioweapon|nuclear|"
    r"nerve agent|sarin|anthrax|dirty bomb|ricin|mustard gas|chlorine gas|radioactive|grenade|"
    r"pathogen|weaponi[sz]e|napalm|thermite|vx\b|mass destruction|poison(?:ous)? gas",
    "hate": r"racis|sexis|hate|hatred|white suprem|antisemit|anti-semit|islamophob|homophob|"
    r"transphob|xenophob|slur|ethnic|nazi|holocaust|discriminat|genocide|bigot|"
    r"against (?:a )?(?:minorit|women|immigrants|muslims|jews|marginali[sz]ed)|inferior|"
    r"stereotyp|misogyn",
    "self_harm": r"suicid|self.?harm|anorex|bulimi|eating disorder|cut(?:ting)? (?:myself|yourself|"
    r"themsel)|kill (?:myself|yourself|themsel)|starv|harm themsel|pro.?ana|end (?:my|your) life|"
    r"overdose",
    "privacy": r"stalk|spy|without (?:their|his|her) (?:consent|knowledge|permission)|surveil|"
    r"dox|personal (?:information|data)|track (?:someone|a person)|identity theft|private "
    r"(?:information|messages|photos)|someone'?s (?:phone|email|account|location)|eavesdrop|"
    r"wiretap|medical records|social security number|home address",
    "disinformation": r"fake news|misinformation|disinformation|false information|conspiracy|"
    r"propaganda|deepfake|hoax|mislead(?:ing)? (?:article|information|the public)|fabricat",
    "specialized_advice": r"medical advice|legal advice|financial advice|diagnos|medication|"
    r"prescription|dosage|without (?:a )?(?:doctor|prescription)|vaccin|cure (?:for )?cancer|"
    r"untested|unproven",
    "elections": r"election|voter|voting|ballot|campaign finance",
    "defamation": r"defam|libel|slander|false rumou?rs|"
    r"destroy (?:someone|a person).{0,20}reputation",
    "intellectual_property": r"pirat|copyright|bootleg|torrent|counterfeit (?:goods|designer)|"
    r"trademark|patent",
    "child_exploitation": r"child porn|child abuse|minor sexual|groom(?:ing)? (?:a )?child|"
    r"pedophil|child traffick|child labor",
    "sex_crimes": r"rape|sexual(?:ly)? (?:assault|abuse|harass|exploit)|date rape|sex traffick|"
    r"revenge porn|roofie",
    "sexual_content": r"porn|erotic|nude|explicit sexual",
    "code_interpreter_abuse": r"sandbox escape|escape (?:the )?container|privilege escalation|"
    r"fork bomb|denial of service|root access|crash (?:a|the) (?:computer|system)",
}

_PATTERNS = {name: re.compile(rf"\b(?:{words})", re.IGNORECASE) for name, words in LEXICON.items()}


def hazards(text: str) -> frozenset[str]:
    """The categories whose words stand in ``text``; only for texts known to be harmful."""
    return frozenset(name for name, pattern in _PATTERNS.items() if pattern.search(text))
