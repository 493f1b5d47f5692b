//! What a call panics with, and that it blames the line of who calls.

use std::{
    cell::RefCell,
    panic::{self, AssertUnwindSafe},
    sync::Once,
};

thread_local! {
    /// The file and line of this thread's last panic.
    static PLACE: RefCell<(String, u32)> = RefCell::default();
}

/// Runs `work`, which must panic, and returns the message and its place.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> (String, (String, u32)) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |told| {
            if let Some(place) = told.location() {
                PLACE.set((place.file().to_owned(), place.line()));
            }
            before(told);
        }));
    });
    let payload = match panic::catch_unwind(AssertUnwindSafe(work)) {
        Ok(_) => panic!("it did not panic"),
        Err(payload) => payload,
    };
    let text = match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => (*payload.downcast::<&str>().unwrap()).to_owned(),
    };
    (text, PLACE.take())
}

/// The message of the panic of an expression of one line, which must be blamed.
macro_rules! said {
    ($call:expr) => {{
        let (text, place) = $crate::testing::panics::caught(|| $call);
        assert_eq!(place, (file!().to_owned(), line!()), "{text}");
        text
    }};
}
pub(super) use said;
