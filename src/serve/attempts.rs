//! How often somebody may try a password: a few times for each name, whether or not there is such an account, and for each address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// For how long a failed attempt counts.
pub(super) const WINDOW: Duration = Duration::from_secs(15 * 60);

/// How many failed attempts there may be within that time, for a name and for an address. Behind one address may be a whole clinic.
pub(super) const FOR_A_NAME: usize = 5;
pub(super) const FOR_AN_ADDRESS: usize = 30;

/// How many names and addresses are remembered.
const MOST: usize = 20_000;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Who {
    Name(String),
    Address(IpAddr),
}

/// Attempts that failed, or of which nobody knows yet.
#[derive(Debug, Default)]
pub(super) struct Attempts(Mutex<HashMap<Who, Vec<Instant>>>);

/// That there were too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany {
    /// How long to wait.
    pub(super) wait: Duration,
    /// Whether this is the first that is turned away since one was looked at.
    pub(super) is_first: bool,
}

/// Whoever has an address of IPv6 has a whole network of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address => address,
    }
}

impl Attempts {
    /// Counts an attempt, before it is looked at: of many at the same time, only as many are looked at as may be.
    pub(super) fn begin(&self, name: &str, address: Option<IpAddr>, now: Instant) -> Result<(), TooMany> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = Who::Name(name.to_owned());
        let who: Vec<(Who, usize)> = std::iter::once((name, FOR_A_NAME))
            .chain(address.map(|address| (Who::Address(network(address)), FOR_AN_ADDRESS)))
            .collect();
        let mut held: Option<TooMany> = None;
        for (one, most) in &who {
            let Some(times) = all.get_mut(one) else { continue };
            times.retain(|time| now.saturating_duration_since(*time) < WINDOW);
            if let Some(oldest) = times.first().filter(|_| times.len() >= *most) {
                let wait = WINDOW.saturating_sub(now.saturating_duration_since(*oldest));
                let is_first = times.len() == *most;
                // One more is remembered, so that the next is not the first.
                if is_first {
                    times.push(now);
                }
                let longest = held.map_or(wait, |held| held.wait.max(wait));
                held = Some(TooMany { wait: longest, is_first: is_first || held.is_some_and(|held| held.is_first) });
            }
        }
        if let Some(held) = held {
            return Err(held);
        }
        if all.len() >= MOST {
            all.retain(|_, times| times.iter().any(|time| now.saturating_duration_since(*time) < WINDOW));
        }
        for (one, _) in who {
            if all.len() >= MOST && !all.contains_key(&one) {
                // Whoever tries so many names does so from many addresses: all wait until some are forgotten.
                return Err(TooMany { wait: WINDOW, is_first: false });
            }
            all.entry(one).or_default().push(now);
        }
        Ok(())
    }

    /// Takes back an attempt that was right. The name's failures are forgotten; those of the address are not, or whoever has one account could go on guessing.
    pub(super) fn right(&self, name: &str, address: Option<IpAddr>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&Who::Name(name.to_owned()));
        if let Some(times) = address.and_then(|address| all.get_mut(&Who::Address(network(address)))) {
            times.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));

    #[test]
    fn a_name_can_be_tried_a_few_times_and_again_after_a_while() {
        let (attempts, start) = (Attempts::default(), Instant::now());
        for _ in 0..FOR_A_NAME {
            assert_eq!(attempts.begin("a", HERE, start), Ok(()));
        }
        assert_eq!(attempts.begin("a", HERE, start), Err(TooMany { wait: WINDOW, is_first: true }));
        let later = start + Duration::from_secs(60);
        let wait = WINDOW - Duration::from_secs(60);
        assert_eq!(attempts.begin("a", HERE, later), Err(TooMany { wait, is_first: false }));
        // Also from elsewhere; but not another name.
        assert!(attempts.begin("a", None, later).is_err());
        assert_eq!(attempts.begin("b", HERE, later), Ok(()));
        assert_eq!(attempts.begin("a", HERE, start + WINDOW), Ok(()));
    }

    #[test]
    fn an_address_cannot_try_many_names_also_not_with_an_account_of_its_own() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        let tried = (0..1000).take_while(|at| {
            assert_eq!(
                attempts.begin("own", HERE, now).map(|()| attempts.right("own", HERE)).is_ok(),
                *at < FOR_AN_ADDRESS
            );
            attempts.begin(&format!("name {at}"), HERE, now).is_ok()
        });
        assert_eq!(tried.count(), FOR_AN_ADDRESS);
        assert_eq!(attempts.begin("a", Some("2001:db8::1".parse().expect("an address")), now), Ok(()));
    }

    #[test]
    fn a_right_password_forgets_the_failures_of_its_name() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for _ in 0..20 {
            attempts.begin("a", HERE, now).expect("it may be tried");
            attempts.right("a", HERE);
        }
        let network = |text: &str| super::network(text.parse().expect("an address"));
        assert_eq!(network("2001:db8:0:1::1"), network("2001:db8:0:1:ffff::9"));
        assert_ne!(network("2001:db8:0:1::1"), network("2001:db8:0:2::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }
}
