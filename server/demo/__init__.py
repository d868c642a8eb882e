"""The demos: a whole month on a made MSP, against simulators of its PSA and a vendor, or with files alone; all is checked."""
