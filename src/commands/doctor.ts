import { Command } from 'commander'
import { type CommonOptions, common, from } from './common.ts'

export const define = (): Command =>
  from(
    common(
      new Command('doctor')
        .description(
          'look at programs, secrets, repositories, locks, clock and schedules; each finding says what to do',
        )
        .argument('[repositories...]', 'names; default: all'),
    ),
  ).action(async (names: string[], options: CommonOptions) => {
    const { ended, interruptible, mustKnow, openApp } = await import('./open.ts')
    const { examine } = await import('../app/doctor/examine.ts')
    const { openProgress, silentProgress } = await import('../outlets/terminal/progress.ts')
    const { renderFindings } = await import('../outlets/terminal/findings.ts')
    const { exitCodes } = await import('./exit.ts')
    await ended(async () => {
      await using app = await openApp(options)
      const all = Object.keys(app.config.repositories)
      mustKnow('repository', names, all)
      const { signal } = interruptible()
      const view =
        process.stderr.isTTY === true && options.quiet !== true
          ? await openProgress('doctor', process.stderr)
          : silentProgress
      const findings = await examine(app, {
        repositories: names.length === 0 ? all : names,
        state: app.state,
        signal,
        onDone: (subject) => view.phase(subject),
      })
      view.done()
      if (signal.aborted) return exitCodes.interrupted
      const shown = options.quiet === true ? findings.filter((finding) => finding.level !== 'fine') : findings
      if (options.json === true) process.stdout.write(`${JSON.stringify(findings, undefined, 2)}\n`)
      else if (shown.length > 0 || options.quiet !== true) process.stdout.write(`${renderFindings(shown)}\n`)
      if (findings.some((finding) => finding.level === 'error')) return exitCodes.failed
      return findings.some((finding) => finding.level === 'warning') ? exitCodes.warnings : exitCodes.fine
    })
  })
