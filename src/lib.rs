#![doc = "dualuse"]
#![forbid(unsafe_code)]
