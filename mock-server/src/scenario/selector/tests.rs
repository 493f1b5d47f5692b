use super::*;

fn selector(set: impl FnOnce(&mut Selector)) -> Selector {
    let mut selector = Selector::default();
    set(&mut selector);
    selector
}

#[test]
fn what_is_not_set_selects_everything() {
    assert!(Selector::default().is_all());
    assert!(Selector::default().selects(&RequestFacts::FIRST));
}

#[test]
fn each_setting_must_hold() {
    let all = selector(|s| {
        s.request = Some("2..".parse().unwrap());
        s.connection = Some("1".parse().unwrap());
        s.position = Some("2".parse().unwrap());
        s.attempt = Some(Attempt::Resumption);
        s.time = Some("1s..".parse().unwrap());
        s.method = Some("HEAD".into());
        s.protocol = Some(Protocol::Http10);
        s.path = Some("/a/*".parse().unwrap());
    });
    let facts = RequestFacts {
        request: 2,
        connection: 1,
        position: 2,
        attempt: Attempt::Resumption,
        time: Duration::from_secs(1),
        method: "HEAD",
        protocol: Protocol::Http10,
        path: "/a/b",
    };
    assert!(all.selects(&facts));
    let first = RequestFacts::FIRST;
    for other in [
        RequestFacts {
            request: first.request,
            ..facts
        },
        RequestFacts {
            connection: 2,
            ..facts
        },
        RequestFacts {
            position: first.position,
            ..facts
        },
        RequestFacts {
            attempt: first.attempt,
            ..facts
        },
        RequestFacts {
            time: first.time,
            ..facts
        },
        RequestFacts {
            method: first.method,
            ..facts
        },
        RequestFacts {
            protocol: first.protocol,
            ..facts
        },
        RequestFacts {
            path: first.path,
            ..facts
        },
    ] {
        assert!(!all.selects(&other), "{other:?}");
    }
}

#[test]
fn the_wider_of_two_covers_the_other() {
    let of = |text: &str| selector(|s| s.request = Some(text.parse().unwrap()));
    let get = selector(|s| s.method = Some("GET".into()));
    assert!(Selector::default().covers(&get) && !get.covers(&Selector::default()));
    assert!(of("2..").covers(&of("3")) && !of("3").covers(&of("2..")));
    assert!(of("1..").covers(&get) && of("1..").covers(&Selector::default()));
    assert!(!of("2..").covers(&get));
    assert!(of("every 3").covers(&of("6")) && !of("every 3").covers(&of("7")));
    assert!(of("every 2").covers(&of("every 4")) && !of("every 4").covers(&of("every 2")));
    let at_start = Selector {
        time: Some("..10s".parse().unwrap()),
        ..Selector::default()
    };
    assert!(at_start.covers(&of("1")) && !at_start.covers(&of("2")));
    let sooner = Selector {
        time: Some("..5s".parse().unwrap()),
        ..Selector::default()
    };
    assert!(at_start.covers(&sooner) && !sooner.covers(&at_start));
    let together = |all: &[&Selector], other: &Selector| Selector::cover_together(all, other);
    assert!(together(&[&of("1..2"), &of("3..")], &Selector::default()));
    assert!(together(&[&of("5.."), &of("1..4")], &of("2..9")));
    assert!(!together(&[&of("1..2"), &of("4..")], &Selector::default()));
    assert!(!together(
        &[&of("1..2"), &of("every 3")],
        &Selector::default()
    ));
    let attempt = |attempt| Selector {
        attempt: Some(attempt),
        ..Selector::default()
    };
    let (first, again) = (attempt(Attempt::First), attempt(Attempt::Resumption));
    assert!(together(&[&first, &again], &Selector::default()));
    assert!(together(&[&first, &again], &get));
    assert!(!together(&[&first], &Selector::default()));
}

#[test]
fn it_counts_the_downloads_that_it_selects() {
    let second = selector(|s| s.request = Some(Ordinals::only(2)));
    assert_eq!((second.among(1), second.among(3)), (0, 1));
    let resumed = selector(|s| s.attempt = Some(Attempt::Resumption));
    assert_eq!(resumed.among(9), 0);
    assert_eq!(Selector::default().among(9), 9);
}

#[test]
fn people_read_what_it_selects() {
    let text = selector(|s| {
        s.request = Some("2..".parse().unwrap());
        s.position = Some("1".parse().unwrap());
        s.attempt = Some(Attempt::First);
        s.time = Some("..30s".parse().unwrap());
        s.method = Some("GET".into());
        s.protocol = Some(Protocol::Http11);
    });
    assert_eq!(
        text.to_string(),
        "request 2 and later, request 1 of its connection, without Range, in the first 30 s, GET, \
         HTTP/1.1"
    );
}
