/** The work of `muster hostkeys`; loaded when one of its commands is called. */
import { pinnedHosts, scanKeys, trustKeys } from '../app/ssh/hostkeys.ts'
import { pinFile } from '../app/ssh/pins.ts'
import { isContradicted } from '../model/host-key.ts'
import type { Problem } from '../model/problem.ts'
import { renderPinned, renderScan } from '../outlets/terminal/hostkeys.ts'
import type { CommonOptions } from './common.ts'
import { exitCodes } from './exit.ts'
import { ended, interruptible, openApp, tellProblem } from './open.ts'

const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)

function failed(problem: Problem, options: CommonOptions): number {
  if (options.json === true) print({ problem })
  else tellProblem(problem)
  return problem.code === 'ssh.host' ? exitCodes.usage : exitCodes.failed
}

export const scan = (host: string, options: CommonOptions): Promise<void> =>
  ended(async () => {
    await using app = await openApp(options)
    const scanned = await scanKeys(app, host, interruptible().signal)
    if (!scanned.ok) return failed(scanned.problem, options)
    const { report } = scanned.value
    if (options.json === true) print(report)
    else if (options.quiet !== true) process.stdout.write(`${renderScan(report)}\n`)
    return report.changed || report.keys.some(isContradicted) ? exitCodes.notFine : exitCodes.fine
  })

export const trust = (
  host: string,
  options: CommonOptions & { readonly yes?: true; readonly fingerprint: readonly string[] },
): Promise<void> =>
  ended(async () => {
    await using app = await openApp(options)
    const scanned = await scanKeys(app, host, interruptible().signal)
    if (!scanned.ok) return failed(scanned.problem, options)
    const { report } = scanned.value
    if (options.json !== true && options.quiet !== true) process.stdout.write(`${renderScan(report)}\n`)
    const isAsked =
      options.json !== true && options.yes !== true && options.fingerprint.length === 0 && process.stdin.isTTY === true
    const confirmed = options.yes === true || (isAsked && !report.keys.some(isContradicted) && (await isAgreed()))
    const pinned = await trustKeys(app, scanned.value, { fingerprints: options.fingerprint, confirmed })
    if (!pinned.ok) return failed(pinned.problem, options)
    if (options.json === true) print({ ...report, trusted: pinned.value })
    else if (options.quiet !== true)
      process.stdout.write(
        `Pinned for ${report.name}: ${pinned.value.map(({ type, fingerprint }) => `${type} ${fingerprint}`).join(', ')}\n`,
      )
    return exitCodes.fine
  })

async function isAgreed(): Promise<boolean> {
  const { confirm } = await import('@clack/prompts')
  return (
    (await confirm({ message: 'Are these the fingerprints that its provider publishes?', initialValue: false })) ===
    true
  )
}

export const show = (options: CommonOptions): Promise<void> =>
  ended(async () => {
    await using app = await openApp(options)
    const hosts = await pinnedHosts(app)
    if (options.json === true) print(hosts)
    else if (options.quiet !== true) process.stdout.write(`${renderPinned(hosts, pinFile(app))}\n`)
    return hosts.some(({ changed }) => changed) ? exitCodes.notFine : exitCodes.fine
  })
