//! Compresses the OpenAPI document that the program serves. Also tells cargo to build again when a file in
//! `migrations/` changes: refinery embeds that folder at compile time, and without the line a new migration would be
//! left out silently.

use std::fs::File;
use std::path::Path;

use flate2::{Compression, GzBuilder};

#[expect(clippy::disallowed_methods, reason = "cargo names the folder of a build script by a variable")]
fn main() -> std::io::Result<()> {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=docs/openapi.json");
    let out = std::env::var_os("OUT_DIR").unwrap_or_default();
    let shipped = File::create(Path::new(&out).join("openapi.json.gz"))?;
    // The gzip header gets no time and no file name, so that two builds give the same bytes.
    let mut shipped = GzBuilder::new().write(shipped, Compression::best());
    std::io::copy(&mut File::open("docs/openapi.json")?, &mut shipped)?;
    shipped.finish()?;
    Ok(())
}
