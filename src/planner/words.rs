//! A plan's hash in eight words, easier to read aloud and to compare than hex. Eight words are
//! 64 bits: for people; programs compare the whole hash.

use crate::domain::PlanHash;

/// The hash's first eight bytes, a word each, joined by `-`.
pub fn words(hash: &PlanHash) -> String {
    let digits: Vec<u8> = hash
        .0
        .chars()
        .filter_map(|digit| u8::try_from(digit.to_digit(16)?).ok())
        .collect();
    let bytes = digits.chunks_exact(2).take(8).map(|pair| match pair {
        [high, low] => usize::from(high * 16 + low),
        _ => 0,
    });
    let all: Vec<&str> = bytes.filter_map(|byte| WORDS.get(byte).copied()).collect();
    all.join("-")
}

/// Short plain words, one a byte. Their order is part of what people compare: never change it.
const WORDS: [&str; 256] = [
    "acorn", "alder", "amber", "anchor", "apple", "april", "apron", "arrow", "aspen", "atlas",
    "autumn", "bacon", "badge", "badger", "bagel", "bamboo", "banjo", "barley", "basil", "basin",
    "basket", "beacon", "beaver", "beetle", "bench", "berry", "birch", "bishop", "bison",
    "blanket", "bobcat", "bonnet", "border", "bottle", "boulder", "bracket", "branch", "bread",
    "bridge", "bronze", "brook", "broom", "bucket", "button", "cabin", "cactus", "camel", "candle",
    "canoe", "canyon", "carbon", "cargo", "carpet", "carrot", "castle", "cedar", "cellar", "cello",
    "chalk", "cherry", "chest", "chimney", "cider", "circle", "citrus", "clover", "cobalt",
    "cobra", "coffee", "comet", "compass", "copper", "coral", "cotton", "cradle", "crane",
    "crater", "cricket", "crown", "crystal", "curtain", "cypress", "daisy", "dancer", "delta",
    "denim", "desert", "diamond", "dolphin", "donkey", "dragon", "drum", "eagle", "easel", "echo",
    "ember", "emerald", "engine", "fabric", "falcon", "feather", "fennel", "ferry", "fiddle",
    "finch", "flame", "flint", "flute", "forest", "fossil", "fountain", "fox", "garden", "garlic",
    "garnet", "gecko", "ginger", "glacier", "glove", "goose", "granite", "grape", "gravel",
    "guitar", "hammer", "harbor", "harvest", "hazel", "heron", "hickory", "hollow", "honey",
    "horizon", "hornet", "iceberg", "indigo", "iris", "island", "ivory", "ivy", "jacket", "jaguar",
    "jasmine", "jasper", "jigsaw", "juniper", "kayak", "kettle", "kitten", "ladder", "lagoon",
    "lantern", "laurel", "lavender", "lemon", "leopard", "lilac", "lime", "linen", "lobster",
    "locket", "lotus", "magnet", "mango", "maple", "marble", "meadow", "melon", "mirror", "mitten",
    "monkey", "mosaic", "moss", "mountain", "muffin", "mustard", "nectar", "needle", "nickel",
    "north", "nutmeg", "oasis", "oboe", "ocean", "olive", "onion", "opal", "orange", "orbit",
    "orchid", "otter", "owl", "oyster", "paddle", "palm", "panda", "panther", "papaya", "parrot",
    "pasture", "peach", "pearl", "pebble", "pelican", "pencil", "pepper", "piano", "pigeon",
    "pillow", "pine", "plum", "pocket", "pond", "poplar", "poppy", "prairie", "prism", "pumpkin",
    "puzzle", "quartz", "quilt", "rabbit", "radish", "raven", "ribbon", "river", "robin", "rocket",
    "rosemary", "saddle", "saffron", "salmon", "sandal", "satin", "scarf", "shadow", "silver",
    "sparrow", "spruce", "summit", "sunset", "swan", "thistle", "thunder", "tiger", "timber",
    "topaz", "tulip", "turtle", "valley", "velvet", "violet", "walnut", "willow", "winter",
    "zebra",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_differ_and_follow_the_hash() {
        let distinct: std::collections::BTreeSet<_> = WORDS.iter().collect();
        assert_eq!(distinct.len(), 256);
        let hash = PlanHash("00ff01fe000000000000".to_owned());
        let named = words(&hash);
        assert!(named.starts_with("acorn-"));
        assert_eq!(named.split('-').count(), 8);
        assert_eq!(words(&PlanHash("zz".to_owned())), "");
    }
}
