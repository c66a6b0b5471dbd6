/* As much of an Arduino core as a generated sketch calls. */
#pragma once
#include <stdint.h>

void setup();
void loop();
unsigned long micros();
void delay(unsigned long);

struct Port {
    void begin(unsigned long);
    void print(const char *);
    void print(char);
    void println(double, int);
    void println(unsigned long);
};
extern Port Serial;
