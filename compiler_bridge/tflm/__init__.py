"""What TensorFlow Lite for Microcontrollers takes of a board, with and without CMSIS-NN."""
