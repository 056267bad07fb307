//! Tells cargo that the web app is part of the binary.

fn main() {
    println!("cargo::rerun-if-changed=../../web/dist");
}
