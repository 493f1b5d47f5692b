//! Trials whose effect may have disappeared in kernel buffers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shortread_server::units::{ByteSize, counted};

/// The hidden effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Hidden {
    /// The reader's slowness from the server: buffers took in most of the body.
    SlowReader,
    /// A fault from the client: most of what was sent before it had not arrived.
    Fault,
}

/// Trials whose effect may have disappeared in kernel buffers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BuffersHide {
    /// The hidden effect.
    pub hidden: Hidden,
    /// Ids of the trials.
    pub trials: Vec<String>,
    /// The one of them in which buffers held the largest share.
    pub worst: String,
    /// Bytes that they hold or held there.
    pub held_bytes: u64,
    /// Of how much: the body, or what was sent before the fault.
    pub of_bytes: u64,
}

impl BuffersHide {
    pub(crate) fn sentence(&self) -> String {
        let (held, of) = (
            ByteSize(self.held_bytes).human(),
            ByteSize(self.of_bytes).human(),
        );
        let all = counted(self.trials.len(), "trial");
        match self.hidden {
            Hidden::SlowReader => format!(
                "kernel buffers hid the slow reader from the server in {all}, most in {}: they \
                 take {held} of a body of {of}",
                self.worst,
            ),
            Hidden::Fault => format!(
                "kernel buffers hid the fault from the client in {all}, most in {}: {held} of the \
                 {of} before it had not arrived",
                self.worst,
            ),
        }
    }

    pub(crate) fn remedy(&self) -> &'static str {
        match self.hidden {
            Hidden::SlowReader => {
                "raise [tcp] size, or set server_send and client_receive of [sockets]"
            }
            Hidden::Fault => "raise drain_limit of the fault, or its offset with [tcp] size",
        }
    }
}
