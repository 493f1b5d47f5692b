//! Faults, switched off and on while the server runs.

use std::cell::RefCell;

use super::signal::{Signal, Watcher};

/// So many orders that still matter are kept; the oldest goes.
const MOST_ORDERS: usize = 1024;

/// Which connections an order is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Those that were accepted before it.
    Living,
    /// Those that are accepted after it.
    New,
    /// Both.
    All,
}

/// Says for each connection whether the faults of its scenario are carried out:
/// they are, unless an order says otherwise. Of several orders for one
/// connection the last one holds.
#[derive(Debug)]
pub struct Switch {
    orders: RefCell<Vec<Order>>,
    changes: Signal<u64>,
}

#[derive(Debug)]
struct Order {
    enabled: bool,
    /// The test that it is for; `None` is for all.
    key: Option<String>,
    /// The first connection that it is for, and the first behind them.
    connections: std::ops::Range<u32>,
}

impl Default for Switch {
    fn default() -> Self {
        Self {
            orders: RefCell::default(),
            changes: Signal::new(0),
        }
    }
}

impl Switch {
    /// Switches faults on or off, where `next` is the number of the next
    /// connection that is accepted.
    pub(super) fn set(&self, enabled: bool, reach: Reach, key: Option<String>, next: u32) {
        let order = Order {
            enabled,
            key,
            connections: match reach {
                Reach::Living => 0..next,
                Reach::New => next..u32::MAX,
                Reach::All => 0..u32::MAX,
            },
        };
        {
            let mut orders = self.orders.borrow_mut();
            orders.retain(|before| !order.overrules(before));
            if orders.len() >= MOST_ORDERS {
                orders.remove(0);
            }
            orders.push(order);
        }
        self.changes.set(self.changes.get() + 1);
    }

    /// Whether faults are carried out on the connection `number`, whose last
    /// request named the test `key`.
    pub(super) fn enabled(&self, number: u32, key: Option<&str>) -> bool {
        let orders = self.orders.borrow();
        let last = orders.iter().rev().find(|order| order.is_for(number, key));
        last.is_none_or(|order| order.enabled)
    }

    /// Whether they will be on the connections to come, of a test without
    /// orders of its own.
    pub(super) fn enabled_from(&self, next: u32) -> bool {
        self.enabled(next, None)
    }

    /// Tells of each order from now on.
    pub(super) fn changes(&self) -> Watcher<u64> {
        self.changes.watch()
    }
}

impl Order {
    fn is_for(&self, number: u32, key: Option<&str>) -> bool {
        self.connections.contains(&number) && (self.key.is_none() || self.key.as_deref() == key)
    }

    /// Whether nothing is left that `before` is the last order for.
    fn overrules(&self, before: &Self) -> bool {
        (self.key.is_none() || self.key == before.key)
            && self.connections.start <= before.connections.start
            && self.connections.end >= before.connections.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_order_for_a_connection_holds() {
        let switch = Switch::default();
        let is = |number, key| switch.enabled(number, key);
        assert!(is(1, None));
        switch.set(false, Reach::All, None, 5);
        assert!(!is(1, None) && !is(9, Some("a")));
        switch.set(true, Reach::New, Some("a".into()), 5);
        assert!(!is(4, Some("a")) && is(5, Some("a")) && !is(5, Some("b")));
        switch.set(true, Reach::Living, None, 8);
        assert!(is(4, None) && is(7, Some("b")) && !is(8, Some("b")) && is(8, Some("a")));
    }

    #[test]
    fn orders_that_no_longer_matter_are_forgotten_and_the_rest_is_bounded() {
        let switch = Switch::default();
        for number in 0..3_000 {
            switch.set(false, Reach::All, Some(number.to_string()), 5);
        }
        assert_eq!(switch.orders.borrow().len(), MOST_ORDERS);
        switch.set(true, Reach::All, None, 5);
        assert_eq!(switch.orders.borrow().len(), 1);
        for next in 0..3_000 {
            switch.set(next % 2 == 0, Reach::All, Some("a".into()), next);
        }
        assert_eq!(switch.orders.borrow().len(), 2);
    }
}
