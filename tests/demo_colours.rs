//! The contrast of the colours of the demo's page, light and dark, from the variables of its style: text 4.5 : 1, controls and
//! signs 3 : 1 (WCAG 2.2, 1.4.3 and 1.4.11).

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

const STYLE: &str = include_str!("../src/demo/page/assets/style.css");
/// Text, and what it stands on.
const TEXT: &[(&str, &[&str])] = &[
    ("ink", &["ground", "panel", "sunk", "theirs", "mine", "line"]),
    ("muted", &["ground", "panel", "sunk", "theirs"]),
    ("on-accent", &["accent"]),
    ("on-soft", &["soft", "mine"]),
    ("accent", &["panel", "sunk"]),
    ("link", &["theirs", "mine"]),
    ("good", &["panel"]),
    ("bad", &["panel"]),
    ("panel", &["bad", "ink"]),
    ("t-ink", &["t-ground"]),
    ("t-dim", &["t-ground"]),
];
/// Edges of controls and signs, and what they stand on.
const SIGNS: &[(&str, &[&str])] = &[
    ("edge", &["ground", "panel", "sunk"]),
    ("accent", &["panel", "sunk", "soft"]),
    ("focus", &["ground", "panel", "sunk", "soft"]),
    ("t-focus", &["t-ground"]),
    ("good", &["panel"]),
    ("warn", &["panel"]),
    ("bad", &["panel"]),
    ("muted", &["panel", "soft"]),
    ("t-dim", &["t-ground"]),
];

/// The colours by name: in the light and in the dark.
fn colours() -> [BTreeMap<&'static str, [f64; 3]>; 2] {
    let one = Regex::new(r"--([a-z0-9-]+): (?:light-dark\((#\w{6}), (#\w{6})\)|(#\w{6}));").unwrap();
    let (mut light, mut dark) = (BTreeMap::new(), BTreeMap::new());
    for found in one.captures_iter(STYLE) {
        let name = found.get(1).unwrap().as_str();
        let by_day = found.get(2).or(found.get(4)).unwrap().as_str();
        let by_night = found.get(3).or(found.get(4)).unwrap().as_str();
        light.insert(name, rgb(by_day));
        dark.insert(name, rgb(by_night));
    }
    [light, dark]
}

fn rgb(hex: &str) -> [f64; 3] {
    [1, 3, 5].map(|at| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0)
}

fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let linear = |part: f64| if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) };
    let light = |[red, green, blue]: [f64; 3]| 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    let (one, other) = (light(one) + 0.05, light(other) + 0.05);
    one.max(other) / one.min(other)
}

#[test]
fn text_and_controls_stand_out_by_day_and_by_night() {
    assert!((contrast(rgb("#000000"), rgb("#ffffff")) - 21.0).abs() < 0.01);
    // The sixteen colours of a program's output.
    let printed: Vec<String> = (0..16).map(|number| format!("t-{number}")).collect();
    let mut wrong = Vec::new();
    for (scheme, colours) in ["light", "dark"].into_iter().zip(colours()) {
        let printed = printed.iter().map(|name| (name.as_str(), &["t-ground"][..]));
        let text = TEXT.iter().copied().chain(printed).map(|pair| (pair, 4.5));
        for ((name, grounds), least) in text.chain(SIGNS.iter().copied().map(|pair| (pair, 3.0))) {
            for ground in grounds {
                let seen = contrast(colours[name], colours[ground]);
                if seen < least {
                    wrong.push(format!("{scheme}: {name} on {ground} is {seen:.2} : 1, not {least} : 1"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A rule that names a text and its ground must have both in the list above; so must the ground of every rule.
#[test]
fn every_pair_of_colours_in_a_rule_is_measured() {
    let rule = Regex::new(r"\{([^{}]*)\}").unwrap();
    let of = |what: &str| Regex::new(&format!(r"(?:^|[;\s]){what}: var\(--([a-z0-9-]+)\)")).unwrap();
    let (text, ground) = (of("color"), of("background"));
    let known: BTreeSet<(&str, &str)> =
        TEXT.iter().flat_map(|(name, grounds)| grounds.iter().map(|ground| (*name, *ground))).collect();
    let mut seen = 0;
    for found in rule.captures_iter(STYLE) {
        let words = found.get(1).unwrap().as_str();
        if let (Some(text), Some(ground)) = (text.captures(words), ground.captures(words)) {
            let pair = (text.get(1).unwrap().as_str(), ground.get(1).unwrap().as_str());
            assert!(known.contains(&pair), "{pair:?} of {{{words}}} is not measured");
            seen += 1;
        } else if let Some(text) = text.captures(words) {
            let name = text.get(1).unwrap().as_str();
            let is_printed = name.strip_prefix("t-").is_some_and(|rest| rest.parse::<u8>().is_ok());
            assert!(is_printed || known.iter().any(|(of, _)| *of == name), "{name} of {{{words}}} is not measured");
        }
    }
    assert!(seen > 15, "{seen}");
}
