/* Nothing of CMSIS-Core is needed. */
