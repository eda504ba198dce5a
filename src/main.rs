fn main() {
    let progress = dualuse::timeline::load::Progress::default();
    let paths: Vec<std::path::PathBuf> = std::env::args_os().skip(1).map(Into::into).collect();
    let start = std::time::Instant::now();
    let timeline = dualuse::timeline::load::load(&paths, Default::default(), &progress);
    println!(
        "{} events {} dups {} hosts in {:?}",
        timeline.len(),
        timeline.duplicate_count(),
        timeline.hosts().len(),
        start.elapsed()
    );
    for s in timeline.sources() {
        if !s.damage.is_empty() || s.read_in_full > 0 {
            println!(
                "{} {} full {} {:?}",
                s.path.display(),
                s.events,
                s.read_in_full,
                s.damage
            );
        }
    }
    if std::env::var("LINES").is_ok() {
        for i in timeline.indices() {
            let e = timeline.event(i).unwrap();
            println!(
                "{} {} {} {} {} {}",
                e.time,
                e.host,
                e.kind.event_id,
                e.record_id,
                e.source.path.file_name().unwrap().to_string_lossy(),
                dualuse::text::line(&dualuse::timeline::summary::line(&timeline, i))
            );
        }
    }
}
