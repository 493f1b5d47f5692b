//! `/faults`: switches faults off and on.

use serde::{Deserialize, Serialize};

use super::{
    Control,
    answer::{Answer, Refusal},
};
use crate::{flow::Reach, scenario::query::check_key};

/// The state of the switch.
#[derive(Debug, Serialize)]
pub(super) struct Faults {
    /// True if faults are on for future connections, of tests without their own
    /// orders.
    pub(super) enabled: bool,
}

/// A request to switch faults.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    enabled: bool,
    #[serde(default)]
    connections: Connections,
    #[serde(default)]
    key: Option<String>,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Connections {
    Living,
    New,
    #[default]
    All,
}

impl Control {
    pub(super) fn tell_faults(&self) -> Result<Answer, Refusal> {
        let enabled = self.state.faults_enabled();
        Answer::json(200, &Faults { enabled })
    }

    pub(super) fn switch_faults(&self, body: &[u8]) -> Result<Answer, Refusal> {
        let order: Switch = serde_json::from_slice(body).map_err(|error| {
            let what = match error.is_data() {
                true => "the body is not an order to switch faults",
                false => "the body is not JSON",
            };
            Refusal::new(400, format!("{what}: {error}")).help(
                r#"accepted: {"enabled": false}, and in it "connections": "living", "new" or "all", "key": "TEST""#,
            )
        })?;
        if let Some(key) = &order.key {
            check_key(key).map_err(|error| Refusal::new(400, format!("key: {error}")))?;
        }
        let reach = match order.connections {
            Connections::Living => Reach::Living,
            Connections::New => Reach::New,
            Connections::All => Reach::All,
        };
        let ordered = self.state.switch_faults(order.enabled, reach, order.key);
        ordered.map_err(|error| {
            Refusal::new(507, error.to_string()).help(
                "none is forgotten for another: an order for all connections without `key` \
                 replaces every other, one for a test that has one replaces that",
            )
        })?;
        self.tell_faults()
    }
}
