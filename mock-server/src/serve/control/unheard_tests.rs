use serde_json::Value;

use super::{super::answer::Answer, *};

/// The answer to `sent`, and the status of the sentence. Behind the last input the
/// client waits, and the clock runs ahead.
async fn asked(sent: &[u8]) -> (String, Option<u16>) {
    let (mut client, server) = tokio::io::duplex(64 << 10);
    client.write_all(sent).await.unwrap();
    let answer = async |_| Ok(Answer::text(200, "text/plain", "fine").into_response());
    let serve = serve(server, Clock::simulated(), answer);
    let read = async {
        let mut all = String::new();
        client.read_to_string(&mut all).await.unwrap();
        all
    };
    let (status, all) = tokio::join!(serve, read);
    (all, status)
}

#[tokio::test(start_paused = true)]
async fn what_is_no_order_gets_a_sentence_with_its_place_and_a_remedy() {
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(101));
    for (sent, status, sentence) in [
        (
            &b"GET / HTTP/1.1\r\nHost: a\r\nHo st: b\r\n\r\n"[..],
            400,
            "the request head is malformed: a field name, in its line 3: `Ho st: b`",
        ),
        (
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            400,
            "the request is not HTTP/1.0 or HTTP/1.1, in its line 1: `PRI * HTTP/2.0`",
        ),
        (b"\x16\x03\x01\x02\r\n\r\n", 400, "this is a TLS handshake"),
        (
            b"GET / HTTP/1.1\r\nA: \x1b[2J\r\n\r\n",
            400,
            ", in its line 2",
        ),
        (b"hello\r\n\r\n", 400, ", in its line 1: `hello`"),
        (
            many.as_bytes(),
            431,
            "the request head has more than 100 fields",
        ),
        (
            b"GET / HTTP/1.1\r\nHost: a",
            408,
            "the head of the order did not come whole within 30 s",
        ),
    ] {
        let (all, said) = asked(sent).await;
        let (head, body) = all.split_once("\r\n\r\n").expect(sentence);
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{all}");
        let body: Value = serde_json::from_str(body).expect(&all);
        let error = body["error"].as_str().unwrap();
        assert!(error.contains(sentence), "{error}");
        assert!(body["help"].as_str().unwrap().contains("HTTP/1.1"), "{all}");
        assert_eq!(said, Some(status));
    }
}

#[tokio::test(start_paused = true)]
async fn who_begins_no_order_gets_no_word_and_an_order_its_answer() {
    assert_eq!(asked(b"").await, (String::new(), None));
    let (all, said) = asked(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(
        all.starts_with("HTTP/1.1 200 ") && all.ends_with("\r\n\r\nfine"),
        "{all}"
    );
    assert_eq!(said, None);
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_behind_an_order_has_an_answer_of_its_own() {
    let (all, said) = asked(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nwrong\r\n\r\n").await;
    assert!(all.contains("\r\n\r\nfineHTTP/1.1 400 "), "{all}");
    assert!(all.contains("\"error\""), "{all}");
    assert_eq!(said, Some(400));
}
