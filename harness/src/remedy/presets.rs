//! Recipes as well-known clients have them by default, as far as the settings here can
//! say it. Each names its version and where that stands in its sources.

use std::time::Duration;

use super::{
    Backoff, Budget, Deadlines, Growth, Jitter, On200, OnUnfit, Progress, Recipe, Resume, Retry,
    Segments, Slow, Stall, UnknownName, Without,
};

/// A client whose defaults are known.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// The name on the command line.
    pub name: &'static str,
    /// The version, and the options that it takes.
    pub client: &'static str,
    /// The place of its defaults.
    pub source: &'static str,
    make: fn() -> Recipe,
}

/// All, by name.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "aria2",
        client: "aria2 1.37 with one connection",
        source: "src/OptionHandlerFactory.cc, src/HttpResponse.cc",
        make: aria2,
    },
    Preset {
        name: "aws-c-s3",
        client: "aws-c-s3, 2026-08, for a target of 10 Gbit/s",
        source: "source/s3_client.c, aws-c-io",
        make: aws_c_s3,
    },
    Preset {
        name: "cargo",
        client: "cargo, 2026-08",
        source: "src/util/network/retry.rs, src/util/network/http.rs",
        make: cargo,
    },
    Preset {
        name: "containerd",
        client: "containerd, 2026-08",
        source: "core/remotes/docker/httpreadseeker.go",
        make: containerd,
    },
    Preset {
        name: "curl",
        client: "curl 8.17 with --retry 5 --retry-all-errors -C -",
        source: "src/tool_operate.c, docs/cmdline-opts/retry.md",
        make: curl,
    },
    Preset {
        name: "google-cloud-storage",
        client: "google-cloud-storage 3.17.1 without checksums",
        source: "google/cloud/storage/_media/requests/download.py, google/api_core/retry",
        make: google_cloud_storage,
    },
    Preset {
        name: "huggingface-hub",
        client: "huggingface_hub 2.4.0",
        source: "src/huggingface_hub/file_download.py, http_get",
        make: huggingface_hub,
    },
    Preset {
        name: "object-store",
        client: "object_store 0.14.2",
        source: "src/client/retry.rs, src/client/backoff.rs, src/client/get.rs",
        make: object_store,
    },
    Preset {
        name: "pip",
        client: "pip 26.3",
        source: "src/pip/_internal/network/download.py",
        make: pip,
    },
    Preset {
        name: "stamina",
        client: "stamina 26.1.0 around a whole download",
        source: "src/stamina/_core.py",
        make: stamina,
    },
    Preset {
        name: "undici",
        client: "undici 7.30.2, RetryAgent",
        source: "lib/handler/retry-handler.js",
        make: undici,
    },
    Preset {
        name: "wget",
        client: "wget 1.21 with -c",
        source: "src/init.c, src/retr.c",
        make: wget,
    },
];

impl Preset {
    /// The preset of this name.
    ///
    /// # Errors
    /// There is none.
    pub fn named(name: &str) -> Result<&'static Self, UnknownName> {
        let found = PRESETS.iter().find(|preset| preset.name == name);
        let known = || PRESETS.iter().map(|preset| preset.name).collect::<Vec<_>>();
        found.ok_or_else(|| UnknownName::new("recipe", name, &known()))
    }

    /// Its recipe.
    pub fn recipe(&self) -> Recipe {
        Recipe {
            name: self.name.into(),
            ..(self.make)()
        }
    }
}

const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Waits that grow from `first` by `factor` to `most`.
fn waits(first: Duration, factor: f64, most: Duration, jitter: Jitter) -> Backoff {
    Backoff {
        first,
        growth: Growth::Times(factor),
        most,
        jitter,
    }
}

/// No wait at all.
fn at_once() -> Backoff {
    waits(Duration::ZERO, 1.0, Duration::ZERO, Jitter::None)
}

/// A `Range` without `If-Range`, whatever the validators.
const BARE: Resume = Resume {
    if_range: false,
    weak: false,
    without_validator: Without::Resume,
    on_200: On200::Restart,
    content_range: false,
    validators: false,
    on_unfit: OnUnfit::Fail,
};

