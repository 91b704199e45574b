import { Command, Option } from 'commander'
import { type UnitKind, unitKinds } from '../outlets/systemd/unit.ts'

export interface InstallOptions {
  readonly yes?: true
  readonly config: string
  readonly from?: string
  readonly to?: readonly string[]
  readonly smtp: string
  readonly kind?: UnitKind
  readonly ns8?: boolean
  readonly loopbackOnly?: true
  readonly program?: string
  readonly root?: string
}

export const define = (): Command =>
  new Command('install')
    .description('make Muster a service of systemd: unit, user, folders; says what it will do, and asks')
    .option('-y, --yes', 'ask nothing')
    .option('--config <file>', 'the configuration that is served', '/etc/muster/muster.yaml')
    .option('--from <address>', 'who mails about backups are from, where the configuration says nothing of it yet')
    .option('--to <address>', 'who gets them; may be repeated', (one: string, all?: readonly string[]) => [
      ...(all ?? []),
      one,
    ])
    .option('--smtp <url>', 'the mail server', 'smtp://localhost:25')
    .addOption(
      new Option(
        '--kind <kind>',
        'watcher: without any right of root; runner: may read all files; node: may use runagent (default: what the configuration needs)',
      ).choices(unitKinds),
    )
    .option('--ns8', 'this is a node of NethServer 8 (default: where runagent is in PATH)')
    .option('--no-ns8', 'it is none')
    .option('--loopback-only', 'the service may talk to this machine alone')
    .option('--program <path>', 'what the unit starts (default: this program)')
    .option('--root <folder>', 'install below this folder, such as an image; systemd is not called')
    .action(async (options: InstallOptions) => {
      const { ended } = await import('./open.ts')
      const { runInstall } = await import('./install-run.ts')
      await ended(() => runInstall(options))
    })
