//! What tests have reached: states, transitions, rules, retriers, catchers, timeouts.
