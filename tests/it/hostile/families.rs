//! What the families of hostile strings are made of: pieces, apart by `¦`, and ranges of code points.

use super::strings::Family as F;

/// A family, its pieces, and how many of them one string holds at most.
pub(super) const PIECES: [(F, &str, usize); 19] = [
    (F::Plain, "Anna¦O'Brien¦Björn¦Zoë¦Łukasz", 3),
    (
        F::EscapeSequence,
        "\u{1b}[2J¦\u{1b}[5mBlink¦\u{1b}[31;5m¦\u{9b}8m¦\u{1b}[1;1Hhome¦\u{1b}c¦\u{1b}[?1049l\
         ¦\u{1b}[?1000h¦\u{1b}(0¦\u{1b}[6n",
        3,
    ),
    (
        F::CommandString,
        "\u{1b}]0;owned\u{7}¦\u{1b}]2;owned\u{1b}\\\
         ¦\u{1b}]8;;http://evil.example\u{7}click\u{1b}]8;;\u{7}¦\u{1b}]52;c;ZXZpbA==\u{7}\
         ¦\u{1b}P+q544e\u{1b}\\¦\u{1b}_Gi=1;AAAA\u{1b}\\¦\u{1b}^pm\u{1b}\\\
         ¦\u{9d}0;owned\u{9c}¦\u{90}dcs\u{9c}¦\u{1b}]1337;File=:AA==\u{7}",
        2,
    ),
    (
        F::Bidi,
        "\u{202a}¦\u{202b}¦\u{202c}¦\u{202d}¦\u{202e}nimda¦\u{2066}¦\u{2067}¦\u{2068}¦\u{2069}\
         ¦\u{200e}¦\u{200f}¦\u{61c}",
        4,
    ),
    (
        F::ZeroWidth,
        "\u{200b}¦\u{200c}¦\u{200d}¦\u{2060}¦\u{2061}¦\u{2064}¦\u{feff}¦\u{180e}¦\u{34f}",
        5,
    ),
    (
        F::Selectors,
        "\u{fe00}¦\u{fe0e}¦A\u{fe0f}¦\u{e0100}¦\u{e01ef}¦\u{180b}¦\u{ad}",
        4,
    ),
    (
        F::Wide,
        "山田太郎¦宽度¦スペース¦한글¦ﾊﾝｶｸ¦Ａｄａ¦\u{1100}\u{1161}\u{11a8}¦\u{3000}¦㍿¦﷽¦ﷺ",
        6,
    ),
    (
        F::Emoji,
        "👩\u{200d}👩\u{200d}👧\u{200d}👦¦❤\u{fe0f}¦👍🏽¦🇩🇪🇫🇷¦🇩¦1\u{fe0f}\u{20e3}\
         ¦🏴\u{e0067}\u{e0062}\u{e007f}¦☺¦⌚\u{fe0e}¦🏻¦🧑🏿\u{200d}🚀¦🎉",
        4,
    ),
    (
        F::Fillers,
        "\u{115f}¦\u{1160}¦\u{3164}¦\u{ffa0}¦\u{2800}¦\u{17b4}¦\u{17b5}\
         ¦\u{fff9}a\u{fffa}b\u{fffb}¦\u{fffc}",
        4,
    ),
    (
        F::Separators,
        "\u{2028}¦\u{2029}¦\u{85}¦\u{b}¦\u{c}¦\u{1c}",
        4,
    ),
    (F::Lines, "\n¦\r\n¦\t¦\r¦\ny\n¦\n\nqroll: all is well\n", 4),
    (
        F::LookAlike,
        "Аdа Admin¦ᏢauI¦mıke¦раураl¦Αdmin¦𝐀dmin¦ᴮᴵᴳ",
        2,
    ),
    (
        F::Escapes,
        "\\u{1b}[2J¦\\ud800¦\\x1b¦⟨U+202E⟩¦%1b¦&#27;¦\\u0000¦␊¦\\",
        4,
    ),
    (
        F::Markup,
        "|¦\\|¦<img src=x>¦[a](javascript:b)¦`¦\"¦,¦;¦'¦{n}¦{0}¦%s¦$(id)¦!",
        5,
    ),
    (F::RightToLeft, "محمد¦שלום¦\u{600}¦\u{6dd}¦لا¦نُور", 4),
    // One piece of each of these is all of the string, or is repeated.
    (
        F::Long,
        "abc ¦x¦山¦e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}¦\u{202e}rtl ¦\u{1b}[8m",
        1,
    ),
    (
        F::Formula,
        "=¦+¦-¦@¦\t=¦\r=¦ =¦\"=¦'=¦\u{ff1d}¦\u{ff0b}¦\u{ff20}",
        1,
    ),
    (
        F::Blank,
        "¦ ¦   ¦\u{a0}¦\u{2003}\u{2003}¦\u{3000}¦\u{205f}¦\t¦\u{feff}",
        1,
    ),
    (F::Marks, "e¦Z¦ا¦क¦ก", 1),
];

/// What a formula does.
pub(super) const FORMULAS: &str =
    "cmd|'/c calc'!A1¦HYPERLINK(\"http://evil.example\",\"x\")¦1+1;=2¦SUM(1,2)";

/// A family, its code points from and to, and how many of them one string holds at most.
type Points = (F, &'static [(u32, u32)], usize);

/// Families that are drawn from ranges.
pub(super) const RANGES: [Points; 5] = [
    (F::Control, &[(0, 0x1f), (0x7f, 0x9f)], 6),
    (F::Tags, &[(0xe_0000, 0xe_007f), (0xe_0020, 0xe_007e)], 9),
    (
        F::Marks,
        &[
            (0x300, 0x34e),
            (0x483, 0x489),
            (0x1ab0, 0x1ac0),
            (0x20d0, 0x20f0),
            (0xe47, 0xe4e),
            (0x64b, 0x652),
        ],
        60,
    ),
    (
        F::LeadingMark,
        &[(0x300, 0x30f), (0x20d0, 0x20dc), (0x93e, 0x94c)],
        5,
    ),
    (
        F::PrivateUse,
        &[
            (0xe000, 0xf8ff),
            (0xf_0000, 0xf_fffd),
            (0x10_0000, 0x10_fffd),
            (0x378, 0x379),
            (0x2_fe00, 0x2_fe20),
            (0xfff0, 0xfff8),
        ],
        5,
    ),
];
