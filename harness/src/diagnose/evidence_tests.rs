use super::*;

fn told<'a>(got: &'a str, after: &'a str) -> Told<'a> {
    Told {
        got,
        after,
        ..Told::default()
    }
}

fn pattern(attempts: &[&str]) -> Pattern {
    let (got, after) = attempts[0].split_once(',').unwrap();
    let rest: Vec<String> = attempts[1..].iter().map(|text| (*text).into()).collect();
    let told = Told {
        attempts: &rest,
        ..told(got, after)
    };
    Evidence::read(&told).unwrap().pattern()
}

#[test]
fn attempts_at_other_speeds_tell_time_from_size() {
    assert_eq!(pattern(&["600MB,300s"]), Pattern::Alone);
    assert_eq!(pattern(&["600MB,300s", "1.2GB,301s"]), Pattern::SameTime);
    assert_eq!(pattern(&["600MB,300s", "600MB,100s"]), Pattern::SameSize);
    assert_eq!(pattern(&["600MB,300s", "600MB,300s"]), Pattern::Repeated);
    assert_eq!(pattern(&["600MB,300s", "90MB,20s"]), Pattern::Neither);
}

#[test]
fn a_second_and_a_fiftieth_are_the_same_time_and_a_thousandth_the_same_size() {
    assert_eq!(pattern(&["1MB,10s", "2MB,11s"]), Pattern::SameTime);
    assert_eq!(pattern(&["1MB,10s", "2MB,11.1s"]), Pattern::Neither);
    assert_eq!(pattern(&["1MB,300s", "2MB,306s"]), Pattern::SameTime);
    assert_eq!(pattern(&["1MB,300s", "2MB,307s"]), Pattern::Neither);
    assert_eq!(pattern(&["1000kB,10s", "999kB,30s"]), Pattern::SameSize);
    assert_eq!(pattern(&["1000kB,10s", "998kB,30s"]), Pattern::Neither);
}

#[test]
fn nonsense_is_refused_with_the_option_it_stands_in() {
    let refused = |told: Told<'_>| Evidence::read(&told).unwrap_err().to_string();
    let one = ["600MB 300s".to_owned()];
    let zero = ["600MB,0s".to_owned()];
    for (told, says) in [
        (told("lots", "300s"), "--got: `lots` has no number"),
        (told("-6MB", "300s"), "--got: `-6MB` is negative"),
        (
            told("600mb", "300s"),
            "--got: `600mb` is no size here; did you mean 600MB?",
        ),
        (
            told("600MB", "300"),
            "--after: `300` has no unit; write for example 300s",
        ),
        (told("600MB", "-1s"), "--after: `-1s` is negative"),
        (told("600MB", "0s"), "--after: a download that took no time"),
        (
            Told {
                of: Some("500MB"),
                ..told("600MB", "1s")
            },
            "600MB arrived, more than the 500MB",
        ),
        (
            Told {
                of: Some("0"),
                ..told("0", "1s")
            },
            "--of: an object of 0 bytes",
        ),
        (
            Told {
                idle: Some("2s"),
                ..told("6MB", "1s")
            },
            "--idle 2s is longer than the whole attempt, 1s",
        ),
        (
            Told {
                error: Some(" "),
                ..told("6MB", "1s")
            },
            "--error is empty",
        ),
        (
            Told {
                attempts: &one,
                ..told("6MB", "1s")
            },
            "--attempt `600MB 300s` is not SIZE,TIME",
        ),
        (
            Told {
                attempts: &zero,
                ..told("6MB", "1s")
            },
            "--attempt: a download that took no time",
        ),
    ] {
        let error = refused(told);
        assert!(error.starts_with(says), "{error}");
    }
}

#[test]
fn all_of_it_is_not_more_than_all() {
    let told = Told {
        of: Some("600MB"),
        ..told("600MB", "3s")
    };
    assert!(Evidence::read(&told).unwrap().whole());
}

#[test]
fn what_repeats_in_part_is_no_pattern_of_all() {
    assert_eq!(
        pattern(&["600MB,300s", "1.2GB,300s", "600MB,150s"]),
        Pattern::Mixed
    );
    assert_eq!(
        pattern(&["600MB,300s", "600MB,150s", "1GB,100s"]),
        Pattern::Mixed
    );
    assert_eq!(
        pattern(&["600MB,300s", "90MB,20s", "1GB,100s"]),
        Pattern::Neither
    );
}

#[test]
fn bytes_that_came_in_no_time_are_refused() {
    let told = |got: &'static str| Told {
        got,
        after: "300s",
        idle: Some("300s"),
        ..Told::default()
    };
    let error = Evidence::read(&told("600MB")).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("leaves no time in which 600MB came"),
        "{error}"
    );
    // A hang before the first byte.
    assert!(Evidence::read(&told("0")).is_ok());
}
