//! `shortread run`.

use std::{io, io::Write as _, pin::pin, sync::Arc, thread};

use mock_server::{
    clock::Clock,
    scenario::{Scenario, World},
};
use tokio::task::LocalSet;

use super::{Done, args::RunArgs, failure::Failure, heard, progress, resolve};
use crate::{
    plan::Plan,
    report::{Exporter, Html, Markdown, RunView, Terminal},
    results::{Record, RunFolder, RunInfo, RunSummary, Timelines},
    world::{
        RunEnd, RunEvent,
        agree::Agreement,
        simulated,
        tcp::{self, Options, ServerError},
    },
};

pub(super) fn run(args: &RunArgs) -> Done {
    let (plan, warnings) = resolve::plan(args)?;
    for warning in warnings {
        let line = format!("\x1b[1;33mwarning\x1b[0m: {warning}");
        // Where nobody listens, the run is the same.
        let _ = writeln!(anstream::stderr().lock(), "{line}");
    }
    let program = std::env::current_exe()
        .map_err(|error| Failure::Tool(format!("cannot find this program's file: {error}")))?;
    let mut info = RunInfo::starting(std::env::args().collect(), &plan);
    let mut folder = RunFolder::create(&args.out, &info.started, args.world.word())?;
    folder.write_run(&info)?;
    let scenarios = distinct(&plan);
    folder.write_scenarios(&scenarios)?;

    let options = Options {
        program,
        jobs: args.jobs.into(),
        scratch: folder.path().to_owned(),
    };
    let clock = Clock::real();
    let start = clock.now();
    let Ran {
        records,
        timelines,
        end,
    } = execute(&plan, &options, &mut folder, args.quiet)?;
    let real = clock.now().since(start);
    info.finish(
        &records,
        u64::try_from(real.as_nanos()).unwrap_or(u64::MAX),
        end == RunEnd::Interrupted,
    );
    folder.write_run(&info)?;
    let agreement = Agreement::of(&records);
    let mut summary = RunSummary::of(&records);
    summary.disagreements = agreement.as_ref().map_or_else(Vec::new, Agreement::ids);
    folder.write_summary(&summary)?;

    let view = RunView {
        info: &info,
        records: &records,
        scenarios: &scenarios,
        folder: Some(folder.path()),
        timelines: &timelines,
        agreement: agreement.as_ref(),
        check: args.check,
    };
    let mut markdown = Vec::new();
    Markdown.export(&view, &mut markdown)?;
    folder.replace("report.md", &markdown)?;
    let mut html = Vec::new();
    Html.export(&view, &mut html)?;
    folder.replace("report.html", &html)?;
    let table = Terminal { wide: args.wide };
    let printed = table.export(&view, &mut anstream::stdout().lock());
    heard(printed.map_err(Failure::from), view.exit_code())
}

/// What came of the trials.
struct Ran {
    records: Vec<Record>,
    timelines: Timelines,
    end: RunEnd,
}

/// Runs the plan; the records in its order, however the trials ended. Each is
/// on disk before the next is waited for.
fn execute(
    plan: &Plan,
    options: &Options,
    folder: &mut RunFolder,
    quiet: bool,
) -> Result<Ran, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Tool(format!("cannot start: {error}")))?;
    let mut records: Vec<(usize, Record)> = Vec::new();
    let mut timelines = Timelines::new();
    let mut show = progress::Progress::new(plan, options.jobs, quiet);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut observe = |event: RunEvent| -> io::Result<()> {
        show.event(&event);
        if let RunEvent::Ended {
            index,
            record,
            detail,
        } = event
        {
            let name = plan.trials[index].file_name();
            folder
                .write_detail(&name, &record, &detail)
                .and_then(|()| folder.append(&record))
                .map_err(io::Error::other)?;
            timelines.insert(record.id.clone(), detail.timeline);
            records.push((index, *record));
        }
        Ok(())
    };
    let end = LocalSet::new().block_on(&runtime, async {
        let mut stop = pin!(interrupted()?);
        let end = simulated::run(plan.of(World::Virtual), threads, &mut stop, &mut observe).await?;
        if end == RunEnd::Interrupted {
            return Ok(end);
        }
        tcp::run(plan.of(World::Tcp), options, &mut stop, &mut observe).await
    });
    show.finish();
    records.sort_by_key(|(index, _)| *index);
    match end {
        Ok(end) => {
            let records = records.into_iter().map(|(_, record)| record).collect();
            Ok(Ran {
                records,
                timelines,
                end,
            })
        }
        Err(error) => Err(Failure::tool(&error)),
    }
}

/// SIGINT or SIGTERM, listened for from now on.
fn interrupted() -> Result<impl Future<Output = ()>, ServerError> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

fn distinct(plan: &Plan) -> Vec<Arc<Scenario>> {
    let mut scenarios: Vec<Arc<Scenario>> = Vec::new();
    for trial in &plan.trials {
        if !scenarios
            .iter()
            .any(|known| Arc::ptr_eq(known, &trial.scenario))
        {
            scenarios.push(Arc::clone(&trial.scenario));
        }
    }
    scenarios
}
