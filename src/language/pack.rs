//! The form in which a text catalogue is compiled into the program: one string with all keys and texts, and a sorted
//! table of their places in it. Reading it costs nothing at the start of a process, and it needs no relocations. Only
//! `build.rs`, which packs the two catalogues, and `language` use this module.

/// A packed text catalogue.
#[derive(Debug, Clone)]
pub struct Packed {
    /// Keys and texts, one after another without separators.
    pub text: String,
    /// For each text in the order of the keys: where its key begins in `text`, where the key ends and the text begins,
    /// where the text ends. A plural form has a key of its own, `<key>.<form>`.
    pub places: Vec<[u32; 3]>,
}

/// Packs a catalogue in TOML. Values other than texts and tables are left out.
///
/// # Errors
///
/// The text is not TOML.
pub fn pack(catalogue: &str) -> Result<Packed, toml::de::Error> {
    let mut leaves = Vec::new();
    flatten("", &catalogue.parse::<toml::Table>()?, &mut leaves);
    leaves.sort();
    let mut packed = Packed { text: String::new(), places: Vec::new() };
    for (key, text) in leaves {
        let start = packed.text.len();
        packed.text.push_str(&key);
        let middle = packed.text.len();
        packed.text.push_str(&text);
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        packed.places.push([place(start), place(middle), place(packed.text.len())]);
    }
    Ok(packed)
}

fn flatten(prefix: &str, table: &toml::Table, leaves: &mut Vec<(String, String)>) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::String(text) => leaves.push((key, text.clone())),
            toml::Value::Table(inner) => flatten(&key, inner, leaves),
            _ => {}
        }
    }
}
