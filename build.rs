//! Packs the two text catalogues, compresses the OpenAPI document that the program serves, and reads the number of the
//! newest migration.

use std::error::Error;
use std::fs::{self, File};
use std::path::Path;

use flate2::{Compression, GzBuilder};

#[path = "src/language/pack.rs"]
mod pack;

#[expect(clippy::disallowed_methods, reason = "cargo names the folder of a build script by a variable")]
fn main() -> Result<(), Box<dyn Error>> {
    let out = std::env::var_os("OUT_DIR").unwrap_or_default();
    write_newest_migration(Path::new(&out))?;
    for language in ["ru", "en"] {
        write_catalogue(language, Path::new(&out))?;
    }
    write_document(Path::new(&out))
}

/// Writes the number of the newest migration, a Rust expression, to `newest_migration.rs`. Also tells cargo to build again
/// when a file in `migrations/` changes: refinery embeds that folder at compile time, and without the line a new migration
/// would be left out silently.
fn write_newest_migration(out: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=migrations");
    let mut newest: i64 = 0;
    for file in fs::read_dir("migrations")? {
        let name = file?.file_name().to_string_lossy().into_owned();
        // Names that refinery does not take are left out here, too: a test compares the two.
        let number = name.strip_prefix('V').and_then(|rest| rest.split_once("__")).map(|(number, _)| number.parse());
        newest = newest.max(number.and_then(Result::ok).unwrap_or_default());
    }
    fs::write(out.join("newest_migration.rs"), newest.to_string())?;
    Ok(())
}

/// Writes the keys and texts of a language to `<language>.txt`, and the table of their places, a Rust expression, to
/// `<language>.rs`.
fn write_catalogue(language: &str, out: &Path) -> Result<(), Box<dyn Error>> {
    let source = format!("src/language/{language}.toml");
    println!("cargo:rerun-if-changed={source}");
    let packed = pack::pack(&fs::read_to_string(source)?)?;
    fs::write(out.join(format!("{language}.txt")), packed.text)?;
    fs::write(out.join(format!("{language}.rs")), format!("&{:?}", packed.places))?;
    Ok(())
}

/// Writes the OpenAPI document to `openapi.json.gz`.
fn write_document(out: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=docs/openapi.json");
    let shipped = File::create(out.join("openapi.json.gz"))?;
    // The gzip header gets no time and no file name, so that two builds give the same bytes.
    let mut shipped = GzBuilder::new().write(shipped, Compression::best());
    std::io::copy(&mut File::open("docs/openapi.json")?, &mut shipped)?;
    shipped.finish()?;
    Ok(())
}
