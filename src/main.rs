//! `dualuse`: was it our administrator, or an attacker?

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    dualuse::cli::main()
}
