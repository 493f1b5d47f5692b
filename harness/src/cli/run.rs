//! `shortread run`: runs a plan and writes its results.

use std::{cell::RefCell, io, io::Write as _, pin::pin};

use shortread_server::clock::Clock;
use tokio::task::LocalSet;

use super::{
    Done,
    args::RunArgs,
    failure::Failure,
    heard, on_screen,
    progress::{RunProgress, beside},
    report, save, step_summary,
    work::Work,
};
use crate::{
    measure::Load,
    report::{Exporter, RunView},
    results::{Record, RunFolder, RunSummary, Timelines, agree::Agreement, in_order},
    warning,
    world::{
        RunEnd, RunEvent,
        tcp::{Options, ServerError},
    },
};

pub(super) fn run(args: &RunArgs) -> Done {
    let (work, warnings) = Work::of(args)?;
    for warning in warnings {
        let line = format!("\x1b[1;33mwarning\x1b[0m: {warning}");
        // If nobody listens, the run goes on.
        let _ = writeln!(anstream::stderr().lock(), "{line}");
    }
    if let Some(line) = work.clocks().filter(|_| !args.quiet) {
        let _ = writeln!(anstream::stderr().lock(), "{line}");
    }
    let program = std::env::current_exe()
        .map_err(|error| Failure::Tool(format!("cannot find this program's file: {error}")))?;
    let mut info = work.header(command_line());
    let mut folder = RunFolder::create(&args.out, &info.started, args.world.word())?;
    folder.write_run(&info)?;
    let scenarios = work.scenarios();
    folder.write_scenarios(&scenarios)?;

    let options = Options {
        program,
        jobs: args.jobs.into(),
        scratch: folder.path().to_owned(),
        save: args.save.clone(),
    };
    let clock = Clock::real();
    let start = clock.now();
    let Ran {
        mut records,
        load,
        end,
    } = execute(&work, &options, &mut folder, args.quiet)?;
    let real = clock.now().since(start);
    in_order(&mut records, &info);
    info.finish(
        &records,
        u64::try_from(real.as_nanos()).unwrap_or(u64::MAX),
        end == RunEnd::Interrupted,
    );
    info.load = load;
    folder.write_run(&info)?;
    let agreement = Agreement::of(&records);
    let mut summary = RunSummary::of(&records);
    summary.disagreements = agreement.as_ref().map_or_else(Vec::new, Agreement::ids);
    summary.warnings = warning::warnings(&info, &records, &scenarios);
    folder.write_summary(&summary)?;

    let view = RunView {
        info: &info,
        records: &records,
        scenarios: &scenarios,
        folder: Some(folder.path()),
        // The files are read again to draw them.
        timelines: &Timelines::kept(folder.path()),
        agreement: agreement.as_ref(),
        check: args.check,
    };
    report::write_files(&view, folder.path())?;
    step_summary::append(&view);
    let printed = on_screen(args.wide).export(&view, &mut anstream::stdout().lock());
    if let Some(folder) = &args.save {
        // If nobody listens, the reports have it too.
        let _ = save::tell(&view, folder, &mut anstream::stderr().lock());
    }
    heard(printed.map_err(Failure::from), view.exit_code())
}

/// The result of running a plan.
struct Ran {
    records: Vec<Record>,
    load: Option<Load>,
    end: RunEnd,
}

/// Runs the plan. Returns the records in the order in which they ended; each is
/// on disk before the next one is awaited.
fn execute(
    work: &Work,
    options: &Options,
    folder: &mut RunFolder,
    quiet: bool,
) -> Result<Ran, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Tool(format!("cannot start: {error}")))?;
    let mut records: Vec<Record> = Vec::new();
    let show = RefCell::new(RunProgress::new(work.tasks(), options.jobs, quiet));
    let mut observe = |event: RunEvent| -> io::Result<()> {
        show.borrow_mut().event(&event);
        if let RunEvent::Ended {
            index,
            record,
            detail,
        } = event
        {
            let name = work.file_name(index);
            folder
                .write_detail(&name, &record, &detail)
                .and_then(|()| folder.append(&record))
                .map_err(io::Error::other)?;
            records.push(*record);
        }
        Ok(())
    };
    let ran = LocalSet::new().block_on(&runtime, async {
        let stop = pin!(interrupted()?);
        beside(work.run(options, stop, &mut observe), &show).await
    });
    show.borrow_mut().finish();
    match ran {
        Ok((end, load)) => Ok(Ran { records, load, end }),
        Err(error) => Err(Failure::tool(&error)),
    }
}

/// The command line as typed. JSON cannot hold text that is not UTF-8.
fn command_line() -> Vec<String> {
    std::env::args_os()
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}

/// Waits for SIGINT or SIGTERM, which are caught from now on.
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
