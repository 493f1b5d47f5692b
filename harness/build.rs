//! Says which platform is built for.

mod platform;

fn main() {
    println!("cargo::rerun-if-changed=platform.rs");
    platform::declare();
}
