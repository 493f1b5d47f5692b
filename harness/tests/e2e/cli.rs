//! The output of the program, word for word. After an intended change:
//! `TRYCMD=overwrite cargo test -p shortread --test e2e cli`, and read the diff.

#[test]
fn the_program_prints_what_the_snapshots_say() {
    trycmd::TestCases::new()
        .register_bin(
            "shortread",
            trycmd::schema::Bin::Path(env!("CARGO_BIN_EXE_shortread").into()),
        )
        // As wide and as plain on every machine.
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .env("CLICOLOR_FORCE", "0")
        .case("tests/cmd/*.trycmd")
        .case("../README.md");
}
