"""What a build delivers for other build systems: CMake, Arduino, Zephyr, PlatformIO, the host."""
