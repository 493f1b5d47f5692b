//! Programs that a preloaded library cannot reach, by their file.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

/// The start of an ELF file of 64 bits, little-endian (elf(5)).
const ELF: &[u8] = b"\x7fELF\x02\x01";

/// The type of the program header that names the dynamic loader (PT_INTERP).
const INTERPRETER: u32 = 3;

/// The mark of Go's linker in its programs, in `.go.buildinfo`.
const GO: &[u8] = b"\xff Go buildinf:";

/// The most bytes of a program that are searched for the mark.
const LONGEST: u64 = 256 << 20;

/// The bytes of one read.
const BLOCK: usize = 1 << 20;

/// The most scripts that name a script as their interpreter; Linux allows four.
const SCRIPT_DEPTH: usize = 4;

/// The reason why `program` would ignore a preloaded library; `None` if its file
/// shows none, or cannot be read.
pub(crate) fn hindrance(program: &Path) -> Option<&'static str> {
    let program = interpreter(program)?;
    let start = start(&program)?;
    if !start.starts_with(ELF) {
        return None;
    }
    match (names_loader(&start), is_go(&program)) {
        (_, true) => Some("a Go program reads the clock without libc"),
        (Some(false), _) => Some("a static program loads no library"),
        _ => None,
    }
}

/// The program that runs `file`: itself, or what `#!` names.
fn interpreter(file: &Path) -> Option<PathBuf> {
    let mut file = file.to_owned();
    for _ in 0..SCRIPT_DEPTH {
        let start = start(&file)?;
        let Some(line) = start.strip_prefix(b"#!") else {
            return Some(file);
        };
        let line = line.split(|byte| *byte == b'\n').next()?;
        let word = String::from_utf8_lossy(line);
        file = word.split_ascii_whitespace().next()?.into();
    }
    None
}

/// The first 64 KiB, which hold the program headers.
fn start(file: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(file).ok()?;
    file.take(1 << 16).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// True if an ELF file names a dynamic loader; `None` if its headers are not in
/// its first bytes.
fn names_loader(elf: &[u8]) -> Option<bool> {
    let number = |at: usize, len: usize| {
        let bytes = elf.get(at..at.checked_add(len)?)?;
        let value = bytes.iter().rev();
        Some(value.fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)))
    };
    let table = usize::try_from(number(32, 8)?).ok()?;
    let size = usize::try_from(number(54, 2)?).ok()?;
    let count = usize::try_from(number(56, 2)?).ok()?;
    for index in 0..count {
        let at = table.checked_add(index.checked_mul(size)?)?;
        if number(at, 4)? == u64::from(INTERPRETER) {
            return Some(true);
        }
    }
    Some(false)
}

fn is_go(program: &Path) -> bool {
    let Ok(file) = File::open(program) else {
        return false;
    };
    let mut file = file.take(LONGEST);
    let mut block = vec![0; BLOCK];
    let mut kept = 0;
    // Each block keeps the end of the one before: the mark may lie across both.
    while let Ok(read @ 1..) = file.read(&mut block[kept..]) {
        let filled = kept + read;
        let starts = block[..filled].iter().enumerate();
        let mut marks = starts.filter(|(_, byte)| **byte == GO[0]);
        if marks.any(|(at, _)| block[at..filled].starts_with(GO)) {
            return true;
        }
        kept = filled.min(GO.len() - 1);
        block.copy_within(filled - kept..filled, 0);
    }
    false
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn written(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("program");
        fs::write(&file, bytes).unwrap();
        (folder, file)
    }

    /// An ELF file with one program header.
    fn elf(kind: u8) -> Vec<u8> {
        let mut bytes = vec![0; 120];
        bytes[..ELF.len()].copy_from_slice(ELF);
        (bytes[32], bytes[54], bytes[56]) = (64, 56, 1);
        bytes[64] = kind;
        bytes
    }

    #[test]
    fn a_static_program_and_one_of_go_are_told_by_their_files() {
        let told = |bytes: &[u8]| {
            let (_folder, file) = written(bytes);
            hindrance(&file)
        };
        assert_eq!(told(&elf(3)), None);
        assert!(told(&elf(1)).unwrap().contains("static"));
        // Across two blocks.
        let mut go = elf(3);
        go.resize(BLOCK - 5, 0);
        go.extend(GO);
        assert!(told(&go).unwrap().contains("Go"));
    }

    #[test]
    fn the_interpreter_of_a_script_counts() {
        let (_folder, program) = written(&elf(1));
        let script = format!("#! {} -u\nprint()\n", program.display());
        let (_other, script) = written(script.as_bytes());
        assert!(hindrance(&script).unwrap().contains("static"));
    }

    #[test]
    fn what_cannot_be_read_hinders_nothing() {
        for bytes in [&b""[..], b"#!", b"#!/no/such\n", &elf(1)[..60], ELF] {
            let (_folder, file) = written(bytes);
            assert_eq!(hindrance(&file), None, "{bytes:?}");
        }
        assert_eq!(hindrance(Path::new("/no/such")), None);
    }

    #[test]
    fn a_script_that_names_itself_ends() {
        let (_folder, file) = written(b"");
        fs::write(&file, format!("#!{}\n", file.display())).unwrap();
        assert_eq!(hindrance(&file), None);
    }
}
