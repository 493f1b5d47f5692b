//! `Accept-Encoding`: whether a client takes the codings of a body (RFC 9110,
//! section 12.5.3).

use crate::scenario::Coding;

/// Does the field take all of `codings`? Without the field any coding is taken, by an
/// empty one none. `x-gzip` is gzip (section 8.4.1.3).
pub(super) fn accepts(field: Option<&str>, codings: &[Coding]) -> bool {
    let Some(field) = field else {
        return true;
    };
    codings.iter().all(|coding| takes(field, *coding))
}

fn takes(field: &str, coding: Coding) -> bool {
    let mut by_star = false;
    for item in field.split(',') {
        let (name, weight) = item.split_once(';').unwrap_or((item, ""));
        let name = name.trim();
        let same = name.eq_ignore_ascii_case(coding.word())
            || (coding == Coding::Gzip && name.eq_ignore_ascii_case("x-gzip"));
        if same {
            return !is_zero(weight);
        }
        by_star |= name == "*" && !is_zero(weight);
    }
    by_star
}

/// Is it the weight 0, "not acceptable" (section 12.4.2)?
fn is_zero(weight: &str) -> bool {
    let value = weight.trim().strip_prefix(['q', 'Q']);
    let value = value.and_then(|rest| rest.trim_start().strip_prefix('='));
    value.is_some_and(|value| value.trim().parse() == Ok(0.0_f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coding_is_taken_where_the_field_says_so() {
        let gzip = [Coding::Gzip];
        for (field, taken) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5", true),
            ("x-gzip", true),
            ("*", true),
            ("identity;q=1, *;q=0", false),
            ("gzip;q=0, *", false),
            ("gzip; q = 0.000", false),
            ("br", false),
            ("", false),
        ] {
            assert_eq!(accepts(Some(field), &gzip), taken, "{field}");
        }
        assert!(accepts(None, &gzip));
        assert!(accepts(Some("br, gzip"), &[Coding::Gzip, Coding::Br]));
        assert!(!accepts(Some("gzip"), &[Coding::Gzip, Coding::Br]));
    }
}
