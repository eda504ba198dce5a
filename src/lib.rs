#![doc = "dualuse"]
#![forbid(unsafe_code)]
pub mod event;
pub mod evidence;
pub mod text;
pub mod timeline;
pub mod investigate;
