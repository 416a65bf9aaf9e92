//! QR pictures as PNG. Drawn when they are sent, never stored.

use fast_qr::{ECL, QRBuilder};

/// Pixels a module.
const SCALE: usize = 10;
/// White modules around, as the standard asks.
const QUIET: usize = 4;

/// A black-and-white PNG of `text`; `None` when it is too long for a QR code.
#[must_use]
pub fn png(text: &str) -> Option<Vec<u8>> {
    let qr = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
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
}
