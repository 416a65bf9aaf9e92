//! QR pictures: PNG for a chat, SVG for paper, blocks for a terminal. Drawn when they are needed, never stored.

use fast_qr::convert::{Builder, svg::SvgBuilder};
use fast_qr::{ECL, QRBuilder, QRCode};

/// Pixels a module.
const SCALE: usize = 10;
/// White modules around, as the standard asks.
const QUIET: usize = 4;

/// A black-and-white PNG of `text`; `None` when it is too long for a QR code.
#[must_use]
pub fn png(text: &str) -> Option<Vec<u8>> {
    let qr = made(text)?;
    let side = (qr.size + 2 * QUIET) * SCALE;
    let dark = |x: usize, y: usize| {
        let module = |at: usize| (at / SCALE).checked_sub(QUIET).filter(|at| *at < qr.size);
        matches!((module(x), module(y)), (Some(x), Some(y)) if qr.data.get(y * qr.size + x).is_some_and(|m| m.value()))
    };
    let mut rows = Vec::with_capacity(side * side.div_ceil(8));
    for y in 0..side {
        for byte in 0..side.div_ceil(8) {
            // One bit a pixel, 1 = white; bits beyond the edge are white too.
            let bits = (0..8).map(|bit| (byte * 8 + bit >= side) || !dark(byte * 8 + bit, y));
            rows.push(bits.fold(0u8, |byte, white| byte << 1 | u8::from(white)));
        }
    }
    encode(u32::try_from(side).ok()?, &rows)
}

/// The same as SVG, as large as one likes.
#[must_use]
pub fn svg(text: &str) -> Option<String> {
    Some(SvgBuilder::default().margin(QUIET).to_str(&made(text)?) + "\n")
}

/// The same as lines of half blocks, dark on light, for a terminal's own font.
#[must_use]
pub fn blocks(text: &str) -> Option<String> {
    let qr = made(text)?;
    let side = qr.size + 2 * QUIET;
    let light = |x: usize, y: usize| {
        let module = |at: usize| at.checked_sub(QUIET).filter(|at| *at < qr.size);
        !matches!((module(x), module(y)), (Some(x), Some(y)) if qr.data.get(y * qr.size + x).is_some_and(|m| m.value()))
    };
    let half = |x, y| match (light(x, y), y + 1 < side && light(x, y + 1)) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    };
    let row = |y| (0..side).map(|x| half(x, y)).chain(['\n']).collect::<String>();
    Some((0..side).step_by(2).map(row).collect())
}

fn made(text: &str) -> Option<QRCode> {
    QRBuilder::new(text).ecl(ECL::M).build().ok()
}

fn encode(side: u32, rows: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.write_header().ok()?.write_image_data(rows).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_link_becomes_a_square_picture() {
        let bytes = super::png("https://t.me/dvorik_staff_bot?start=d_AAAAAAAAAAAAAAAAAAAAAA").unwrap();
        let reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        assert_eq!(reader.info().width, reader.info().height);
        assert!(reader.info().width >= 250);
    }

    #[test]
    fn the_same_link_is_drawn_for_paper_and_for_a_terminal() {
        let link = "https://t.me/dvorik_bot?start=ref_leaflet";
        let svg = super::svg(link).unwrap();
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{svg}");
        let blocks = super::blocks(link).unwrap();
        let lines: Vec<&str> = blocks.lines().collect();
        assert!(lines.iter().all(|line| line.chars().count() == lines[0].chars().count()));
        assert_eq!(lines.len(), lines[0].chars().count().div_ceil(2));
        assert!(lines[0].chars().all(|c| c == '█'), "the quiet zone is light");
    }
}
