import { Command } from 'commander'
import { type CommonOptions, common, from } from './common.ts'

export const define = (): Command => {
  const config = new Command('config').description('check, show or describe the configuration').helpCommand(false)
  config.addCommand(
    from(
      common(
        new Command('check').description('say everything that is wrong with the file; exit code 2 if anything is'),
      ),
    ).action(checkIt),
  )
  config.addCommand(
    from(
      common(new Command('show').description('print the effective configuration, defaults filled in, secrets as ***')),
    ).action(showIt),
  )
  config.addCommand(new Command('schema').description('print the JSON Schema, for editors').action(schemaIt))
  return config
}

async function checkIt(options: CommonOptions): Promise<void> {
  const { ended, openConfig, readConfig } = await import('./open.ts')
  const { exitCodes } = await import('./exit.ts')
  await ended(async () => {
    const { secretFileWarnings } = await import('../config/secret-files.ts')
    const { pingKeyFindings } = await import('../app/pings/findings.ts')
    const loaded = await readConfig(options)
    const keys = await pingKeyFindings(loaded)
    const open = [...secretFileWarnings(loaded), ...keys.warnings]
    if (options.json === true) {
      const { file, warnings } = loaded
      const errors = [...loaded.errors, ...keys.errors]
      process.stdout.write(`${JSON.stringify({ file, errors, warnings: [...warnings, ...open] }, undefined, 2)}\n`)
      return errors.length === 0 ? exitCodes.fine : exitCodes.usage
    }
    const { file, config } = await openConfig(options)
    const { sayFinding } = await import('../config/finding.ts')
    for (const warning of options.quiet === true ? [] : open)
      process.stderr.write(`warning: ${sayFinding(loaded.file, warning)}\n`)
    for (const error of keys.errors) process.stderr.write(`${sayFinding(loaded.file, error)}\n`)
    if (keys.errors.length > 0) return exitCodes.usage
    const count = (number: number, one: string, more: string): string => `${number} ${number === 1 ? one : more}`
    const pings = Object.keys(config.pings).length
    const what = `${count(Object.keys(config.repositories).length, 'repository', 'repositories')}, ${count(Object.keys(config.jobs).length, 'job', 'jobs')}${pings === 0 ? '' : `, ${pings} told by pings`}`
    if (options.quiet !== true) process.stdout.write(`${file}: fine (${what})\n`)
    return exitCodes.fine
  })
}

async function showIt(options: CommonOptions): Promise<void> {
  const { ended, openConfig } = await import('./open.ts')
  const { masked, renderConfig } = await import('../config/show.ts')
  await ended(async () => {
    const { config } = await openConfig(options)
    process.stdout.write(
      options.json === true ? `${JSON.stringify(masked(config), undefined, 2)}\n` : renderConfig(config),
    )
    return 0
  })
}

async function schemaIt(): Promise<void> {
  const { jsonSchema } = await import('../config/json-schema.ts')
  process.stdout.write(`${JSON.stringify(jsonSchema(), undefined, 2)}\n`)
}
