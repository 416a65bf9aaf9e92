//! Compares the server word for word with the verdicts of the Telegram library (`cases.tsv`).

use serde_json::{Value, json};

use super::super::link::{self, Target};
use super::super::{html, plain};

/// An entity in the form that the `html` rows of `cases.tsv` have.
fn plainly(mut entity: Value) -> Value {
    let map = entity.as_object_mut().unwrap();
    map.remove("date_time_format");
    if let Some(user) = map.get_mut("user") {
        *user = user["id"].clone();
    }
    entity
}

fn of_html(source: &str) -> Result<Value, String> {
    let parsed = html::parse(source)?;
    let mut entities: Vec<Value> = parsed.entities.into_iter().map(plainly).collect();
    entities.sort_by_key(Value::to_string);
    Ok(json!({ "text": parsed.text, "entities": entities }))
}

fn of_link(url: &str) -> Result<Value, String> {
    match link::read(url).map_err(str::to_owned)? {
        Target::Page(url) => Ok(json!(url)),
        Target::Person(id) => Ok(json!(format!("user {id}"))),
    }
}

#[test]
fn the_server_says_what_the_library_says() {
    let mut wrong = Vec::new();
    let rows = include_str!("../../../../src/telegram/judge/cases.tsv")
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.starts_with('#'));
    for (line, row) in rows {
        let [kind, input, td, made, _] = row.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let input: Value = serde_json::from_str(input).unwrap();
        let made: Value = serde_json::from_str(made).unwrap_or(Value::Null);
        let text = || input.as_str().unwrap();
        let fits = match kind {
            "html" => match of_html(text()) {
                Ok(mut said) => {
                    let mut made = made;
                    for side in [&mut said, &mut made] {
                        if let Some(entities) = side["entities"].as_array_mut() {
                            entities.sort_by_key(Value::to_string);
                        }
                    }
                    td == "ok" && said == made
                }
                Err(said) => serde_json::from_str::<String>(td).is_ok_and(|td| td == said),
            },
            "link" => match of_link(text()) {
                Ok(said) => td == "ok" && said == made,
                Err(_) => td == "refused",
            },
            "blank" => plain::is_empty(text()) == (td == "blank"),
            // The length of a text is checked over HTTP, in `judging`.
            "length" => true,
            // Only the client decides which class an answer has.
            "words" => true,
            other => panic!("{other}"),
        };
        if !fits {
            let said = match kind {
                "html" => format!("{:?}", of_html(text())),
                "link" => format!("{:?}", of_link(text())),
                _ => String::new(),
            };
            wrong.push(format!("line {}: {row}\n    {said}", line + 1));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}
