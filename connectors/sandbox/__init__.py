"""A believable MSP, made from a seed: what its PSA bills, what its vendors count, and what a comparison must find."""
