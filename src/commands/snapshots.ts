import { Command } from 'commander'
import { type CommonOptions, common, from } from './common.ts'

export const define = (): Command =>
  from(
    common(
      new Command('snapshots')
        .description('list the snapshots of a repository, newest last')
        .argument('<repository>', 'name of the repository'),
    ),
  ).action(async (name: string, options: CommonOptions) => {
    const { ended, interruptible, mustKnow, openApp, tellProblem } = await import('./open.ts')
    const { readRepository } = await import('../app/reading.ts')
    const { renderSnapshots } = await import('../outlets/terminal/snapshots.ts')
    const { exitCodes } = await import('./exit.ts')
    await ended(async () => {
      await using app = await openApp(options)
      mustKnow('repository', [name], Object.keys(app.config.repositories))
      const { reading, snapshotIds } = await readRepository(app, name, {
        signal: interruptible().signal,
        locks: false,
        stats: false,
      })
      if (reading.problem !== undefined && reading.snapshots === undefined) {
        if (options.json === true) process.stdout.write(`${JSON.stringify({ problem: reading.problem })}\n`)
        else tellProblem(reading.problem)
        return exitCodes.failed
      }
      const here = new Set(snapshotIds)
      const snapshots = (await app.ledger.snapshots(name)).filter(({ id }) => here.has(id))
      process.stdout.write(
        options.json === true ? `${JSON.stringify(snapshots, undefined, 2)}\n` : `${renderSnapshots(snapshots)}\n`,
      )
      // Some could not be read: what could is listed, and what is wrong is said beside it.
      if (reading.problem !== undefined) tellProblem(reading.problem)
      return reading.problem === undefined ? exitCodes.fine : exitCodes.failed
    })
  })
