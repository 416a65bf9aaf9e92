//! Compresses the OpenAPI document that the program serves. refinery embeds `migrations/` at compile time: without its
//! line here a new file would be silently left out.

use std::fs::File;
use std::path::Path;

use flate2::{Compression, GzBuilder};

#[expect(clippy::disallowed_methods, reason = "cargo names the folder of a build script by a variable")]
fn main() -> std::io::Result<()> {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=docs/openapi.json");
    let out = std::env::var_os("OUT_DIR").unwrap_or_default();
    let shipped = File::create(Path::new(&out).join("openapi.json.gz"))?;
    // No time and no name of a file: two builds give the same bytes.
    let mut shipped = GzBuilder::new().write(shipped, Compression::best());
    std::io::copy(&mut File::open("docs/openapi.json")?, &mut shipped)?;
    shipped.finish()?;
    Ok(())
}
