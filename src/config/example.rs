//! Fills values into the example config file. The file that `init` writes so keeps all comments of the example.

use super::EXAMPLE;

/// The example config with each of `values` written at its dotted key; every comment stays. A key that the example does
/// not have is left out.
#[must_use]
pub fn filled(values: &[(&str, toml::Value)]) -> String {
    let mut section = String::new();
    EXAMPLE.lines().map(|line| fill_line(line, &mut section, values) + "\n").collect()
}

fn fill_line(line: &str, section: &mut String, values: &[(&str, toml::Value)]) -> String {
    if let Some((name, _)) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        *section = format!("{name}.");
    }
    let Some((name, rest)) = line.split_once(" = ") else { return line.to_owned() };
    let key = format!("{section}{name}");
    match values.iter().find(|(wanted, _)| *wanted == key) {
        Some((_, value)) => format!("{name} = {value}{}", comment(rest)),
        None => line.to_owned(),
    }
}

/// The comment at the end of a line of the example, with a space before it; empty without a comment. No default of the
/// example contains `#`.
fn comment(rest: &str) -> String {
    rest.split_once('#').map_or_else(String::new, |(_, comment)| format!(" #{comment}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_filled_and_keeps_its_comments() {
        let values = [
            ("shop_name", toml::Value::from("Лавка «#1\"»")),
            ("owner_telegram_id", toml::Value::from(42)),
            ("bots.staff.token", toml::Value::from("1:fake")),
        ];
        let text = filled(&values);
        let table: toml::Table = text.parse().unwrap();
        assert_eq!(table["shop_name"].as_str(), Some("Лавка «#1\"»"));
        assert_eq!(table["owner_telegram_id"].as_integer(), Some(42));
        assert_eq!(table["bots"]["staff"]["token"].as_str(), Some("1:fake"));
        assert_eq!(table["bots"]["customer"]["token"].as_str(), Some(""));
        assert_eq!(text.matches('#').count(), EXAMPLE.matches('#').count() + 1);
        assert_eq!(filled(&[]), EXAMPLE);
    }
}
