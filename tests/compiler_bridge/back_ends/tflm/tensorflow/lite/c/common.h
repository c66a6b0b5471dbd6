// As much of TFLM as what is generated calls, for the compiler to check the calls.
#pragma once
#include <cstddef>
#include <cstdint>
enum TfLiteStatus { kTfLiteOk, kTfLiteError };
struct TfLiteTensor {
  std::size_t bytes;
  union {
    char *raw;
  } data;
};
