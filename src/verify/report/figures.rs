//! Numbers as people read them.

/// Width of a bar in characters.
const BAR: usize = 32;

/// Megabytes (10⁶ bytes) with one decimal and a comma between thousands: `1,750.4 MB`.
pub fn megabytes(bytes: u64) -> String {
    let tenths = (bytes + 50_000) / 100_000;
    format!("{}.{} MB", thousands(tenths / 10), tenths % 10)
}

/// `24,301`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What `part` is of `whole`: `13.0 %`.
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_string();
    }
    format!("{:.1} %", part as f64 * 100.0 / whole as f64)
}

/// `12.3 s`, `2 min 5 s`.
pub fn seconds(seconds: f64) -> String {
    if seconds < 120.0 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    format!("{} min {} s", whole / 60, whole % 60)
}

/// A bar as long as `part` is of `whole`, in eighths of a character, and spaces up to the full width.
pub fn bar(part: u64, whole: u64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let share = match whole {
        0 => 0.0,
        whole => (part as f64 / whole as f64).min(1.0),
    };
    let mut eighths = (share * (BAR * 8) as f64).round() as usize;
    // What is there at all is seen.
    if part > 0 {
        eighths = eighths.max(1);
    }
    let mut text = "█".repeat(eighths / 8);
    text.push_str(EIGHTHS.get(eighths % 8).copied().unwrap_or_default());
    let drawn = text.chars().count();
    text.push_str(&" ".repeat(BAR.saturating_sub(drawn)));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(megabytes(1_750_449_999), "1,750.4 MB");
        assert_eq!(megabytes(49_999), "0.0 MB");
        assert_eq!(thousands(24_301), "24,301");
        assert_eq!(thousands(999), "999");
        assert_eq!(percent(13, 100), "13.0 %");
        assert_eq!(percent(1, 0), "–");
        assert_eq!(seconds(12.34), "12.3 s");
        assert_eq!(seconds(125.2), "2 min 5 s");
    }

    #[test]
    fn bars_have_one_width() {
        assert_eq!(bar(1, 1), "█".repeat(32));
        assert_eq!(bar(0, 1), " ".repeat(32));
        assert_eq!(bar(1, 100_000).trim_end(), "▏");
        assert_eq!(bar(3, 2), "█".repeat(32));
        assert!((0..50).all(|part| bar(part, 49).chars().count() == 32));
    }
}
