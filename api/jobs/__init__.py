"""What takes too long for a request: builds, recipes, verifications; queued and done one by one."""
