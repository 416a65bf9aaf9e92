//! Rows for people: a table without lines, or a line per key for one object. Colour only where it is asked for.

use comfy_table::{Attribute, CellAlignment, Color, ContentArrangement, LineStyle, Table, TableStyle};

use super::{List, Voice};
use crate::cell::{Align, Cell, Column, Tone};

const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A list as a table with a last line: how many of all rows are shown, and in which time zone the times are.
pub(super) fn list<T>(list: &List<'_, T>, voice: &Voice, width: u16, color: bool) -> String {
    let mut table = bare(width, color);
    let columns = || list.columns.iter().filter(|column| !column.detail);
    table.set_header(columns().map(|column| heading(column, voice, color)));
    for item in list.items {
        table.add_row(columns().map(|column| cell(column, &(column.value)(item), voice, color)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 1));
    }
    let footer = footer(list, voice);
    let footer = if footer.is_empty() { footer } else { format!("{}\n", painted(&footer, Tone::Faint, color)) };
    format!("{}\n{footer}", table.trim_fmt())
}

fn bare(width: u16, color: bool) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    if color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table
}

fn heading<T>(column: &Column<T>, voice: &Voice, color: bool) -> comfy_table::Cell {
    let cell = aligned(comfy_table::Cell::new(voice.lang.text(column.title, &[])), column.align);
    if color { cell.add_attribute(Attribute::Bold) } else { cell }
}

fn cell<T>(column: &Column<T>, value: &Cell, voice: &Voice, color: bool) -> comfy_table::Cell {
    let cell = aligned(comfy_table::Cell::new(value.human(voice)), column.align);
    let paint = match value.tone() {
        Tone::Plain => return cell,
        Tone::Good => Color::Green,
        Tone::Warn => Color::Yellow,
        Tone::Bad => Color::Red,
        Tone::Faint => Color::DarkGrey,
    };
    if color { cell.fg(paint) } else { cell }
}

fn aligned(cell: comfy_table::Cell, align: Align) -> comfy_table::Cell {
    cell.set_alignment(match align {
        Align::Left => CellAlignment::Left,
        Align::Right => CellAlignment::Right,
    })
}

fn footer<T>(list: &List<'_, T>, voice: &Voice) -> String {
    let number = |count: u64| voice.lang.number(i64::try_from(count).unwrap_or(i64::MAX));
    let shown = list.items.len() as u64;
    let rest = (shown < list.total)
        .then(|| voice.lang.text("output.shown", &[("shown", &number(shown)), ("total", &number(list.total))]));
    let shown_time =
        |column: &Column<T>, item: &T| !column.detail && matches!((column.value)(item), Cell::Timestamp(_));
    let tells_time = |item: &T| list.columns.iter().any(|column| shown_time(column, item));
    let zone = list.items.iter().any(tells_time).then(|| zone_named(voice));
    rest.into_iter().chain(zone).collect::<Vec<_>>().join(" · ")
}

fn zone_named(voice: &Voice) -> String {
    voice.lang.text("output.zone", &[("zone", &voice.zone.name())])
}

/// One object as text: a line per column of the noun, with the headings below each other.
pub(super) fn one<T>(columns: &[Column<T>], item: &T, voice: &Voice, color: bool) -> String {
    let titles: Vec<String> = columns.iter().map(|column| voice.lang.text(column.title, &[])).collect();
    let width = titles.iter().map(|title| title.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    let mut tells_time = false;
    for (column, title) in columns.iter().zip(titles) {
        let value = (column.value)(item);
        tells_time |= matches!(value, Cell::Timestamp(_));
        let padding = " ".repeat(width.saturating_sub(title.chars().count()) + 2);
        let said = painted(&value.human(voice), value.tone(), color);
        text.push_str(&format!("{}{padding}{said}\n", painted(&title, Tone::Faint, color)));
    }
    let zone = tells_time.then(|| format!("{}\n", painted(&zone_named(voice), Tone::Faint, color)));
    text + &zone.unwrap_or_default()
}

/// `text` in the colour of `tone`, if colour is on.
pub(in crate::cli) fn painted(text: &str, tone: Tone, color: bool) -> String {
    let code = match tone {
        Tone::Good => "32",
        Tone::Warn => "33",
        Tone::Bad => "31",
        Tone::Faint => "90",
        Tone::Plain => return text.to_owned(),
    };
    if color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}
