//! QR codes as pictures: PNG for a chat, SVG and a PDF page for paper, blocks of characters for a terminal. They are
//! drawn when they are needed and never stored.

use std::fmt::Write;

use fast_qr::convert::{Builder, svg::SvgBuilder};
use fast_qr::{ECL, QRBuilder, QRCode};

/// How many pixels one module (square) of the QR code is wide.
const SCALE: usize = 10;
/// The width of the white margin in modules (squares), as the QR standard demands.
const QUIET: usize = 4;

/// The QR code of `text` as a black-and-white PNG; `None` when the text is too long for a QR code.
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
            // Each pixel is one bit, 1 = white. The bits that fill the last byte of a row are white, too.
            let bits = (0..8).map(|bit| (byte * 8 + bit >= side) || !dark(byte * 8 + bit, y));
            rows.push(bits.fold(0u8, |byte, white| byte << 1 | u8::from(white)));
        }
    }
    encode(u32::try_from(side).ok()?, &rows)
}

/// The QR code of `text` as SVG, which scales to any size; `None` when the text is too long.
#[must_use]
pub fn svg(text: &str) -> Option<String> {
    Some(SvgBuilder::default().margin(QUIET).to_str(&made(text)?) + "\n")
}

/// The QR code of `text` as lines of half blocks, dark on light, for a terminal; `None` when the text is too long.
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

/// The QR code of `text` on an A4 page, as vectors, and the text below it in a monospaced font; a PDF of one page. The
/// printed text has only the ASCII characters: others would need a font inside the file. `None` when the text is too
/// long for a QR code.
#[must_use]
pub fn poster(text: &str) -> Option<Vec<u8>> {
    let qr = made(text)?;
    let mut ink = String::from("0 g\n");
    for y in 0..qr.size {
        for x in (0..qr.size).filter(|x| qr.data.get(y * qr.size + x).is_some_and(|module| module.value())) {
            let _ = writeln!(ink, "{x} {} 1 1 re", qr.size - 1 - y);
        }
    }
    // A4 is 595 × 842 points; the picture is 420 wide, its lower left corner at (87.5, 280).
    let (scale, letters) = (420.0 / qr.size as f64, text.chars().filter(|c| (' '..='~').contains(c)));
    let shown: String = letters.flat_map(|c| "\\()".contains(c).then_some('\\').into_iter().chain([c])).collect();
    // In Courier each character is six tenths of its height wide.
    let size = (460.0 / (0.6 * text.len().max(1) as f64)).min(18.0);
    let left = 297.5 - 0.3 * size * text.len() as f64;
    let page = format!(
        "q\n{scale:.4} 0 0 {scale:.4} 87.5 280 cm\n{ink}f\nQ\nBT /F1 {size:.2} Tf {left:.2} 230 Td ({shown}) Tj ET\n"
    );
    Some(pdf(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{page}endstream", page.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>".to_owned(),
    ]))
}

/// A PDF file with these objects, numbered from 1; the first object must be the document's catalogue.
fn pdf(objects: &[String]) -> Vec<u8> {
    let mut file = String::from("%PDF-1.4\n");
    let mut places = String::new();
    for (number, object) in (1..).zip(objects) {
        let _ = writeln!(places, "{:010} 00000 n ", file.len());
        let _ = writeln!(file, "{number} 0 obj\n{object}\nendobj");
    }
    let (start, count) = (file.len(), objects.len() + 1);
    let _ = write!(file, "xref\n0 {count}\n0000000000 65535 f \n{places}");
    let _ = write!(file, "trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    file.into_bytes()
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
    fn a_poster_is_a_pdf_whose_parts_lie_where_it_says() {
        let link = "https://t.me/dvorik_bot?start=ref_(leaflet)";
        let file = String::from_utf8(super::poster(link).unwrap()).unwrap();
        assert!(file.starts_with("%PDF-1.4\n") && file.ends_with("%%EOF\n"));
        assert!(file.contains("(https://t.me/dvorik_bot?start=ref_\\(leaflet\\)) Tj"), "{file}");
        let start: usize = file.split("startxref\n").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
        assert!(file[start..].starts_with("xref\n0 6\n"));
        for (number, line) in (1..6).zip(file[start..].lines().skip(3)) {
            let place: usize = line[..10].parse().unwrap();
            assert_eq!((line.len(), file[place..].starts_with(&format!("{number} 0 obj\n"))), (19, true), "{line}");
        }
        let stream = file.split("stream\n").nth(1).unwrap().len() - "end".len();
        assert!(file.contains(&format!("/Length {stream} ")), "{stream}");
        let dark = super::made(link).unwrap().data.iter().filter(|module| module.value()).count();
        assert!(dark >= file.matches(" 1 1 re\n").count() && file.matches(" 1 1 re\n").count() > 200);
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
