"""All families of drawings whose every member has another shape."""

from __future__ import annotations

from guardrail_training.clip.draw.arms import ARMS
from guardrail_training.clip.draw.barriers import BARRIERS
from guardrail_training.clip.draw.bits import BITS
from guardrail_training.clip.draw.blades import BLADES
from guardrail_training.clip.draw.blazes import BLAZES
from guardrail_training.clip.draw.bodies import BODIES
from guardrail_training.clip.draw.burning import BURNING
from guardrail_training.clip.draw.devices import DEVICES
from guardrail_training.clip.draw.doses import DOSES
from guardrail_training.clip.draw.explosives import SHELLS
from guardrail_training.clip.draw.foliage import FOLIAGE
from guardrail_training.clip.draw.glows import GLOWS
from guardrail_training.clip.draw.grids import GRIDS
from guardrail_training.clip.draw.growing import GROWING
from guardrail_training.clip.draw.gun_gear import GUN_GEAR
from guardrail_training.clip.draw.guns import GUNS
from guardrail_training.clip.draw.handhelds import HANDHELDS
from guardrail_training.clip.draw.heavy_arms import HEAVY_ARMS
from guardrail_training.clip.draw.household import HOUSEHOLD
from guardrail_training.clip.draw.inhaled import INHALED
from guardrail_training.clip.draw.injuries import INJURIES
from guardrail_training.clip.draw.launching import LAUNCHING
from guardrail_training.clip.draw.medicine import MEDICINE
from guardrail_training.clip.draw.mistaken import MISTAKEN
from guardrail_training.clip.draw.nature import NATURE
from guardrail_training.clip.draw.notices import NOTICES
from guardrail_training.clip.draw.packs import PACKS
from guardrail_training.clip.draw.pantry import PANTRY
from guardrail_training.clip.draw.paraphernalia import PARAPHERNALIA
from guardrail_training.clip.draw.pastimes import PASTIMES
from guardrail_training.clip.draw.plates import PLATES
from guardrail_training.clip.draw.produce import PRODUCE
from guardrail_training.clip.draw.rests import RESTS
from guardrail_training.clip.draw.rockets import ROCKETS
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.signs import SIGNS
from guardrail_training.clip.draw.smoking import SMOKING
from guardrail_training.clip.draw.stashes import STASHES
from guardrail_training.clip.draw.substances import SUBSTANCES
from guardrail_training.clip.draw.tabletop import TABLETOP
from guardrail_training.clip.draw.things import THINGS
from guardrail_training.clip.draw.tools import TOOLS
from guardrail_training.clip.draw.trays import TRAYS
from guardrail_training.clip.draw.treats import TREATS
from guardrail_training.clip.draw.vehicles import VEHICLES
from guardrail_training.clip.draw.vessels import VESSELS
from guardrail_training.clip.draw.water_pipes import WATER_PIPES
from guardrail_training.clip.draw.workaday import WORKADAY
from guardrail_training.clip.draw.wounds import WOUNDS

FAMILIES: tuple[Scene, ...] = (
    *GUNS,
    *BLADES,
    *SHELLS,
    *LAUNCHING,
    *MEDICINE,
    *SUBSTANCES,
    *SMOKING,
    *DOSES,
    *BLAZES,
    *BURNING,
    *SIGNS,
    *BARRIERS,
    *WOUNDS,
    *BODIES,
    *TOOLS,
    *THINGS,
    *TREATS,
    *PANTRY,
    *PLATES,
    *NATURE,
    *HANDHELDS,
    *DEVICES,
    *PRODUCE,
    *BITS,
    *GLOWS,
    *RESTS,
    *NOTICES,
)
"""Dangerous things first, then what looks like them."""

FURTHER: tuple[Scene, ...] = (
    *ARMS,
    *GUN_GEAR,
    *HEAVY_ARMS,
    *PARAPHERNALIA,
    *INHALED,
    *STASHES,
    *GROWING,
    *WORKADAY,
    *HOUSEHOLD,
    *PASTIMES,
    *VEHICLES,
    *TABLETOP,
    *VESSELS,
    *GRIDS,
    *TRAYS,
    *FOLIAGE,
)
"""More of both; the order of all drawings decides what chance makes of each, so it stays."""

LATER: tuple[Scene, ...] = (*PACKS, *WATER_PIPES, *ROCKETS, *INJURIES, *MISTAKEN)
"""Other shapes of things that drawings kept aside show and a model without them missed."""
