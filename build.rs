//! refinery embeds `migrations/` at compile time; without this line a new file would be silently left out.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
