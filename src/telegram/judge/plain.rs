//! Measures a text as Telegram does: which characters Telegram drops, which are invisible, and how many characters
//! count.

/// How many characters (code points) Telegram counts: characters that it drops and white space around the text do not
/// count.
#[must_use]
pub fn length(text: &str) -> usize {
    let kept: Vec<char> = text.chars().filter(|sign| !is_dropped(*sign)).collect();
    let is_space = |sign: &char| *sign == ' ' || sign.is_control();
    let Some(first) = kept.iter().position(|sign| !is_space(sign)) else { return 0 };
    let last = kept.iter().rposition(|sign| !is_space(sign)).unwrap_or(first);
    last - first + 1
}

/// Whether Telegram would treat the text as empty: it holds nothing but white space and invisible characters.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|sign| is_dropped(sign) || is_invisible(sign))
}

/// Whether Telegram removes this character from every text: carriage returns, marks of direction, three combining
/// marks.
const fn is_dropped(sign: char) -> bool {
    matches!(sign, '\r' | '\u{2028}'..='\u{202e}' | '\u{333}' | '\u{33f}' | '\u{30a}')
}

const fn is_invisible(sign: char) -> bool {
    matches!(
        sign,
        '\0'..=' '
            | '\u{a0}'
            | '\u{1680}'
            | '\u{180e}'
            | '\u{2000}'..='\u{200f}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{2800}'
            | '\u{3000}'
            | '\u{feff}'
            | '\u{fffc}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_points_are_counted_whatever_their_bytes() {
        for (text, count) in [("привет", 6), ("😀😀", 2), (" \n a b \n", 3), ("", 0), ("e\u{301}", 2), ("a\r\nb", 3)]
        {
            assert_eq!(length(text), count, "{text:?}");
        }
    }
}
