import { Command } from 'commander'
import { type CommonOptions, common, from } from './common.ts'

interface Options extends CommonOptions {
  readonly repository?: string
  readonly all?: true
  readonly note?: string
}

export const define = (): Command =>
  from(
    common(
      new Command('ack')
        .description('settle findings of history that somebody looked into; without arguments: list the open ones')
        .argument('[numbers...]', 'numbers of findings'),
    ),
  )
    .option('--repository <name>', 'all open ones of a repository')
    .option('--all', 'all open ones')
    .option('--note <text>', 'why it is settled; kept with the finding')
    .action(async (numbers: string[], options: Options) => {
      const { ended, mustKnow, openApp, Told } = await import('./open.ts')
      const { renderHistory } = await import('../outlets/terminal/history.ts')
      const { exitCodes } = await import('./exit.ts')
      await ended(async () => {
        await using app = await openApp(options)
        if (options.repository !== undefined)
          mustKnow('repository', [options.repository], Object.keys(app.config.repositories))
        const open = await app.ledger.findings({ open: true })
        const isAsked = ({ number, repository }: { number: number; repository: string }): boolean =>
          options.all === true || repository === options.repository || numbers.includes(String(number))
        const unknown = numbers.filter((text) => !open.some(({ number }) => String(number) === text))
        for (const text of unknown)
          process.stderr.write(`There is no open finding ${JSON.stringify(text)}.\n    → muster ack lists them.\n`)
        if (unknown.length > 0) throw new Told(exitCodes.usage)
        const isList = numbers.length === 0 && options.all !== true && options.repository === undefined
        const shown = isList
          ? open
          : await app.ledger.settleFindings(
              open.filter(isAsked).map(({ number }) => number),
              app.now(),
              options.note,
            )
        if (options.json === true) process.stdout.write(`${JSON.stringify(shown, undefined, 2)}\n`)
        else if (options.quiet !== true) process.stdout.write(`${renderHistory(shown)}\n`)
        return isList && shown.length > 0 ? exitCodes.notFine : exitCodes.fine
      })
    })
