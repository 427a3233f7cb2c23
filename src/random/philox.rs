//! Philox 2x64, a counter-based generator: a keyed bijection of 128-bit counters.

/// Rounds of every draw. Six already pass BigCrush (Salmon et al. 2011, table 2); ten are their authors' choice for
/// all uses. A draw's latency is felt in every event, so we take one more than needed.
pub const ROUNDS: usize = 7;
const MULTIPLIER: u64 = 0xd2b7_4407_b1ce_6e93;
const WEYL: u64 = 0x9e37_79b9_7f4a_7c15;

/// The two words at `counter` under `key`, after so many rounds.
#[inline]
pub const fn philox2x64<const R: usize>(counter: [u64; 2], key: u64) -> [u64; 2] {
    let [mut left, mut right] = counter;
    let mut key = key;
    let mut round = 0;
    while round < R {
        let product = MULTIPLIER as u128 * left as u128;
        left = (product >> 64) as u64 ^ key ^ right;
        right = product as u64;
        key = key.wrapping_add(WEYL);
        round += 1;
    }
    [left, right]
}

#[cfg(test)]
mod tests {
    use super::philox2x64;

    /// Known answers of the Random123 distribution, the longer ones confirmed against the `randomgen` package for Python.
    #[test]
    fn known_answers() {
        let (zeros, ones) = ([0; 2], [u64::MAX; 2]);
        let pi = [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344];
        let key = 0xa409_3822_299f_31d0;
        assert_eq!(
            philox2x64::<10>(zeros, 0),
            [0xca00_a045_9843_d731, 0x66c2_4222_c9a8_45b5]
        );
        assert_eq!(
            philox2x64::<10>(ones, u64::MAX),
            [0x65b0_21d6_0cd8_310f, 0x4d02_f322_2f86_df20]
        );
        assert_eq!(
            philox2x64::<10>(pi, key),
            [0x0a5e_742c_2997_341c, 0xb0f8_83d3_8000_de5d]
        );
        assert_eq!(
            philox2x64::<7>(zeros, 0),
            [0xb41d_a69f_bfef_c666, 0x511e_9ce1_a553_4056]
        );
    }
}
