//! The forge on the command line.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use forge::error::{Error, Result};
use forge::{kind, scenario};

const HELP: &str = "\
forge: writes valid EVTX files from scenario files, for dualuse's tests, benchmarks and bundled case

Usage:
  forge build SCENARIO... -o DIR                 write the log files of each scenario below DIR
  forge bulk --records N [--planted K] [--seed S] -o FILE.evtx
                                                 write one very large log with K uses of PsExec in it
  forge kinds [NAME]                             list the event kinds, or the layouts and fields of one
  forge recipes                                  list the recipes
  forge --help

With several scenarios, each gets a folder of its own below DIR, named after its file.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("forge: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let (command, rest) = arguments
        .split_first()
        .map_or(("--help", [].as_slice()), |(first, rest)| {
            (first.as_str(), rest)
        });
    match command {
        "build" => build(rest),
        "bulk" => bulk(rest),
        "kinds" => kinds(rest),
        "recipes" => recipes(),
        "--help" | "-h" | "help" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(Error::new(format!(
            "no command `{other}`; `forge --help` lists them"
        ))),
    }
}

/// The value after `-o` and friends, and what is left.
fn option(arguments: &[String], names: &[&str]) -> Result<(Option<String>, Vec<String>)> {
    let Some(at) = arguments
        .iter()
        .position(|argument| names.contains(&argument.as_str()))
    else {
        return Ok((None, arguments.to_vec()));
    };
    let value = arguments
        .get(at + 1)
        .ok_or_else(|| Error::new(format!("{} needs a value", names.join("/"))))?;
    let rest = arguments
        .iter()
        .enumerate()
        .filter(|(i, _)| *i != at && *i != at + 1)
        .map(|(_, a)| a.clone());
    Ok((Some(value.clone()), rest.collect()))
}

fn needed(arguments: &[String], names: &[&str]) -> Result<(String, Vec<String>)> {
    let (value, rest) = option(arguments, names)?;
    value.map(|value| (value, rest)).ok_or_else(|| {
        Error::new(format!(
            "{} is missing; see `forge --help`",
            names.join("/")
        ))
    })
}

fn build(arguments: &[String]) -> Result<()> {
    let (folder, scenarios) = needed(arguments, &["-o", "--output"])?;
    if let Some(unknown) = scenarios.iter().find(|argument| argument.starts_with('-')) {
        return Err(Error::new(format!(
            "no option `{unknown}`; see `forge --help`"
        )));
    }
    if scenarios.is_empty() {
        return Err(Error::new("name at least one scenario file"));
    }
    for name in &scenarios {
        let path = Path::new(name);
        let mut target = PathBuf::from(&folder);
        if scenarios.len() > 1 {
            target.push(path.file_stem().unwrap_or_default());
        }
        for written in scenario::load(path)?.write_to(&target)? {
            println!("{}", written.display());
        }
    }
    Ok(())
}

fn bulk(arguments: &[String]) -> Result<()> {
    let (file, rest) = needed(arguments, &["-o", "--output"])?;
    let (records, rest) = needed(&rest, &["--records"])?;
    let (planted, rest) = option(&rest, &["--planted"])?;
    let (seed, rest) = option(&rest, &["--seed"])?;
    if let Some(unknown) = rest.first() {
        return Err(Error::new(format!(
            "no option `{unknown}`; see `forge --help`"
        )));
    }
    let count = |name: &str, text: &str| {
        text.replace('_', "")
            .parse::<u64>()
            .map_err(|_| Error::new(format!("`{text}` is no whole number")).at_key(name))
    };
    let wanted = forge::bulk::Bulk {
        records: count("--records", &records)?,
        planted: planted.map_or(Ok(0), |text| count("--planted", &text))?,
        seed: seed.map_or(Ok(1), |text| count("--seed", &text))?,
    };
    let path = Path::new(&file);
    let out = std::fs::File::create(path).map_err(|error| Error::from(error).in_file(path))?;
    wanted
        .write(std::io::BufWriter::with_capacity(1 << 20, out))
        .map_err(|error| error.in_file(path))
}

fn kinds(arguments: &[String]) -> Result<()> {
    let Some(name) = arguments.first() else {
        for (name, kind) in kind::kinds()? {
            let layout = kind.layout(None)?;
            println!(
                "{name:<22} {} / {} ({} fields)",
                layout.provider.name,
                layout.event_id,
                layout.fields.len()
            );
        }
        return Ok(());
    };
    let kind = kind::kind(name)?;
    for layout_name in kind.layout_names() {
        let layout = kind.layout(Some(layout_name))?;
        println!("layout {layout_name} (version {})", layout.version);
        for field in &layout.fields {
            println!("  {}: {:?}", field.name, field.value_type);
        }
    }
    Ok(())
}

fn recipes() -> Result<()> {
    for (name, about, needs) in scenario::recipe::list()? {
        println!("{name:<28} {about}\n{:<28} needs {}", "", needs.join(", "));
    }
    Ok(())
}
