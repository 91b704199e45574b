/** The command line as a whole: what there is, in the order a new user needs it. */
import { Command } from 'commander'
import { version } from '../system/version.ts'
import * as ack from './ack.ts'
import * as alertmanager from './alertmanager.ts'
import * as alerts from './alerts.ts'
import * as check from './check.ts'
import * as collect from './collect.ts'
import * as completion from './completion.ts'
import * as config from './config.ts'
import * as dashboard from './dashboard.ts'
import * as deliveries from './deliveries.ts'
import * as doctor from './doctor.ts'
import { exitCodes } from './exit.ts'
import * as hostkeys from './hostkeys.ts'
import * as importing from './import.ts'
import * as init from './init.ts'
import * as install from './install.ts'
import * as notify from './notify.ts'
import * as pings from './pings.ts'
import * as pushes from './pushes.ts'
import * as report from './report.ts'
import * as rules from './rules.ts'
import * as run from './run.ts'
import * as serve from './serve.ts'
import * as snapshots from './snapshots.ts'
import * as start from './start.ts'
import * as status from './status.ts'
import * as uninstall from './uninstall.ts'

export function program(): Command {
  const root = new Command('muster')
    .description('Do your backups pass muster? Runs backups, watches repositories, proves that they restore.')
    .version(version, '--version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .showSuggestionAfterError()
    .showHelpAfterError('(muster --help shows what there is)')
    .configureHelp({ sortSubcommands: false })
    .exitOverride((error) => {
      // Help and version were asked for; everything else is a usage error.
      process.exit(error.exitCode === 0 ? exitCodes.fine : exitCodes.usage)
    })
  const own = [
    init,
    run,
    serve,
    collect,
    status,
    snapshots,
    check,
    ack,
    doctor,
    hostkeys,
    notify,
    deliveries,
    alerts,
    alertmanager,
    pushes,
    pings,
    report,
    rules,
    dashboard,
  ]
  for (const command of [...own, config, importing, install, uninstall, completion, start]) {
    const made = command.define()
    made.copyInheritedSettings(root)
    for (const below of made.commands) below.copyInheritedSettings(made)
    root.addCommand(made, { hidden: command === start })
  }
  return root
}
