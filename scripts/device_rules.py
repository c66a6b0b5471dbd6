"""Rules that clean what sources write of devices: names, links to parts, sensors, radios."""

from __future__ import annotations

import re
from collections.abc import Iterable

_VENDORS = {
    "stmicroelectronics": "STMicroelectronics",
    "st": "STMicroelectronics",
    "wch": "WCH",
    "arm": "Arm",
    "nordic": "Nordic Semiconductor",
    "nordicsemi": "Nordic Semiconductor",
    "nxpsemiconductors": "NXP",
    "freescale": "NXP",
    "ti": "Texas Instruments",
    "atmel": "Microchip",
    "atmelcorporation": "Microchip",
    "microchiptechnology": "Microchip",
    "analogdevices": "Analog Devices",
    "analogdevicesmaxim": "Analog Devices",
    "maxim": "Analog Devices",
    "siliconlaboratories": "Silicon Labs",
    "espressifsystems": "Espressif",
    "espressif": "Espressif",
    "gigadevicesemiconductor": "GigaDevice",
    "nuvotontechnologycorporation": "Nuvoton",
    "infineontechnologies": "Infineon",
    "infineonspansion": "Infineon",
    "cypresssemiconductorcorporation": "Infineon",
    "renesaselectronicscorporation": "Renesas",
    "renesaselectronics": "Renesas",
    "ambiqmicro": "Ambiq",
    "adafruitindustries": "Adafruit",
    "sparkfunelectronics": "SparkFun",
    "seeedstudio": "Seeed Studio",
    "seeed": "Seeed Studio",
    "seeedtechnologyco": "Seeed Studio",
    "lilygo": "LilyGo",
    "lilygoshenzhenxinyuanelectronictechnologyco": "LilyGo",
    "ttgo": "LilyGo",
    "wemos": "WEMOS",
    "waveshareelectronics": "Waveshare",
    "m5stack": "M5Stack",
    "olimex": "Olimex",
    "particleio": "Particle",
    "raytaccorporation": "Raytac",
    "silicognition": "Silicognition",
    "weact": "WeAct Studio",
    "unexpectedmaker": "Unexpected Maker",
    "electroniccats": "Electronic Cats",
    "electronutlabs": "Electronut Labs",
    "makerdiary": "Makerdiary",
    "sifive": "SiFive",
    "synopsys": "Synopsys",
    "heltecautomation": "Heltec",
    "rakwirelesstechnologylimited": "RAKwireless",
    "smartbeedesigns": "Smart Bee Designs",
    "smartbee": "Smart Bee Designs",
    "oakdevelopmenttechnologies": "Oak Development Technologies",
    "oakdevtech": "Oak Development Technologies",
    "vccgndstudio": "VCC-GND",
    "generic": "",
    "otherunknown": "",
}
_LEGAL = re.compile(r"(inc|llc|ltd|gmbh|bv|ag|doo|co)+$")


def vendor_name(text: str) -> str:
    """One spelling a vendor; an empty string where none is named."""
    key = re.sub(r"[^a-z0-9]", "", text.lower())
    return _VENDORS.get(key, _VENDORS.get(_LEGAL.sub("", key), text.strip()))


def slug(text: str) -> str:
    """Lower-case letters, digits and single hyphens, at most 64 characters."""
    return re.sub(r"[^a-z0-9]+", "-", text.replace("\\", "").lower()).strip("-")[:64].strip("-")


def part_name(mcu: str, key: str) -> str:
    """A part as its datasheet spells it; some sources append a package in lower case."""
    if mcu != mcu.lower() or not re.search(r"[a-z]", mcu):
        return mcu
    found = re.fullmatch(r"NRF(\d+)([A-Z]{2})", key)
    if found:
        return f"nRF{found[1]}_xx{found[2]}"
    return re.sub("^AT(MEGA|TINY|XMEGA)", lambda m: f"AT{m[1].lower()}", key)


_STM_LIKE = re.compile(r"(STM32|GD32|AT32|APM32|CH32)[A-Z0-9]{6}")
_MODULE = re.compile(r"(WROOM|WROVER|MINI|PICO|SOLO|D0WD|DEVKIT|U4WDH)")


def link_kind(named: str, key: str) -> str | None:
    """How sure it is that the part ``key`` is meant by ``named``: "" exact, a code, or None for no.

    Codes: ``f`` the family alone is named, ``p`` the name goes on where the part's ends.
    """
    name = re.sub(r"[^A-Z0-9]", "", named.upper())
    if not name or not key:
        return None
    name = f"AT{name}" if key.startswith("ATSAM") and name.startswith("SAM") else name
    if name == key:
        return ""
    if re.sub(r"(NRF\d+)(?:XX|Q[A-Z]|C[A-Z])(A[A-Z])$", r"\1\2", name) == key:
        return ""
    if key.startswith(name):
        return "f"
    if name.startswith(key):
        return _longer(name[len(key) :], key)
    pattern = re.escape(name).replace("X", "[A-Z0-9]")
    return "f" if "X" in name and re.match(pattern, key) else None


_IMX_RT = re.compile(r"I?MXRT[-_ ]?(\d{3})", re.IGNORECASE)


def speaks_of_another(board_name: str, key: str) -> bool:
    """Whether a board's own name has another i.MX RT: MicroPython says MIMXRT1062 of them all."""
    own, part = _IMX_RT.search(board_name), _IMX_RT.search(key)
    return own is not None and part is not None and own[1] != part[1]


