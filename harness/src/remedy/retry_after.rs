//! `Retry-After` in both forms (RFC 9110, section 10.2.3).

use std::time::Duration;

use crate::client::{Fields, digits};

/// The time that a response asks to wait, from its `Date` on where it names a date.
/// `None` without the field, or where it is neither form. A date that has passed is zero.
pub fn retry_after(fields: &Fields) -> Option<Duration> {
    let field = fields.get("retry-after")?.trim();
    if !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_digit()) {
        // The grammar has no longest number; what is none here is longer than any limit.
        let seconds = digits(field.as_bytes()).unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(field).ok()?;
    let from = httpdate::parse_http_date(fields.get("date")?).ok()?;
    Some(until.duration_since(from).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_count_and_all_else_says_nothing() {
        let read = |fields: &[(&str, &str)]| retry_after(&fields.iter().copied().collect());
        let date = ("date", "Mon, 02 Nov 2026 10:00:00 GMT");
        assert_eq!(
            read(&[("retry-after", "120")]),
            Some(Duration::from_secs(120))
        );
        let later = ("retry-after", "Mon, 02 Nov 2026 10:00:30 GMT");
        assert_eq!(read(&[later, date]), Some(Duration::from_secs(30)));
        assert_eq!(read(&[later]), None);
        let earlier = ("retry-after", "Mon, 02 Nov 2026 09:00:00 GMT");
        assert_eq!(read(&[earlier, date]), Some(Duration::ZERO));
        assert_eq!(
            read(&[("retry-after", "99999999999999999999")]),
            Some(Duration::from_secs(u64::MAX))
        );
        for nothing in ["", "-1", "1.5", "soon"] {
            assert_eq!(read(&[("retry-after", nothing), date]), None, "{nothing}");
        }
        assert_eq!(read(&[]), None);
    }
}
