//! A scenario for a real file: a healthy download of it.

use std::{io, path::Path};

use super::{Body, Scenario, read::is_alias};
use crate::{body::ObjectFile, units::ByteSize};

impl Scenario {
    /// A healthy download of the file at `path`, called as the file is. It is at
    /// `/NAME` too, unless the server has something else there.
    ///
    /// # Errors
    /// The file cannot be read, or its name is not UTF-8.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        let path_text = path
            .to_str()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path is not UTF-8"))?;
        let file = ObjectFile::named(path_text).look(Path::new(""))?;
        let name = file.path.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        let alias = format!("/{name}");
        Ok(Self {
            title: format!("the file {name}"),
            cause: "a real file".into(),
            name,
            alias: Some(alias)
                .filter(|path| is_alias(path))
                .into_iter()
                .collect(),
            body: Body {
                size: ByteSize(file.size),
                file: Some(file),
                ..Body::default()
            },
            ..Self::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_a_scenario_of_its_name_and_size() {
        let folder = tempfile::tempdir().unwrap();
        for (name, alias) in [("a b.whl", Some("/a b.whl")), ("s", None), ("a?b", None)] {
            let path = folder.path().join(name);
            std::fs::write(&path, "abc").unwrap();
            let scenario = Scenario::of_file(&path).unwrap();
            assert_eq!(scenario.name, name);
            assert_eq!(scenario.body.size, ByteSize(3));
            assert_eq!(scenario.alias.first().map(String::as_str), alias);
        }
        assert!(Scenario::of_file(folder.path()).is_err());
    }
}