_CORTEX_M = re.compile(
    r"(?<![a-z0-9])(?:c|cortex-)?m(0|3|4|7|23|33|55|85)(?:\+|p|plus)?(?![a-z0-9])"
)


def names_another_core(names: str, core: str) -> bool:
    """Whether a board goes by another Cortex-M than its part's first: GIGA_CM4 has an STM32H747."""
    own = _CORTEX_M.search(core.lower())
    named = set(_CORTEX_M.findall(names.lower().replace("_", " ")))
    return own is not None and bool(named) and own[1] not in named


def _longer(rest: str, key: str) -> str | None:
    """The part of a name that the catalogue's part ends before: package and grade, or more."""
    if rest[0].isdigit() and key[-1].isdigit():
        return None  # ATtiny424 is no ATtiny4
    is_grade = (
        (_STM_LIKE.fullmatch(key) and re.fullmatch(r"[A-Z](\d[A-Z]?)?[A-Z]?|[A-Z]X", rest))
        or (key.startswith("ATSAM") and re.fullmatch(r"[A-Z]", rest))
        or (key.startswith("ESP32") and _MODULE.search(rest))
        or (re.fullmatch(r"R7FA.{5}", key) and len(rest) <= 5)
        or (key == "RP2350" and rest in {"A", "B"})
    )
    return "" if is_grade else "p"


_SENSORS = {
    "imu": ("accelerometer", "gyroscope"),
    "hts221": ("humidity", "temperature"),
    "si7021": ("humidity", "temperature"),
    "si7006": ("humidity", "temperature"),
    "si7034": ("humidity", "temperature"),
    "sht11": ("humidity", "temperature"),
    "sht3x": ("humidity", "temperature"),
    "sht3xd": ("humidity", "temperature"),
    "hdc1000": ("humidity", "temperature"),
    "hdc2080": ("humidity", "temperature"),
    "bme280": ("humidity", "pressure", "temperature"),
    "bme680": ("gas", "humidity", "pressure", "temperature"),
    "ccs811": ("gas",),
    "stts751": ("temperature",),
    "at30tse75x": ("temperature",),
    "lm75a": ("temperature",),
    "tmp006": ("temperature",),
    "opt3001": ("light",),
    "isl29020": ("light",),
    "apds9007": ("light",),
    "apds9960": ("colour", "gesture", "light", "proximity"),
    "tcs37727": ("colour", "light"),
    "vl53l0x": ("proximity",),
    "time-of-flight": ("proximity",),
    "sm351lt": ("hall",),
    "max30101": ("heart-rate",),
    "ina230": ("current",),
    "bmx055": ("accelerometer", "gyroscope", "magnetometer"),
    "mpu9150": ("accelerometer", "gyroscope", "magnetometer"),
    "bmi270": ("accelerometer", "gyroscope"),
    "icm42688": ("accelerometer", "gyroscope"),
    "fxos8700": ("accelerometer", "magnetometer"),
    "lsm303agr": ("accelerometer", "magnetometer"),
    "lsm303dlhc": ("accelerometer", "magnetometer"),
    "lsm303dlhc-magn": ("magnetometer",),
    "lis3mdl-magn": ("magnetometer",),
    **dict.fromkeys(("lsm6dsl", "lsm6dso", "lsm6dsxx"), ("accelerometer", "gyroscope")),
    **dict.fromkeys(("lis3mdl", "lis2mdl", "mag3110", "bmm150", "iis2mdc"), ("magnetometer",)),
    **dict.fromkeys(("lps22hb-press", "lps22hb", "lps22hh", "lps331ap"), ("pressure",)),
    **dict.fromkeys(("bmp280", "bmp180", "mpl3115a2"), ("pressure", "temperature")),
    **dict.fromkeys(("l3gd20", "l3gxxxx"), ("gyroscope",)),
    **dict.fromkeys(
        ("lis2dh", "lis2dh12", "lis3dh", "mma8x5x", "adxl362", "adxl345", "iis3dhhc", "lis2dw12"),
        ("accelerometer",),
    ),
}
_KNOWN_KINDS = frozenset(kind for kinds in _SENSORS.values() for kind in kinds) | {
    "camera",
    "microphone",
}


def sensor_facts(listed: Iterable[str]) -> tuple[set[str], set[str]]:
    """Kinds and part names out of a list that mixes them."""
    kinds: set[str] = set()
    parts: set[str] = set()
    for name in listed:
        part = re.sub(r"_(i2c|spi)$", "", name)
        if part in _KNOWN_KINDS:
            kinds.add(part)
        elif part in _SENSORS:
            kinds.update(_SENSORS[part])
            parts.update({part} - {"imu", "time-of-flight"})
    return kinds, parts


_RADIOS = {
    "bluetooth": "bluetooth",
    "wifi": "wifi",
    "lora": "lora",
    "lte-m": "lte-m",
    "nb-iot": "nb-iot",
    "nfc": "nfc",
    "gps": "gnss",
    "cellular": "cellular",
    **dict.fromkeys(("802.15.4", "zigbee", "thread", "openthread", "6lowpan"), "802.15.4"),
}


def radios(connectivity: Iterable[str]) -> set[str]:
    """Radios among the ways in which a board communicates."""
    return {_RADIOS[name.lower()] for name in connectivity if name.lower() in _RADIOS}
