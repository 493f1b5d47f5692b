//! A scenario for a real file: a healthy download of it.

use std::{io, path::Path};

use super::{
    Body, Scenario,
    query::{encoded, quoted},
    read::{can_be_stated, is_free},
};
use crate::{body::ObjectFile, text::printable, units::ByteSize};

impl Scenario {
    /// A healthy download of the file at `path`, called as the file is. It is at
    /// `/NAME` too, unless the server has something else there.
    ///
    /// # Errors
    /// The file cannot be read or has no length, or its name is not UTF-8.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        let file = looked_at(path)?;
        let name = file.path.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        Ok(Self::of_looked_at(name, file))
    }

    /// The same under another name.
    ///
    /// # Errors
    /// As [`Scenario::of_file`], or the name cannot be a part of a path.
    pub fn of_file_called(name: &str, path: &Path) -> io::Result<Self> {
        if ["", ".", ".."].contains(&name) || name.contains('/') {
            let why = "a name is one part of a path: not empty, `.` or `..`, and without a slash";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        Ok(Self::of_looked_at(name.to_owned(), looked_at(path)?))
    }

    fn of_looked_at(name: String, file: ObjectFile) -> Self {
        let alias = is_free(&name).then(|| format!("/{name}"));
        let title = format!("the file {}", printable(&name));
        Self {
            text: text(&title, alias.as_deref(), &file).into(),
            title,
            cause: CAUSE.into(),
            name,
            alias: alias.into_iter().collect(),
            body: Body {
                size: ByteSize(file.size),
                file: Some(file),
                ..Body::default()
            },
            ..Self::default()
        }
    }

    /// The path at which the server has it, as a URL says it: `/NAME` where that is an
    /// alias, and `/s/NAME`.
    pub fn path(&self) -> String {
        let name = encoded(&self.name);
        let is_short = |alias: &String| alias.strip_prefix('/') == Some(&self.name);
        match self.alias.iter().any(is_short) {
            true => format!("/{name}"),
            false => format!("/s/{name}"),
        }
    }
}

const CAUSE: &str = "a real file";

fn looked_at(path: &Path) -> io::Result<ObjectFile> {
    let text = path
        .to_str()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path is not UTF-8"))?;
    ObjectFile::named(text).look(Path::new(""))
}

/// A scenario file with the same effect, for whoever wants to add to it. An alias that
/// files cannot have is left out.
fn text(title: &str, alias: Option<&str>, file: &ObjectFile) -> String {
    let alias = alias.filter(|path| can_be_stated(path));
    let alias = alias.map(|path| format!("alias = {}\n", quoted(path)));
    // It was looked at, so it is UTF-8.
    let path = file.path.to_string_lossy();
    format!(
        "title = {}\ncause = {}\n{}\n[body]\nfile = {}\n",
        quoted(title),
        quoted(CAUSE),
        alias.unwrap_or_default(),
        quoted(&path)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::load_file;

    #[test]
    fn a_file_is_a_scenario_of_its_name_and_size() {
        let folder = tempfile::tempdir().unwrap();
        for (name, alias, url) in [
            ("a.whl", Some("/a.whl"), "/a.whl"),
            ("a b+c.whl", Some("/a b+c.whl"), "/a%20b%2Bc.whl"),
            ("a?b", Some("/a?b"), "/a%3Fb"),
            ("a#b", Some("/a#b"), "/a%23b"),
            ("a*", Some("/a*"), "/a%2A"),
            ("100%25", Some("/100%25"), "/100%2525"),
            (
                "[1-3]{a,b}'",
                Some("/[1-3]{a,b}'"),
                "/%5B1-3%5D%7Ba%2Cb%7D%27",
            ),
            ("a\nb", Some("/a\nb"), "/a%0Ab"),
            (
                "\u{1b}[2J\u{e9}",
                Some("/\u{1b}[2J\u{e9}"),
                "/%1B%5B2J%C3%A9",
            ),
            ("s", None, "/s/s"),
            ("download", None, "/s/download"),
            ("expected", None, "/s/expected"),
            ("scenarios", Some("/scenarios"), "/scenarios"),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, "abc").unwrap();
            let scenario = Scenario::of_file(&path).unwrap();
            assert_eq!(scenario.name, name);
            assert_eq!(scenario.body.size, ByteSize(3));
            assert_eq!(scenario.alias.first().map(String::as_str), alias);
            assert_eq!(scenario.path(), url);
            // The text says the same.
            let file = folder.path().join("said.toml");
            std::fs::write(&file, scenario.text.as_bytes()).unwrap();
            let mut said = load_file(&file).unwrap();
            if !alias.is_some_and(can_be_stated) {
                assert!(said.alias.is_empty());
                said.alias.clone_from(&scenario.alias);
            }
            said.name = name.into();
            assert_eq!(said, scenario);
        }
        assert!(Scenario::of_file(folder.path()).is_err());
    }

    #[test]
    fn a_file_may_have_another_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        std::fs::write(&path, "abc").unwrap();
        let scenario = Scenario::of_file_called("other.whl", &path).unwrap();
        assert_eq!(scenario.name, "other.whl");
        assert_eq!(scenario.path(), "/other.whl");
        assert_eq!(scenario.body.file.unwrap().path, path);
        for wrong in ["", ".", "..", "a/b", "/"] {
            let error = Scenario::of_file_called(wrong, &path).unwrap_err();
            assert!(error.to_string().contains("one part of a path"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_with_a_length_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        for (path, why) in [
            (folder.path(), "it is a folder"),
            (&pipe, "a pipe or a device"),
            (&link, "a pipe or a device"),
            (Path::new("/dev/null"), "a pipe or a device"),
            (&folder.path().join("none"), "No such file"),
            #[cfg(target_os = "linux")]
            (Path::new("/proc/self/status"), "its length is unknown"),
        ] {
            let error = Scenario::of_file(path).unwrap_err().to_string();
            assert!(error.contains(why), "{}: {error}", path.display());
        }
    }
}
