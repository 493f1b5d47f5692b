//! The likely time of a trial, including its faults and deadlines.

use std::time::Duration;

use crate::scenario::{Fault, Limit, ProbeFate, Scenario};

impl Scenario {
    /// The likely time of a trial, including faults and deadlines; call it on the
    /// scaled scenario. `give_up` ends it at the latest, as in
    /// [`Scenario::give_up`].
    pub fn likely_duration(&self, give_up: Duration) -> Duration {
        let total = self.client.total.duration();
        let latest = total.map_or(give_up, |total| total.min(give_up));
        if self.is_swallowed() {
            return (self.client.sock_read.duration()).map_or(latest, |limit| limit.min(latest));
        }
        let mut time = self.opening();
        let mut rate = self.pace().rate;
        let mut sent = 0;
        let mut events: Vec<(u64, &Fault)> = self
            .faults
            .iter()
            .filter_map(|fault| Some((self.likely_place(fault)?, fault)))
            .collect();
        events.sort_by_key(|(at, _)| *at);
        for (at, fault) in events {
            time = time.saturating_add(rate.time_for(at - sent));
            sent = at;
            if fault.then.ends_response() {
                return time.min(latest);
            }
            match fault.then.silence() {
                Some(Limit::Never) => return self.noticed(time, fault).min(latest),
                Some(Limit::After(pause)) => time = time.saturating_add(pause),
                None => {}
            }
            rate = fault
                .then
                .throttle()
                .map_or(rate, |slower| rate.min(slower));
        }
        let rest = self.bytes_of_body().saturating_sub(sent);
        time.saturating_add(rate.time_for(rest)).min(latest)
    }

    /// The time at which the client ends a connection that `fault` made quiet at
    /// `since`.
    fn noticed(&self, since: Duration, fault: &Fault) -> Duration {
        let answered = fault.then.probe_fate() == ProbeFate::Answered;
        let keepalive = self.client.keepalive.filter(|_| !answered);
        [
            self.client.sock_read.duration(),
            keepalive.map(|keepalive| keepalive.death()),
        ]
        .into_iter()
        .flatten()
        .min()
        .map_or(Duration::MAX, |limit| since.saturating_add(limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        scenario::{Action, Counts, Keepalive, Trigger},
        units::ByteSize,
    };

    const HOUR: Duration = Duration::from_secs(3600);

    fn at_2mbps(size: &str) -> Scenario {
        let mut scenario = Scenario::default();
        scenario.body.size = size.parse().unwrap();
        scenario.link.rate = "2MB/s".parse().unwrap();
        scenario
    }

    #[test]
    fn a_total_ends_what_is_too_slow_for_it() {
        let slow = at_2mbps("1GB");
        assert_eq!(slow.likely_duration(HOUR), Duration::from_secs(300));
        let small = at_2mbps("500MB");
        assert_eq!(small.likely_duration(HOUR), Duration::from_secs(250));
    }

    #[test]
    fn a_stall_adds_its_time_and_a_black_hole_waits_for_a_deadline() {
        let mut scenario = at_2mbps("100MB");
        let at = Trigger::Body(ByteSize(40_000_000));
        let pause = Duration::from_secs(30);
        scenario.faults = vec![Fault::new(at, Action::Stall(Limit::After(pause)))];
        assert_eq!(scenario.likely_duration(HOUR), Duration::from_secs(80));

        scenario.faults = vec![Fault::new(at, Action::Blackhole)];
        assert_eq!(scenario.likely_duration(HOUR), Duration::from_secs(300));
        scenario.client.keepalive = Some(Keepalive {
            idle: Duration::from_secs(10),
            interval: Duration::from_secs(5),
            count: 3,
        });
        assert_eq!(scenario.likely_duration(HOUR), Duration::from_secs(45));
        scenario.faults = vec![Fault::new(at, Action::Stall(Limit::Never))];
        assert_eq!(scenario.likely_duration(HOUR), Duration::from_secs(300));
        scenario.client.total = Limit::Never;
        assert_eq!(scenario.likely_duration(HOUR), HOUR);
    }

    #[test]
    fn an_idle_limit_fires_only_where_something_pauses_as_long() {
        let mut scenario = at_2mbps("100MB");
        let idle = Trigger::Idle {
            after: Duration::from_secs(350),
            counts: Counts::Segments,
        };
        scenario.faults = vec![Fault::new(idle, Action::Blackhole)];
        scenario.client.total = Limit::Never;
        assert_eq!(scenario.likely_duration(HOUR), Duration::from_secs(50));
        let stall = Limit::After(Duration::from_secs(400));
        scenario.faults.push(Fault::new(
            Trigger::Body(ByteSize(50_000_000)),
            Action::Stall(stall),
        ));
        assert_eq!(scenario.likely_duration(HOUR), HOUR);
    }

    #[test]
    fn keepalives_keep_an_idle_limit_from_firing_in_the_estimate_too() {
        let mut scenario = at_2mbps("100MB");
        let idle = Trigger::Idle {
            after: Duration::from_secs(350),
            counts: Counts::Segments,
        };
        let half = Trigger::Body(ByteSize(50_000_000));
        let stall = Limit::After(Duration::from_secs(400));
        scenario.faults = vec![
            Fault::new(half, Action::Stall(stall)),
            Fault::new(idle, Action::Blackhole),
        ];
        scenario.client.total = Limit::Never;
        assert_eq!(scenario.likely_duration(HOUR), HOUR);
        scenario.client.keepalive = Some(Keepalive {
            idle: Duration::from_secs(60),
            interval: Duration::from_secs(10),
            count: 3,
        });
        assert_eq!(scenario.likely_duration(HOUR), Duration::from_secs(450));
    }

    #[test]
    fn what_is_sent_takes_time_and_not_the_object_that_is_not() {
        let mut scenario = at_2mbps("100MB");
        scenario.response.page = Some("x".repeat(2_000));
        assert_eq!(scenario.likely_duration(HOUR), Duration::from_millis(1));
        scenario.response.page = None;
        scenario.body.truncate_at = Some(ByteSize(2_000_000));
        assert_eq!(scenario.likely_duration(HOUR), Duration::from_secs(1));
        scenario.body.truncate_at = Some(ByteSize(200_000_000));
        assert_eq!(scenario.likely_duration(HOUR), Duration::from_secs(50));
    }

    #[test]
    fn header_fields_of_the_file_are_paced_as_the_rest_of_the_head_is() {
        let mut scenario = at_2mbps("2MB");
        scenario.response.head_pause = Duration::from_millis(10);
        assert_eq!(scenario.likely_duration(HOUR), Duration::from_secs(3));
        // `X-Long: `, 90 bytes and a line's end.
        let field = ("X-Long".into(), "x".repeat(90));
        scenario.response.headers = vec![field];
        assert_eq!(scenario.likely_duration(HOUR), Duration::from_secs(4));
    }
}
