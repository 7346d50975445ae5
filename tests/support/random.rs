//! How many random cases a property is tried on, and which.

use proptest::test_runner::{Config, RngSeed};

/// So many random cases, the same in every run: what passes today passes tomorrow. Whoever asks for another number of them, or for
/// another seed, looks for new ones. Failures are not written to files.
pub(crate) fn cases(count: u32) -> Config {
    let asked = |name: &str| std::env::var_os(name).is_some();
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if !asked("PROPTEST_CASES") {
        config.cases = count;
        if !asked("PROPTEST_RNG_SEED") {
            config.rng_seed = RngSeed::Fixed(1);
        }
    }
    config
}
