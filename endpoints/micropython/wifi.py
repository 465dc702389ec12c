# Written by tcptrace. Joins the Wi-Fi network of settings.py.
import network
import settings
import time


def connect():
    wlan = network.WLAN(network.STA_IF)
    wlan.active(True)
    if not settings.POWER_SAVE:
        # Asleep between beacons the radio adds up to 200 ms to what arrives.
        wlan.config(pm=getattr(network.WLAN, "PM_NONE", 0x10))
    if not wlan.isconnected():
        print(settings.TEXT["joining"])
        wlan.connect(settings.SSID, settings.PASSWORD)
        limit = time.time() + 15
        while not wlan.isconnected():
            if time.time() > limit:
                raise RuntimeError(settings.TEXT["no network"])
            time.sleep(0.5)
    print(settings.TEXT["joined"], wlan.ifconfig()[0])