fn silence(limit: u64) -> Option<Deadlines> {
    Some(Deadlines::of_silence(seconds(limit)))
}

/// It compares the total, and asks without `If-Range`.
fn aria2() -> Recipe {
    Recipe {
        progress: Some(Progress::default()),
        deadlines: silence(60),
        retry: Some(Retry {
            attempts: 4,
            budget: Budget::Total,
            within: None,
            backoff: at_once(),
            retry_after: None,
            statuses: Vec::new(),
        }),
        resume: Some(Resume {
            content_range: true,
            ..BARE
        }),
        ..Recipe::default()
    }
}

/// Its first wait is between 0.5 and 1.5 s, the others grow by 3 s; here they grow by
/// their first.
fn cargo() -> Recipe {
    Recipe {
        deadlines: silence(30),
        stall: Some(Stall::default()),
        retry: Some(Retry {
            attempts: 3,
            budget: Budget::Total,
            within: None,
            backoff: Backoff {
                growth: Growth::Linear,
                ..waits(seconds(3), 1.0, seconds(10), Jitter::Equal)
            },
            retry_after: Some(seconds(10)),
            statuses: vec![429, 500, 502, 503, 504],
        }),
        ..Recipe::default()
    }
}

/// Any byte renews the budget; a reset is fatal there, which no setting here says.
fn containerd() -> Recipe {
    Recipe {
        retry: Some(Retry {
            attempts: 3,
            budget: Budget::SinceProgress(1),
            within: None,
            backoff: at_once(),
            retry_after: None,
            statuses: Vec::new(),
        }),
        resume: Some(Resume {
            on_200: On200::Fail,
            ..BARE
        }),
        ..Recipe::default()
    }
}

fn curl() -> Recipe {
    Recipe {
        retry: Some(Retry {
            attempts: 5,
            budget: Budget::Total,
            within: None,
            backoff: waits(seconds(1), 2.0, seconds(600), Jitter::None),
            retry_after: Some(seconds(600)),
            statuses: vec![408, 429, 500, 502, 503, 504, 522, 524],
        }),
        resume: Some(Resume {
            on_200: On200::Fail,
            content_range: true,
            ..BARE
        }),
        ..Recipe::default()
    }
}

/// A 200 is written behind what is there.
fn google_cloud_storage() -> Recipe {
    Recipe {
        deadlines: silence(60),
        retry: Some(Retry {
            attempts: 1000,
            budget: Budget::Total,
            within: Some(seconds(120)),
            backoff: waits(seconds(1), 2.0, seconds(60), Jitter::Full),
            retry_after: None,
            statuses: vec![408, 429, 500, 502, 503, 504],
        }),
        resume: Some(Resume {
            on_200: On200::Append,
            ..BARE
        }),
        ..Recipe::default()
    }
}

fn huggingface_hub() -> Recipe {
    Recipe {
        progress: Some(Progress::default()),
        deadlines: silence(10),
        retry: Some(Retry {
            attempts: 5,
            budget: Budget::SinceProgress(10 << 20),
            within: None,
            backoff: waits(seconds(1), 1.0, seconds(1), Jitter::None),
            retry_after: None,
            statuses: vec![408, 429, 500, 502, 503, 504],
        }),
        resume: Some(BARE),
        ..Recipe::default()
    }
}

fn object_store() -> Recipe {
    let backoff = waits(
        Duration::from_millis(100),
        2.0,
        seconds(15),
        Jitter::Decorrelated(2.0),
    );
    Recipe {
        deadlines: silence(30),
        retry: Some(Retry {
            attempts: 10,
            budget: Budget::Total,
            within: Some(seconds(180)),
            backoff,
            retry_after: None,
            statuses: vec![408, 429, 500, 502, 503, 504],
        }),
        resume: Some(Resume {
            on_200: On200::Fail,
            content_range: true,
            validators: true,
            weak: true,
            ..BARE
        }),
        ..Recipe::default()
    }
}

