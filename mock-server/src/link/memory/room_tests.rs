//! The ends of reads, the room of the server, and the window that the client
//! announces.

use std::future::poll_fn;

use tokio::io::AsyncReadExt as _;

use super::{
    tests::{plain, simulate, write},
    *,
};

/// The reads of a client of a server that writes a head, which may wait for the
/// body, the body, and a trailer.
fn reads(reads: Reads, notsent_lowat: Option<u64>) -> Vec<String> {
    let sockets = Sockets {
        notsent_lowat: notsent_lowat.map(ByteSize),
        ..Sockets::default()
    };
    simulate(|clock| async move {
        let (mut wire, mut stream) = connect(clock, &sockets, None);
        stream.set_reads(reads);
        for (text, more) in [("head", true), ("body", false), ("end", false)] {
            let mut from = Bytes::from_static(text.as_bytes());
            while !from.is_empty() {
                let written = poll_fn(|cx| wire.poll_write(cx, &mut from, more)).await;
                assert!(written.unwrap() > 0);
            }
        }
        drop(wire);
        let mut reads = Vec::new();
        loop {
            let mut buffer = [0; 64];
            let read = stream.read(&mut buffer).await.unwrap();
            if read == 0 {
                return reads;
            }
            reads.push(String::from_utf8_lossy(&buffer[..read]).into_owned());
        }
    })
}

#[test]
fn a_read_ends_where_it_is_told_to_and_the_bytes_stay_the_same() {
    assert_eq!(reads(Reads::BehindAll, None), ["headbodyend"]);
    assert_eq!(reads(Reads::BehindEachWrite, None), ["headbody", "end"]);
    assert_eq!(reads(Reads::Within(5), None), ["headb", "odyen", "d"]);
    let writes = ["hea", "dbod", "y", "end"];
    assert_eq!(reads(Reads::BehindEachWrite, Some(3)), writes);
}

#[test]
fn a_server_writes_no_more_than_its_notsent_lowat_while_the_window_is_closed() {
    let sockets = Sockets {
        client_receive: Some(ByteSize(2048)),
        notsent_lowat: Some(ByteSize(128)),
        ..Sockets::default()
    };
    simulate(|clock| async move {
        let (mut wire, mut stream) = connect(clock, &sockets, None);
        let mut written = 0;
        loop {
            match write(&mut wire, &[0; 1000]).unwrap() {
                0 => break,
                n => written += n,
            }
        }
        // As much as the client's buffer holds, and what may be unsent.
        assert_eq!(written, 4096 + 128);
        assert_eq!(wire.counters().unwrap().unsent, 128);
        stream.read_exact(&mut [0; 150]).await.unwrap();
        assert_eq!(write(&mut wire, &[0; 1000]).unwrap(), 128);
    });
}

#[test]
fn a_head_that_fills_notsent_lowat_leaves_before_the_body_that_it_waits_for() {
    let reads = |notsent_lowat, reads| {
        let sockets = Sockets {
            notsent_lowat,
            ..Sockets::default()
        };
        simulate(|clock| async move {
            let (mut wire, mut stream) = connect(clock, &sockets, None);
            stream.set_reads(reads);
            let writing = tokio::task::spawn_local(async move {
                for (text, more) in [("head", true), ("body", false)] {
                    let mut from = Bytes::from_static(text.as_bytes());
                    while !from.is_empty() {
                        let written = poll_fn(|cx| wire.poll_write(cx, &mut from, more)).await;
                        assert!(written.unwrap() > 0);
                    }
                }
            });
            let mut buffer = [0; 64];
            let read = stream.read(&mut buffer).await.unwrap();
            writing.await.unwrap();
            String::from_utf8_lossy(&buffer[..read]).into_owned()
        })
    };
    let usual = Reads::BehindAll;
    assert_eq!(reads(None, usual), "headbody");
    assert_eq!(reads(Some(ByteSize(5)), usual), "headbody");
    assert_eq!(reads(Some(ByteSize(4)), usual), "head");
    assert_eq!(reads(Some(ByteSize(2)), usual), "he");
    // A client that is slower than that sees nothing of it.
    assert_eq!(reads(Some(ByteSize(2)), Reads::BehindAMoment), "headbody");
}

/// Of a client that reads 8 KiB at a time: what it has read when its kernel
/// speaks. Measured on Linux 6 with a buffer of 128 KiB, which counts segments
/// of 64 KiB as a whole: 60,000 bytes nothing, 86,173 bytes once.
#[test]
fn a_client_that_had_filled_half_of_its_buffer_tells_of_its_window_when_it_is_twice_as_large() {
    let spoken = |bytes: usize| {
        simulate(|clock| async move {
            let (mut wire, mut stream) = plain(clock);
            assert_eq!(write(&mut wire, &vec![0; bytes]).unwrap(), bytes);
            let (mut spoken, mut read) = (Vec::new(), 0);
            let mut before = wire.counters().unwrap().segments_in;
            while read < bytes {
                read += stream.read(&mut [0; 8 << 10]).await.unwrap();
                let now = wire.counters().unwrap().segments_in;
                if now > before {
                    spoken.push(read >> 10);
                    before = now;
                }
            }
            spoken
        })
    };
    assert_eq!(spoken(60_000), [0; 0]);
    assert_eq!(spoken(86_173), [48]);
    assert_eq!(spoken(300_000), [168, 176, 192, 224, 288]);
}
