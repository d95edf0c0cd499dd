//! Limits on removals as people write them: `"5% or 10"`, `"20%"`, `"10"`.

/// A share and a count; whichever is smaller counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) percent: u8,
    pub(super) count: u64,
}

/// Reads a limit. A part that is missing does not limit.
pub(super) fn limit(text: &str) -> Result<Limit, &'static str> {
    const SHAPE: &str = "a limit looks like \"5%\", \"10\" or \"5% or 10\"";
    let mut limit = Limit {
        percent: 100,
        count: u64::MAX,
    };
    let parts: Vec<&str> = text.split(" or ").map(str::trim).collect();
    if parts.len() > 2 {
        return Err(SHAPE);
    }
    let (mut shares, mut counts) = (0, 0);
    for part in parts {
        if let Some(share) = part.strip_suffix('%') {
            limit.percent = share.trim().parse().map_err(|_| SHAPE)?;
            shares += 1;
        } else {
            limit.count = part.parse().map_err(|_| SHAPE)?;
            counts += 1;
        }
    }
    match (limit.percent, shares, counts) {
        (0..=100, ..=1, ..=1) => Ok(limit),
        _ => Err(SHAPE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read() {
        let of = |percent, count| Ok(Limit { percent, count });
        assert_eq!(limit("5% or 10"), of(5, 10));
        assert_eq!(limit("10 or 5 %"), of(5, 10));
        assert_eq!(limit("20%"), of(20, u64::MAX));
        assert_eq!(limit("7"), of(100, 7));
        assert_eq!(limit("0%"), of(0, u64::MAX));
        assert_eq!(limit("100%"), of(100, u64::MAX));
        assert_eq!(limit("0"), of(100, 0));
        assert_eq!(limit(" 20 %  or  7 "), of(20, 7));
        for bad in [
            "",
            "5 %%",
            "101%",
            "-1",
            "5% or 10 or 3",
            "5% or 6%",
            "5 or 6",
            "some",
            "%",
            "1.5%",
            "5% or",
            "5% or some",
            "300%",
        ] {
            let said = limit(bad).expect_err(bad);
            assert_eq!(
                said, "a limit looks like \"5%\", \"10\" or \"5% or 10\"",
                "{bad}"
            );
        }
    }
}
