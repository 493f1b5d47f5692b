//! Dates of HTTP in each of their three forms (RFC 9110, section 5.6.7).

use crate::clock::Date;

const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// A year of two digits is at most so many years in the future.
const FUTURE: i64 = 50;

/// A date and a time, read but not compared with a calendar.
struct Stated<'a> {
    weekday: &'a str,
    year: Year,
    month: &'a str,
    day: &'a str,
    time: &'a str,
}

/// A year as it is written.
enum Year {
    Whole(i64),
    /// Its last two digits.
    Short(i64),
}

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Day {
    year: i64,
    /// From 1.
    month: i64,
    /// From 1.
    day: i64,
}

/// The seconds from 1970 to the date in `text`, read at the time `now`; `None` if it is
/// none. A leap second is the one that follows it.
pub(super) fn seconds(text: &str, now: Date) -> Option<i64> {
    let text = text.trim();
    let stated = fixdate(text)
        .or_else(|| rfc850(text))
        .or_else(|| asctime(text))?;
    let month = MONTHS.iter().position(|month| *month == stated.month)?;
    let time = time(stated.time)?;
    let mut day = Day {
        year: 0,
        month: month as i64 + 1,
        day: digits(stated.day)?,
    };
    day.year = match stated.year {
        Year::Whole(year) => year,
        Year::Short(two) => nearest(two, (day, time), now),
    };
    if !(1..=day.days_in_month()).contains(&day.day) {
        return None;
    }
    let days = day.since_1970();
    // 1970 began on a Thursday.
    let weekday = DAYS[(days + 4).rem_euclid(7) as usize];
    let is_it = stated.weekday == weekday || stated.weekday == &weekday[..3];
    is_it.then_some(days * SECONDS_A_DAY + time)
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
fn fixdate(text: &str) -> Option<Stated<'_>> {
    let (weekday, rest) = text.split_once(", ")?;
    let mut parts = rest.strip_suffix(" GMT")?.split(' ');
    let (day, month, year, time) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    (weekday.len() == 3 && day.len() == 2 && year.len() == 4 && parts.next().is_none()).then_some(
        Stated {
            weekday,
            year: Year::Whole(digits(year)?),
            month,
            day,
            time,
        },
    )
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`
fn rfc850(text: &str) -> Option<Stated<'_>> {
    let (weekday, rest) = text.split_once(", ")?;
    let (date, time) = rest.strip_suffix(" GMT")?.split_once(' ')?;
    let mut parts = date.split('-');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    (weekday.len() > 3 && day.len() == 2 && year.len() == 2 && parts.next().is_none()).then_some(
        Stated {
            weekday,
            year: Year::Short(digits(year)?),
            month,
            day,
            time,
        },
    )
}

/// `Sun Nov  6 08:49:37 1994`
fn asctime(text: &str) -> Option<Stated<'_>> {
    let (weekday, month, day) = (text.get(..3)?, text.get(4..7)?, text.get(8..10)?);
    let (time, year) = (text.get(11..19)?, text.get(20..)?);
    let is_space = |at: usize| text.as_bytes()[at] == b' ';
    ([3, 7, 10, 19].into_iter().all(is_space) && year.len() == 4).then_some(Stated {
        weekday,
        year: Year::Whole(digits(year)?),
        month,
        day: day.strip_prefix(' ').unwrap_or(day),
        time,
    })
}

/// The seconds of a day at `08:49:37`; at most a minute has 60.
fn time(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let mut part = |most: i64| {
        let part = parts.next().filter(|part| part.len() == 2)?;
        digits(part).filter(|number| *number <= most)
    };
    let (hour, minute, second) = (part(23)?, part(59)?, part(60)?);
    (parts.next().is_none()).then_some((hour * 60 + minute) * 60 + second)
}

/// At most four digits, and nothing else.
fn digits(text: &str) -> Option<i64> {
    let all = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| all)
}

/// The year that ends with `two` digits: the last one that is at most 50 years in the
/// future, for that day and time of a year.
fn nearest(two: i64, (day, time): (Day, i64), now: Date) -> i64 {
    let now = i64::try_from(now.seconds()).unwrap_or(i64::MAX / 2);
    let today = Day::at(now.div_euclid(SECONDS_A_DAY));
    let latest = today.year + FUTURE;
    let year = latest - (latest - two).rem_euclid(100);
    let of_year = (day.month, day.day, time);
    let is_later = of_year > (today.month, today.day, now.rem_euclid(SECONDS_A_DAY));
    match year == latest && is_later {
        true => year - 100,
        false => year,
    }
}

impl Day {
    /// The day that so many days from 1 January 1970 is. Years are counted from March on,
    /// so that the leap day is their last, and 400 of them have 146,097 days.
    fn at(days: i64) -> Self {
        let days = days + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let from_march = (5 * of_year + 2) / 153;
        let month = (from_march + 2) % 12 + 1;
        Self {
            year: year + era * 400 + i64::from(month <= 2),
            month,
            day: of_year - (153 * from_march + 2) / 5 + 1,
        }
    }

    /// Days from 1 January 1970 to it.
    fn since_1970(self) -> i64 {
        let year = self.year - i64::from(self.month <= 2);
        let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let from_march = (self.month + 9) % 12;
        let of_year = (153 * from_march + 2) / 5 + self.day - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }

    fn days_in_month(self) -> i64 {
        let year = self.year;
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        match self.month {
            2 => 28 + i64::from(is_leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 28 November 2026, 12:00.
    const NOW: Date = Date::at(1_795_867_200);

    proptest! {
        #[test]
        fn what_is_written_is_read_back(at in 0u64..253_402_300_800) {
            let written = Date::at(at).to_http();
            prop_assert_eq!(seconds(&written, NOW), Some(at as i64));
            let day = Day::at(at as i64 / SECONDS_A_DAY);
            prop_assert_eq!(day.since_1970(), at as i64 / SECONDS_A_DAY);
        }

        #[test]
        fn no_text_panics(text in ".{0,40}", near in "[A-Za-z]{3,9},? ?[-A-Z0-9a-z: é]{15,26}( GMT)?") {
            seconds(&text, NOW);
            seconds(&near, NOW);
        }
    }

    #[test]
    fn each_form_says_the_same_time() {
        // The examples of RFC 9110, section 5.6.7.
        for form in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun Nov 06 08:49:37 1994",
        ] {
            assert_eq!(seconds(form, NOW), Some(784_111_777), "{form}");
        }
        assert_eq!(seconds("Wed, 31 Dec 1969 23:59:59 GMT", NOW), Some(-1));
        assert_eq!(
            seconds("Thu, 29 Feb 2024 00:00:00 GMT", NOW),
            Some(1_709_164_800)
        );
    }

    #[test]
    fn a_leap_second_is_a_time() {
        let leap = seconds("Sat, 31 Dec 2016 23:59:60 GMT", NOW);
        assert_eq!(leap, seconds("Sun, 01 Jan 2017 00:00:00 GMT", NOW));
        assert!(leap.is_some());
    }

    #[test]
    fn two_digits_mean_the_last_year_that_is_at_most_50_years_ahead() {
        assert_eq!(NOW.to_http(), "Sat, 28 Nov 2026 12:00:00 GMT");
        for (short, whole) in [
            (
                "Saturday, 28-Nov-76 12:00:00 GMT",
                "Sat, 28 Nov 2076 12:00:00 GMT",
            ),
            (
                "Sunday, 28-Nov-76 12:00:01 GMT",
                "Sun, 28 Nov 1976 12:00:01 GMT",
            ),
            (
                "Tuesday, 01-Jan-75 00:00:00 GMT",
                "Tue, 01 Jan 2075 00:00:00 GMT",
            ),
            (
                "Friday, 01-Jan-99 00:00:00 GMT",
                "Fri, 01 Jan 1999 00:00:00 GMT",
            ),
            (
                "Tuesday, 29-Feb-00 00:00:00 GMT",
                "Tue, 29 Feb 2000 00:00:00 GMT",
            ),
        ] {
            assert_eq!(seconds(short, NOW), seconds(whole, NOW), "{short}");
            assert!(seconds(whole, NOW).is_some(), "{whole}");
        }
        // The same digits later, when another year is the last.
        let later = Date::at(4_000_000_000);
        let whole = seconds("Tue, 01 Jan 2097 00:00:00 GMT", later);
        assert_eq!(seconds("Tuesday, 01-Jan-97 00:00:00 GMT", later), whole);
        assert!(whole.is_some());
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "yesterday",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 94 08:49:37 GMT",
            "Sun, 06-Nov-94 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:00 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT",
            "Sun, 06 Nov 1994 8:49:37 GMT",
            "Sun, +6 Nov 1994 08:49:37 GMT",
            "Mon, 30 Feb 2026 00:00:00 GMT",
            "Thu, 00 Jan 1970 00:00:00 GMT",
            "Sun Nov  6 08:49:37 94",
            "Sun Nov  6 08:49:37 1994 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(seconds(text, NOW), None, "{text}");
        }
    }
}
