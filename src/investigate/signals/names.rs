//! Whether a name looks as if a machine had drawn its letters.

/// Lengths of random names that the known tools make (catalogue D10).
const LENGTHS: [usize; 6] = [4, 7, 8, 10, 16, 20];

/// The pairs of letters that make up most of English and of the abbreviations in service names.
const USUAL_PAIRS: &str = "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve \
    co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly \
    nc et ut ss so rs un lo wa ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia am \
    fi ci vi pl ig tu ev ld ry mp fe bl ab gh ty op wo sa ay ex ke fr oo av ag if ap gr od bo sp rd do uc bu ei ov by \
    rm ep tt oc fa ef cu rn sc gi da yo cr cl du ga qu ue ff ba ey ls va um pp ua up lu go ht ru ug ds lt pi rc rr eg \
    au ck ew mu br bi pt ak pu ui rg ib tl ny ki rk ys ob mm fu ph og ms ye ud mb ip ub oi rl gu dr hr cc tw ft wn nu mg gm mt \
    af hu nn eo vo rv nf xp gn sm fl iz ok nl my gl aw ju oa eq sy sl ps jo lf nv je nk kn gs dy hy ze ks xt bs ik dd \
    pm sv vc rp wm db sq ql ws dn ip ns dh cp ms vm fs gp vs ss rd ts sd km xb";

/// Whether a name has one of the usual lengths of random names, only letters (or letters and digits
/// at seven), and hardly a pair of letters that language would have.
pub(super) fn looks_random(name: &str) -> bool {
    let length = name.chars().count();
    let letters = name.chars().all(|c| c.is_ascii_alphabetic());
    let digits_too = matches!(length, 7 | 16) && name.chars().all(|c| c.is_ascii_alphanumeric());
    if !LENGTHS.contains(&length) || !(letters || digits_too) {
        return false;
    }
    let lower = name.to_ascii_lowercase();
    let pairs: Vec<&[u8]> = lower
        .as_bytes()
        .windows(2)
        .filter(|pair| pair.iter().all(u8::is_ascii_lowercase))
        .collect();
    let usual = pairs
        .iter()
        .filter(|pair| {
            USUAL_PAIRS
                .split_ascii_whitespace()
                .any(|usual| usual.as_bytes() == **pair)
        })
        .count();
    // Digits between the letters leave hardly a pair.
    pairs.len() < 2 || usual * 100 < pairs.len() * threshold(name)
}

/// The share of usual pairs, in percent, below which a name looks random. Capital letters inside a
/// word, as in `HnQzTs`, speak for it.
fn threshold(name: &str) -> usize {
    let inside = name.chars().zip(name.chars().skip(1));
    let rises = inside
        .filter(|(left, right)| left.is_ascii_lowercase() && right.is_ascii_uppercase())
        .count();
    let many = if name.len() == 4 { 1 } else { 2 };
    if rises >= many { 75 } else { 60 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_tools_have_drawn_look_random() {
        // Shapes of impacket, Metasploit, Cobalt Strike and Empire, drawn anew.
        for name in [
            "kXqz",
            "hjWdQcRs",
            "7f3k9qz",
            "BQJXWKZPRVMTGHDLCNFS",
            "xkqvzjwpgf",
            "QnbWzJkXvRtHqLpC",
        ] {
            assert!(looks_random(name), "{name}");
        }
    }

    #[test]
    fn names_that_people_have_given_do_not() {
        for name in [
            "BITS",
            "WinDefend",
            "Spooler",
            "services",
            "OssecSvc",
            "wuauserv",
            "Netlogon",
            "backup",
            "SensePlus",
            "hello",
            "deploy",
            "Sysmon64",
            "ccmsetup",
            "NewService",
            "W32Time",
            "LanmanServer",
            "Updater",
            "netprofm",
        ] {
            assert!(!looks_random(name), "{name}");
        }
    }
}