/// It sends weak validators in `If-Range` too, which no server may take.
fn pip() -> Recipe {
    Recipe {
        progress: Some(Progress::default()),
        deadlines: silence(15),
        retry: Some(Retry {
            attempts: 5,
            budget: Budget::Total,
            within: None,
            backoff: at_once(),
            retry_after: None,
            statuses: vec![500, 502, 503, 520, 527],
        }),
        resume: Some(Resume {
            weak: true,
            validators: false,
            ..Resume::default()
        }),
        ..Recipe::default()
    }
}

/// It sends `If-Match` where `If-Range` stands here, with the same end: a changed object is
/// an error. Connections follow from the target: 250 for 100 Gbit/s.
fn aws_c_s3() -> Recipe {
    Recipe {
        stall: Some(Stall {
            silence: None,
            slow: Some(Slow {
                rate: 1,
                over: seconds(30),
            }),
        }),
        retry: Some(Retry {
            attempts: 5,
            budget: Budget::Total,
            within: None,
            backoff: waits(Duration::from_millis(500), 2.0, seconds(20), Jitter::Full),
            retry_after: None,
            statuses: vec![429, 500, 502, 503, 504],
        }),
        resume: Some(Resume::default()),
        segments: Some(Segments {
            at_a_time: 25,
            bytes: 8 << 20,
        }),
        ..Recipe::default()
    }
}

/// It sends `If-Match` where `If-Range` stands here: a changed object is an error.
fn undici() -> Recipe {
    Recipe {
        retry: Some(Retry {
            attempts: 5,
            budget: Budget::Total,
            within: None,
            backoff: waits(Duration::from_millis(500), 2.0, seconds(30), Jitter::None),
            retry_after: Some(seconds(30)),
            statuses: vec![429, 500, 502, 503, 504],
        }),
        resume: Some(Resume {
            on_200: On200::Fail,
            on_unfit: OnUnfit::Fail,
            ..Resume::default()
        }),
        ..Recipe::default()
    }
}

/// What it wraps begins from zero each time.
fn stamina() -> Recipe {
    Recipe {
        retry: Some(Retry {
            attempts: 9,
            budget: Budget::Total,
            within: Some(seconds(45)),
            backoff: waits(
                Duration::from_millis(100),
                2.0,
                seconds(5),
                Jitter::Added(seconds(1)),
            ),
            retry_after: None,
            statuses: vec![429, 500, 502, 503, 504],
        }),
        ..Recipe::default()
    }
}

fn wget() -> Recipe {
    Recipe {
        deadlines: silence(900),
        retry: Some(Retry {
            attempts: 19,
            budget: Budget::Total,
            within: None,
            backoff: Backoff {
                growth: Growth::Linear,
                ..waits(seconds(1), 1.0, seconds(10), Jitter::None)
            },
            retry_after: None,
            statuses: Vec::new(),
        }),
        resume: Some(Resume {
            on_200: On200::Fail,
            content_range: true,
            ..BARE
        }),
        ..Recipe::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_preset_is_a_recipe_of_its_name_without_contradictions() {
        for preset in PRESETS {
            let recipe = preset.recipe();
            assert_eq!(recipe.name, preset.name);
            assert_eq!(recipe.check(), Ok(()), "{}", preset.name);
            assert_eq!(Preset::named(preset.name).unwrap().name, preset.name);
        }
        assert!(PRESETS.is_sorted_by_key(|preset| preset.name));
        let said = |name| Preset::named(name).unwrap_err().to_string();
        assert!(said("curll").ends_with("did you mean `curl`?"));
        assert!(said("lynxxxxxxx").contains("`stamina`, `undici`"));
    }
    #[test]
    fn the_document_has_each_with_its_source() {
        const DOCUMENT: &str = include_str!("../../../docs/REMEDIES.md");
        let plain = DOCUMENT.replace('`', "");
        for Preset {
            name,
            client,
            source,
            ..
        } in PRESETS
        {
            let row = format!("| {name} | {client} | {source} |");
            assert!(plain.contains(&row), "{row}");
        }
    }
}
