//! Values of discounts and sums of money, stored in hundredths, and the texts in which people enter and read them.

use crate::language::Language;

/// Money in kopecks (hundredths of the shop's currency).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct Kopecks(pub i64);

/// What a discount is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiscountValue {
    /// A percentage in hundredths of a percent: 1250 = 12.5 %.
    Percent(i64),
    /// A sum that is subtracted from the bill.
    Fixed(Kopecks),
}

impl DiscountValue {
    /// The value from the two columns of a row: `value` in hundredths and `kind`, which is `percent` or `fixed`. Any
    /// other kind is `None`.
    #[must_use]
    pub fn from_columns(value: i64, kind: &str) -> Option<Self> {
        match kind {
            "percent" => Some(Self::Percent(value)),
            "fixed" => Some(Self::Fixed(Kopecks(value))),
            _ => None,
        }
    }

    /// The value in the form in which people enter it: `15%`, `12.5%`, `300`.
    #[must_use]
    pub fn typed(&self) -> String {
        let (hundredths, sign) = (self.hundredths(), if self.kind() == "percent" { "%" } else { "" });
        let (whole, part) = (hundredths.div_euclid(100), hundredths.rem_euclid(100));
        let part = if part == 0 { String::new() } else { format!(".{part:02}").trim_end_matches('0').to_owned() };
        format!("{whole}{part}{sign}")
    }

    /// The value's number as stored, in hundredths.
    #[must_use]
    pub const fn hundredths(self) -> i64 {
        match self {
            Self::Percent(hundredths) | Self::Fixed(Kopecks(hundredths)) => hundredths,
        }
    }

    /// The value's type as stored: `percent` or `fixed`.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Percent(_) => "percent",
            Self::Fixed(_) => "fixed",
        }
    }

    /// The value for people to read: «10 %» (a percentage is rounded down to a whole number), «150,50 ₽». The space is a
    /// no-break space.
    #[must_use]
    pub fn shown(self, currency: &str, language: Language) -> String {
        match self {
            Self::Percent(hundredths) => format!("{}\u{a0}%", hundredths.div_euclid(100)),
            Self::Fixed(Kopecks(kopecks)) => {
                let (whole, rest) = (kopecks.div_euclid(100), kopecks.rem_euclid(100));
                let cents = if rest == 0 { String::new() } else { format!("{}{rest:02}", language.point()) };
                format!("{whole}{cents}\u{a0}{}", sign_of(currency))
            }
        }
    }
}

fn sign_of(currency: &str) -> &str {
    match currency {
        "RUB" => "₽",
        "USD" => "$",
        "EUR" => "€",
        "KZT" => "₸",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents_are_floored_and_sums_keep_their_kopecks() {
        assert_eq!(DiscountValue::Percent(1050).shown("RUB", Language::Ru), "10\u{a0}%");
        assert_eq!(DiscountValue::Fixed(Kopecks(15_000)).shown("RUB", Language::Ru), "150\u{a0}₽");
        assert_eq!(DiscountValue::Fixed(Kopecks(15_050)).shown("RUB", Language::Ru), "150,50\u{a0}₽");
        assert_eq!(DiscountValue::Fixed(Kopecks(15_050)).shown("EUR", Language::En), "150.50\u{a0}€");
    }
}
