//! The object of a scenario without all that disturbs its way.

use super::{Body, Link, Response, Scenario};
use crate::units::Rate;

impl Scenario {
    /// The whole object as an undisturbed client would get it: with its coding,
    /// validators and length, over a link without delay or pace.
    pub fn whole_object(&self) -> Scenario {
        let validators = ["etag", "last-modified", "date"];
        Scenario {
            name: self.name.clone(),
            body: Body {
                size: self.body.size,
                file: self.body.file.clone(),
                version: self.body.version,
                encoding: self.body.encoding.clone(),
                ratio: self.body.ratio,
                members: self.body.members,
                accept: self.body.accept,
                ..Body::default()
            },
            response: Response {
                etag: self.response.etag.clone(),
                validators: self.response.validators,
                headers: self
                    .response
                    .headers
                    .iter()
                    .filter(|(name, _)| validators.contains(&name.to_ascii_lowercase().as_str()))
                    .cloned()
                    .collect(),
                ..Response::default()
            },
            link: Link {
                rate: Rate::FASTEST,
                ..Link::default()
            },
            ..Scenario::default()
        }
    }
}
