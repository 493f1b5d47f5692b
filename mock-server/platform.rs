//! The target platform: decided only here, for the build scripts of this crate
//! and of the harness.

use std::env;

/// Sets the cfg `shortread_linux` if the system calls of Linux should be used: on
/// Linux, unless `--cfg shortread_portable` asks for the code of all other
/// platforms, so that it is compiled and tested on Linux too.
pub(crate) fn declare() {
    println!("cargo::rustc-check-cfg=cfg(shortread_linux)");
    let is_linux = env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux");
    if is_linux && env::var_os("CARGO_CFG_SHORTREAD_PORTABLE").is_none() {
        println!("cargo::rustc-cfg=shortread_linux");
    }
}
