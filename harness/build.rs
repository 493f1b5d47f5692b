//! Says which platform is built for.

#[path = "../mock-server/platform.rs"]
mod platform;

fn main() {
    println!("cargo::rerun-if-changed=../mock-server/platform.rs");
    platform::declare();
}
