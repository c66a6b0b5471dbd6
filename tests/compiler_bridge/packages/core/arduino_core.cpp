/* The core's half of a program, to link a sketch with. */
#include "Arduino.h"

static volatile unsigned long sent;

unsigned long micros() { return sent; }
void delay(unsigned long) {}
void Port::begin(unsigned long) {}
void Port::print(const char *text) { sent += static_cast<unsigned char>(*text); }
void Port::print(char one) { sent += static_cast<unsigned char>(one); }
void Port::println(double value, int) { sent += value > 0.0 ? 1u : 0u; }
void Port::println(unsigned long value) { sent += value; }
Port Serial;

int main()
{
    setup();
    loop();
    return 0;
}
