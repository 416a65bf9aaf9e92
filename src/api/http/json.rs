//! Parses JSON strictly: a repeated key is refused (serde's own tree keeps the last one), and a number without a
//! fraction is an integer however it is written, as in JSON Schema.

use std::fmt;

use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Up to this size a float represents every integer exactly.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// A strict JSON value.
pub(in crate::api) struct Strict(pub Value);

impl<'de> serde::Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, is_so: bool) -> Result<Value, E> {
        Ok(Value::Bool(is_so))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        let is_whole = number.fract() == 0.0 && number.abs() <= WHOLE;
        let whole = is_whole.then(|| format!("{number:.0}").parse::<i64>().ok()).flatten().map(Value::from);
        Ok(whole.or_else(|| Number::from_f64(number).map(Value::Number)).unwrap_or_default())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some((key, Strict(value))) = entries.next_entry::<String, Strict>()? {
            if members.contains_key(&key) {
                return Err(Error::custom(format!("duplicate field `{key}`")));
            }
            members.insert(key, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_whole_number_is_whole_however_it_is_written() {
        let read = |text| serde_json::from_str::<Strict>(text).map(|strict| strict.0);
        assert_eq!(
            read("[3211.0, 1e3, -0.0, 1.5, 9223372036854775807]").unwrap(),
            json!([3211, 1000, 0, 1.5, i64::MAX])
        );
        assert!(read("1e300").unwrap().is_f64() && read("18446744073709551615").unwrap().is_u64());
        let twice = read(r#"{"a":{"b":1,"b":2}}"#).unwrap_err().to_string();
        assert!(twice.starts_with("duplicate field `b`"), "{twice}");
    }
}
