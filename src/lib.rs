#![doc = "dualuse"]
#![forbid(unsafe_code)]
pub mod case;
pub mod cli;
pub mod detect;
pub mod environment;
pub mod event;
pub mod evidence;
pub mod investigate;
pub mod report;
pub mod text;
pub mod timeline;
