"""Words of other vocabularies for sensors and radios, in ours.

Sensor parts: what each measures is the first line of its data sheet.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_IMU6: Final = ("accelerometer", "gyroscope")
_IMU9: Final = ("accelerometer", "gyroscope", "magnetometer")

#: Kinds by the part in a devicetree's ``compatible``; the longest prefix counts.
SENSOR_PARTS: Final[dict[str, tuple[str, ...]]] = {
    "adt7420": ("temperature",),
    "adxl3": ("accelerometer",),
    "ak09916": ("magnetometer",),
    "ak8963": ("magnetometer",),
    "ak8975": ("magnetometer",),
    "apds9253": ("light", "colour"),
    "apds9306": ("light",),
    "apds9960": ("colour", "gesture", "light", "proximity"),
    "as6212": ("temperature",),
    "as6221": ("temperature",),
    "bh1749": ("colour", "light"),
    "bh1750": ("light",),
    "bma": ("accelerometer",),
    "bmc150_magn": ("magnetometer",),
    "bme280": ("humidity", "pressure", "temperature"),
    "bme680": ("gas", "humidity", "pressure", "temperature"),
    "bmg160": ("gyroscope",),
    "bmi": _IMU6,
    "bmm150": ("magnetometer",),
    "bmm350": ("magnetometer",),
    "bmp": ("pressure", "temperature"),
    "bmx055-accel": ("accelerometer",),
    "ccs811": ("gas",),
    "dht": ("humidity", "temperature"),
    "dps310": ("pressure", "temperature"),
    "ds18b20": ("temperature",),
    "ens160": ("gas",),
    "ens210": ("humidity", "temperature"),
    "fxas21002": ("gyroscope",),
    "fxls8974": ("accelerometer",),
    "fxos8700": ("accelerometer", "magnetometer"),
    "gc2145": ("camera",),
    "hdc": ("humidity", "temperature"),
    "hm01b0": ("camera",),
    "hmc5883l": ("magnetometer",),
    "hp206c": ("pressure", "temperature"),
    "hts221": ("humidity", "temperature"),
    "i3g4250d": ("gyroscope",),
    "icm20608": _IMU6,
    "icm20948": _IMU9,
    "icm42": _IMU6,
    "icm45": _IMU6,
    "icp101": ("pressure", "temperature"),
    "icp201": ("pressure", "temperature"),
    "iis2dh": ("accelerometer",),
    "iis2dlpc": ("accelerometer",),
    "iis2iclx": ("accelerometer",),
    "iis2mdc": ("magnetometer",),
    "iis328dq": ("accelerometer",),
    "iis3dhhc": ("accelerometer",),
    "iis3dwb": ("accelerometer",),
    "imx219": ("camera",),
    "imx335": ("camera",),
    "isl29035": ("light",),
    "ism330dhcx": _IMU6,
    "ism330is": _IMU6,
    "itds": ("accelerometer",),
    "jc42": ("temperature",),
    "kx022": ("accelerometer",),
    "kxtj3": ("accelerometer",),
    "lis2de12": ("accelerometer",),
    "lis2dh": ("accelerometer",),
    "lis2ds12": ("accelerometer",),
    "lis2du12": ("accelerometer",),
    "lis2dux12": ("accelerometer",),
    "lis2dw12": ("accelerometer",),
    "lis2mdl": ("magnetometer",),
    "lis3dh": ("accelerometer",),
    "lis3mdl": ("magnetometer",),
    "lm35": ("temperature",),
    "lm75": ("temperature",),
    "lm77": ("temperature",),
    "lps": ("pressure", "temperature"),
    "lsm303agr-accel": ("accelerometer",),
    "lsm303agr-magn": ("magnetometer",),
    "lsm303dlhc-accel": ("accelerometer",),
    "lsm303dlhc-magn": ("magnetometer",),
    "lsm6ds": _IMU6,
    "lsm6dsl": _IMU6,
    "lsm6dso": _IMU6,
    "lsm6dsr": _IMU6,
    "lsm6dsv": _IMU6,
    "lsm9ds0-gyro": ("gyroscope",),
    "lsm9ds0-mfd": ("accelerometer", "magnetometer"),
    "lsm9ds1": _IMU6,
    "lsm9ds1_mag": ("magnetometer",),
    "ltr-f216a": ("light",),
    "ltr329": ("light",),
    "ltrf216a": ("light",),
    "max30101": ("heart-rate",),
    "max31875": ("temperature",),
    "max44009": ("light",),
    "mc3419": ("accelerometer",),
    "mcp9600": ("temperature",),
    "mcp970": ("temperature",),
    "mcp9808": ("temperature",),
    "mlx90394": ("magnetometer",),
    "mma7660fc": ("accelerometer",),
    "mma8451q": ("accelerometer",),
    "mma8491q": ("accelerometer",),
    "mma8652fc": ("accelerometer",),
    "mmc56x3": ("magnetometer",),
    "mpu6050": _IMU6,
    "mpu6500": _IMU6,
    "mpu9250": _IMU9,
    "mpxxdtyy": ("microphone",),
    "ms5607": ("pressure", "temperature"),
    "mt9m114": ("camera",),
    "opt3001": ("light",),
    "ov2640": ("camera",),
    "ov5640": ("camera",),
    "ov5642": ("camera",),
    "ov7670": ("camera",),
    "ov7675": ("camera",),
    "ov767x": ("camera",),
    "ov7725": ("camera",),
    "ov9655": ("camera",),
    "paj7620": ("gesture",),
    "qmc5883l": ("magnetometer",),
    "qmi8658": _IMU6,
    "rm3100": ("magnetometer",),
    "sc7a20h": ("accelerometer",),
    "scd4": ("gas", "humidity", "temperature"),
    "sgp40": ("gas",),
    "sht": ("humidity", "temperature"),
    "shtc": ("humidity", "temperature"),
    "si7006": ("humidity", "temperature"),
    "si7055": ("temperature",),
    "si7060": ("temperature",),
    "si7210": ("hall",),
    "sm351lt": ("hall",),
    "stts22h": ("temperature",),
    "stts751": ("temperature",),
    "sx9500": ("proximity",),
    "t5838": ("microphone",),
    "tcn75a": ("temperature",),
    "tcs3400": ("colour", "light"),
    "th02": ("humidity", "temperature"),
    "tmag5170": ("magnetometer",),
    "tmp": ("temperature",),
    "tsl2540": ("light",),
    "tsl2561": ("light",),
    "tsl2591": ("light",),
    "vcnl36825t": ("proximity",),
    "vcnl4040": ("light", "proximity"),
    "veml6031": ("light",),
    "veml6046": ("colour", "light"),
    "veml7700": ("light",),
    "vl53l0x": ("proximity",),
    "vl53l1x": ("proximity",),
    "vl53l4": ("proximity",),
    "wsen-hids": ("humidity", "temperature"),
    "wsen-isds": _IMU6,
    "wsen-itds": ("accelerometer",),
    "wsen-pads": ("pressure", "temperature"),
    "wsen-tids": ("temperature",),
}
# A prefix must end where a part's family does, so that ``tmp`` is not ``tmpfs``: digits follow.
_FAMILIES: Final = frozenset(
    {"adxl3", "bma", "bmi", "bmp", "dht", "icm42", "lps", "lsm6ds", "sht", "tmp"}
)

_RADIOS: Final = {
    "802.15.4": "802.15.4",
    "bluetooth": "bluetooth",
    "ble": "bluetooth",
    "lora": "lora",
    "lorawan": "lora",
    "lte": "lte-m",
    "lte-m": "lte-m",
    "gnss": "gnss",
    "gps": "gnss",
    "nb-iot": "nb-iot",
    "nbiot": "nb-iot",
    "nfc": "nfc",
    "thread": "802.15.4",
    "wifi": "wifi",
    "zigbee": "802.15.4",
}


def sensor_kinds(part: str) -> tuple[str, ...]:
    """What a sensor's part measures; nothing when the part is not known."""
    if part in SENSOR_PARTS and part not in _FAMILIES:
        return SENSOR_PARTS[part]
    stems = [
        stem
        for stem in _FAMILIES
        if part.startswith(stem) and part[len(stem) : len(stem) + 1].isdigit()
    ]
    known = [known for known in SENSOR_PARTS if known not in _FAMILIES and part.startswith(known)]
    best = max([*stems, *known], key=len, default="")
    return SENSOR_PARTS.get(best, ())


def radios(words: Iterable[str]) -> tuple[str, ...]:
    """Our words for the radios among ``words``; what is no radio is passed over."""
    found = {_RADIOS[word] for word in (w.strip().lower() for w in words) if word in _RADIOS}
    return tuple(sorted(found))
