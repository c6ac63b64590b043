"""What the engines share: the batch seen as orders, pool arithmetic, fees, and the way from fills to an exact bid."""
