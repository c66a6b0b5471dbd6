"""From a chosen pair to an artifact: quantize, lower, plan, emit, compile, link, emulate, prove."""
