//! `[[fault]]`

use super::{Drawing, link::FASTEST_THROTTLE};
use crate::draft::Draft;

impl Drawing {
    pub(super) fn faults(&mut self, draft: &mut Draft) {
        if !self.dice.percent(60) {
            return;
        }
        let many = match self.dice.between(0, 9) {
            0..6 => 1,
            6..9 => 2,
            _ => self.dice.between(3, 5),
        };
        for _ in 0..many {
            self.fault(draft);
        }
    }

    fn fault(&mut self, draft: &mut Draft) {
        let (when, drains) = self.trigger();
        let (then, settles) = self.action();
        let on = self.dice.percent(15).then(|| self.on());
        let dice = &mut self.dice;
        let table = draft.table("[[fault]]");
        if let Some(on) = on {
            table.set("on", on);
        }
        table.set("when", when);
        table.set("then", then);
        if dice.percent(20) {
            table.text("by", dice.pick(&["client", "server", "network"]));
        }
        if drains && dice.percent(30) {
            let drain = dice.percent(50);
            table.set("drain", drain);
            if drain && dice.percent(40) {
                table.text("drain_limit", format_args!("{}ms", dice.magnitude(1, 1000)));
            }
            if drain && settles && dice.percent(40) {
                table.text("settle", format_args!("{}ms", dice.between(0, 100)));
            }
        }
    }

    /// And whether there is anything to drain.
    fn trigger(&mut self) -> (String, bool) {
        let (time, place) = (self.time(500), self.place());
        let dice = &mut self.dice;
        match dice.between(0, 19) {
            0..5 => (format!("{{ body = \"{place}B\" }}"), true),
            5 => match dice.percent(50) {
                true => (format!("{{ object = \"{place}B\" }}"), true),
                false => {
                    let next = place + dice.between(1, 1000);
                    (format!("{{ object = [\"{place}B\", \"{next}B\"] }}"), true)
                }
            },
            6 => {
                let landmark = match dice.between(0, 7) {
                    0 => "head".to_owned(),
                    1 => "last-chunk".into(),
                    2 => format!("chunk-{}", dice.between(1, 3)),
                    3 => format!("chunk-{}-size", dice.between(1, 3)),
                    4 => format!("chunk-{}-data", dice.between(1, 3)),
                    5 => format!("member-{}", dice.between(1, 3)),
                    6 => "trailer".into(),
                    _ => format!("{}%", dice.between(1, 100)),
                };
                (format!("{{ place = \"{landmark}\" }}"), true)
            }
            // It does not scale: the head does not.
            7..10 if self.size == 1.0 => {
                let wire = match dice.percent(40) {
                    true => dice.between(0, 300),
                    false => dice.between(0, self.bytes + 200),
                };
                (format!("{{ wire = \"{wire}B\" }}"), true)
            }
            7..12 => (format!("{{ elapsed = \"{time}\" }}"), true),
            12..15 => {
                let counts = match dice.between(0, 2) {
                    0 => format!("\"{time}\""),
                    1 => format!("{{ after = \"{time}\", counts = \"payload\" }}"),
                    _ => format!("{{ after = \"{time}\", counts = \"segments\" }}"),
                };
                (format!("{{ idle = {counts} }}"), true)
            }
            15..17 => (format!("{{ blocked = \"{time}\" }}"), false),
            17 => (format!("{{ request = {} }}", dice.between(1, 3)), false),
            18 => (format!("{{ connection = {} }}", dice.between(1, 3)), false),
            _ => (format!("{{ chance = {:.3} }}", dice.share()), true),
        }
    }

    /// And whether it may settle.
    fn action(&mut self) -> (String, bool) {
        let time = self.time(300);
        let dice = &mut self.dice;
        match dice.between(0, 19) {
            0..4 => ("\"fin\"".into(), true),
            4..8 => ("\"reset\"".into(), true),
            8..10 => ("\"blackhole\"".into(), false),
            10..12 => ("\"forget\"".into(), false),
            12..15 => (format!("{{ stall = \"{time}\" }}"), false),
            15 => ("{ stall = \"forever\" }".into(), false),
            16..18 if !self.counted => ("\"end\"".into(), false),
            _ => {
                let least = (self.bytes / 20).max(1);
                let most = (self.bytes * FASTEST_THROTTLE).max(2);
                let rate = self.dice.magnitude(least, most);
                let rate = (rate as f64 * self.time).max(1.0) as u64;
                (format!("{{ throttle = \"{rate}B/s\" }}"), false)
            }
        }
    }
}
