//! Groups that an account was put into, as command lines say.

use super::Row;
use super::deeds;
use super::scene::{Found, Scene};
use crate::detect::file_stem;
use crate::timeline::EventIndex;

/// Groups that a command of the use put somebody into, each with the event that shows it.
pub(in super::super) fn joined(scene: &Scene<'_, '_>) -> Vec<(String, Option<EventIndex>)> {
    let deeds = deeds::run(scene).into_iter();
    deeds
        .filter_map(|deed| Some((joined_group(&words(&deed.line))?, deed.event)))
        .collect()
}

pub(super) fn admin_group_joined(scene: &Scene<'_, '_>, _: &Row) -> Option<Found> {
    let site = scene.around.environment;
    let of_admins: Vec<_> = joined(scene)
        .into_iter()
        .filter(|(group, _)| site.is_admin_group(group) == Some(true))
        .collect();
    let group = of_admins.first()?.0.clone();
    let found = Found::by(of_admins.into_iter().filter_map(|(_, event)| event))?;
    Some(found.with("group", group))
}

/// The words of a command line; quotes hold a word together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for character in line.chars() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, _) if character.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            _ => word.push(character),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// The group that `net group NAME MEMBER /add` and PowerShell's like put a member into. A command
/// in quotes (`cmd /c "net …"`) is looked into.
fn joined_group(given: &[String]) -> Option<String> {
    for (place, word) in given.iter().enumerate() {
        let rest = given.get(place + 1..).unwrap_or_default();
        let found = match file_stem(word).as_str() {
            "net" | "net1" => by_net(rest),
            "add-adgroupmember" | "add-localgroupmember" => by_powershell(rest),
            _ if word.contains(' ') => joined_group(&words(word)),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn by_net(rest: &[String]) -> Option<String> {
    let (verb, rest) = rest.split_first()?;
    let is_group = ["group", "localgroup"]
        .iter()
        .any(|group| verb.eq_ignore_ascii_case(group));
    let adds = rest.iter().any(|word| word.eq_ignore_ascii_case("/add"));
    // Without a member it is the group itself that is made.
    let mut names = rest.iter().filter(|word| !word.starts_with('/'));
    let (group, _member) = (names.next()?, names.next()?);
    (is_group && adds).then(|| group.clone())
}

fn by_powershell(rest: &[String]) -> Option<String> {
    let is_name = |word: &String| {
        ["-identity", "-group", "-name"]
            .iter()
            .any(|name| word.eq_ignore_ascii_case(name))
    };
    match rest.iter().position(is_name) {
        Some(place) => rest.get(place + 1).cloned(),
        None => rest.first().filter(|word| !word.starts_with('-')).cloned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_read_from_command_lines() {
        let of = |line: &str| joined_group(&words(line)).unwrap_or_default();
        assert_eq!(
            of(r#"net.exe group "Server Admins" bob /add /domain"#),
            "Server Admins"
        );
        assert_eq!(
            of(r#"cmd.exe /c "net localgroup Administrators CORP\bob /add""#),
            "Administrators"
        );
        assert_eq!(
            of("powershell Add-ADGroupMember -Members bob -Identity 'Domain Admins'"),
            "Domain Admins"
        );
        assert_eq!(of("powershell Add-LocalGroupMember Users bob"), "Users");
        assert_eq!(of(r#"net group "Server Admins" /domain"#), "");
        assert_eq!(of("net localgroup Helpers /add"), "");
        assert_eq!(of("net user bob Pass /add"), "");
    }
}
