//! Switches faults off and on while the server runs.

use std::{cell::RefCell, collections::BTreeMap, ops::Range};

use super::signal::{Signal, Watcher};

/// The most orders that can be in force; another one is refused.
const MOST_ORDERS: usize = 1024;

/// The connections to which an order applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Those accepted before the order.
    Living,
    /// Those accepted after the order.
    New,
    /// Both.
    All,
}

/// The limit is reached, and each order is still in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the limit of {MOST_ORDERS} orders to switch faults is reached")]
pub struct TooManyOrders;

/// Decides for each connection if its faults are carried out. They are, unless an
/// order says otherwise. The last order for a connection wins.
#[derive(Debug)]
pub struct Switch {
    orders: RefCell<Orders>,
    changes: Signal<u64>,
}

/// The orders in force, by test; `None` is for all tests.
#[derive(Debug, Default)]
struct Orders {
    by_key: BTreeMap<Option<String>, Vec<Order>>,
    /// The number of orders given so far.
    given: u64,
}

#[derive(Debug, Clone)]
struct Order {
    /// The number of this order.
    number: u64,
    enabled: bool,
    /// The connections to which the order applies, by number.
    connections: Range<u32>,
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
    /// Switches faults on or off. `next` is the number of the next connection to
    /// be accepted, `oldest` that of the oldest open one, or `next` if none is
    /// open.
    ///
    /// # Errors
    /// The limit of orders in force is reached. Nothing is changed then.
    pub(super) fn set(
        &self,
        enabled: bool,
        reach: Reach,
        key: Option<String>,
        oldest: u32,
        next: u32,
    ) -> Result<(), TooManyOrders> {
        let connections = match reach {
            Reach::Living => 0..next,
            Reach::New => next..u32::MAX,
            Reach::All => 0..u32::MAX,
        };
        self.orders
            .borrow_mut()
            .add(enabled, connections, key, oldest)?;
        self.changes.set(self.changes.get() + 1);
        Ok(())
    }

    /// True if the faults of connection `number` are on; `key` is the test that
    /// its last request named.
    pub(super) fn enabled(&self, number: u32, key: Option<&str>) -> bool {
        let orders = self.orders.borrow();
        let of_all = orders.last(&None, number);
        // Without an order for a single test, the key need not be built.
        let only_for_all = orders.by_key.len() <= usize::from(of_all.is_some());
        let of_key = match key {
            Some(key) if !only_for_all => orders.last(&Some(key.to_owned()), number),
            _ => None,
        };
        let last = of_all
            .into_iter()
            .chain(of_key)
            .max_by_key(|one| one.number);
        last.is_none_or(|order| order.enabled)
    }

    /// True if faults are on for future connections of tests without their own
    /// orders.
    pub(super) fn enabled_from(&self, next: u32) -> bool {
        self.enabled(next, None)
    }

    /// Watches for further orders.
    pub(super) fn changes(&self) -> Watcher<u64> {
        self.changes.watch()
    }
}

impl Orders {
    /// The last order for connection `number` among those for `key`.
    fn last(&self, key: &Option<String>, number: u32) -> Option<&Order> {
        let orders = self.by_key.get(key)?;
        orders
            .iter()
            .rev()
            .find(|order| order.connections.contains(&number))
    }

    fn add(
        &mut self,
        enabled: bool,
        connections: Range<u32>,
        key: Option<String>,
        oldest: u32,
    ) -> Result<(), TooManyOrders> {
        let matters = |of: &Option<String>, order: &Order| {
            let over = order.connections.end <= oldest;
            let overruled = (key.is_none() || key == *of) && order.is_within(&connections);
            !over && !overruled
        };
        let all = self.by_key.iter();
        let left = all.flat_map(|(of, orders)| orders.iter().map(move |order| (of, order)));
        if left.filter(|(of, order)| matters(of, order)).count() >= MOST_ORDERS {
            return Err(TooManyOrders);
        }
        self.by_key.retain(|of, orders| {
            orders.retain(|order| matters(of, order));
            !orders.is_empty()
        });
        self.given += 1;
        let order = Order {
            number: self.given,
            enabled,
            connections,
        };
        let orders = self.by_key.entry(key).or_default();
        // An earlier order now applies only to the connections before this one.
        for before in orders.iter_mut() {
            let (of, after) = (&before.connections, &order.connections);
            if of.contains(&after.start) && after.end >= of.end {
                before.connections.end = order.connections.start;
            }
        }
        orders.push(order);
        Ok(())
    }
}

impl Order {
    /// True if `all` contains every connection of this order.
    fn is_within(&self, all: &Range<u32>) -> bool {
        all.start <= self.connections.start && all.end >= self.connections.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(switch: &Switch) -> usize {
        switch.orders.borrow().by_key.values().map(Vec::len).sum()
    }

    #[test]
    fn the_last_order_for_a_connection_holds() {
        let switch = Switch::default();
        let is = |number, key| switch.enabled(number, key);
        let set = |enabled, reach, key: Option<&str>, next| {
            switch
                .set(enabled, reach, key.map(str::to_owned), 1, next)
                .unwrap();
        };
        assert!(is(1, None));
        set(false, Reach::All, None, 5);
        assert!(!is(1, None) && !is(9, Some("a")));
        set(true, Reach::New, Some("a"), 5);
        assert!(!is(4, Some("a")) && is(5, Some("a")) && !is(5, Some("b")));
        set(true, Reach::Living, None, 8);
        assert!(is(4, None) && is(7, Some("b")) && !is(8, Some("b")) && is(8, Some("a")));
        set(false, Reach::New, Some("a"), 9);
        assert!(is(7, Some("a")) && is(8, Some("a")) && !is(9, Some("a")));
    }

    #[test]
    fn an_order_too_many_is_refused_and_those_before_it_hold() {
        let switch = Switch::default();
        switch.set(false, Reach::All, None, 1, 5).unwrap();
        let order = |number: usize| {
            let key = Some(number.to_string());
            switch.set(true, Reach::All, key, 1, 5)
        };
        for number in 1..MOST_ORDERS {
            order(number).unwrap();
        }
        assert_eq!(order(MOST_ORDERS), Err(TooManyOrders));
        assert!(!switch.enabled(5, None), "off for all is not forgotten");
        assert!(!switch.enabled(5, Some("1024")) && switch.enabled(5, Some("1")));
        order(7).unwrap();
        switch.set(true, Reach::All, None, 1, 5).unwrap();
        assert_eq!(count(&switch), 1, "it overrules all others");
        order(MOST_ORDERS).unwrap();
    }

    #[test]
    fn orders_that_no_longer_matter_are_forgotten() {
        let switch = Switch::default();
        for next in 0..3_000 {
            let key = Some("a".to_owned());
            switch.set(next % 2 == 0, Reach::All, key, 1, next).unwrap();
        }
        assert_eq!(count(&switch), 1);
        // Each of these orders ends up with one connection, which is over.
        for next in 1..3_000 {
            switch
                .set(next % 2 == 0, Reach::New, None, next, next)
                .unwrap();
            assert!(count(&switch) <= 3);
            assert_eq!(switch.enabled(next, None), next % 2 == 0);
        }
    }
}
