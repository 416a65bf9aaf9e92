//! One figure of a bench as a row of a table: the median of five runs with the minimum and the maximum.

/// How often each figure is taken.
pub const RUNS: usize = 5;

/// Prints the heading of the table.
pub fn head() {
    println!("{:<52} {:>10} {:<20} {:<6} target", "median of 5 (min–max)", "", "", "unit");
}

/// A figure of five runs.
pub struct Figure {
    name: &'static str,
    unit: &'static str,
    target: &'static str,
    pub runs: Vec<f64>,
}

impl Figure {
    pub const fn new(name: &'static str, unit: &'static str, target: &'static str) -> Self {
        Self { name, unit, target, runs: Vec::new() }
    }

    pub fn print(mut self) {
        self.runs.sort_by(f64::total_cmp);
        let (least, median, most) = (self.runs[0], self.runs[self.runs.len() / 2], self.runs[self.runs.len() - 1]);
        let digits = if median < 100.0 { 1 } else { 0 };
        let range = format!("({least:.digits$}–{most:.digits$})");
        println!("{:<52} {median:>10.digits$} {range:<20} {:<6} {}", self.name, self.unit, self.target);
    }
}
