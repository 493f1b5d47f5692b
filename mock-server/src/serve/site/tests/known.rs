use super::*;

#[test]
fn a_query_that_is_known_is_read_once_and_each_key_counts_by_itself() {
    let site = site(&[]);
    for (target, number) in [
        ("/download?size=7&key=a", 1),
        ("/download?size=7&key=b", 1),
        ("/download?key=a&size=7", 2),
        // The one without a key has met nobody.
        ("/download?size=7", 1),
        ("/download?size=7", 2),
        ("/download?size=7&key=b", 2),
    ] {
        assert_eq!(played(&site, target).next_request(), number, "{target}");
    }
    let objects = ["a", "b"].map(|key| played(&site, &format!("/download?size=7&key={key}")));
    assert!(Rc::ptr_eq(&objects[0].scenario, &objects[1].scenario));
    // What makes a query wrong is found in one that is known, too.
    for (target, mistake) in [
        ("/download?size=7&key=a&key=a", "twice"),
        ("/download?size=7&key=", "key"),
        ("/download?size=7&key=%zz", "key"),
        ("/download?size=7&key", "key"),
    ] {
        let (status, text) = said(&site, target, "");
        assert!(status == 400 && text.contains(mistake), "{target}: {text}");
    }
}
