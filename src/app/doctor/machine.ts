/** State folder, ledger and clock. */
import { access, constants, readFile, statfs } from 'node:fs/promises'
import type { Finding } from '../../model/finding.ts'
import { sayBytes, sayDuration } from '../../model/units.ts'
import type { App } from '../context.ts'
import { error, fine, warning } from './findings.ts'

/** Below this the ledger may soon fail to write. */
const littleBytes = 64 * 1024 * 1024
/** No backup was made before Muster was written. */
const earliest = Date.UTC(2026, 0, 1)

export async function examineMachine(app: App, state: string): Promise<readonly Finding[]> {
  return [...(await stateFindings(app, state)), ...(await clockFindings(app))]
}

async function stateFindings(app: App, state: string): Promise<Finding[]> {
  const found: Finding[] = []
  const writable = await access(state, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  )
  found.push(
    writable
      ? fine('state', `${state} can be written to`)
      : error(
          'state',
          `${state} cannot be written to by this user`,
          `Give the folder to the user that runs Muster: chown -R USER ${state}`,
        ),
  )
  const disk = await statfs(state).catch(() => undefined)
  const free = disk === undefined ? undefined : disk.bavail * disk.bsize
  if (free !== undefined && free < littleBytes)
    found.push(
      error(
        'state',
        `only ${sayBytes(free)} are free below ${state}`,
        'Make room: without it nothing can be recorded.',
      ),
    )
  const damage = await app.ledger.verify()
  found.push(
    damage.length === 0
      ? fine('ledger', 'every row fits its checksum')
      : error(
          'ledger',
          damage.join('; '),
          'Stop Muster and start it again: it sets the damaged file aside. Look at the disk.',
        ),
  )
  if (app.ledger.degraded !== undefined)
    found.push(error('ledger', app.ledger.degraded.message, app.ledger.degraded.next, app.ledger.degraded.code))
  return found
}

async function clockFindings(app: App): Promise<Finding[]> {
  const now = app.now()
  if (now.getTime() < earliest)
    return [error('clock', `the clock says ${now.toISOString()}, which cannot be`, 'Set it: timedatectl set-ntp true')]
  const [newest] = await app.ledger.runs({ most: 1 })
  const back = newest === undefined ? 0 : newest.startedAt.getTime() - now.getTime()
  if (back > 120_000)
    return [
      error(
        'clock',
        `the newest run in the ledger is ${sayDuration(back)} in the future: the clock was set back`,
        'Set the clock right: timedatectl set-ntp true',
      ),
    ]
  const synchronised = await readFile('/run/systemd/timesync/synchronized').then(
    () => true,
    () => false,
  )
  const timesyncd = await access('/run/systemd/timesync').then(
    () => true,
    () => false,
  )
  if (timesyncd && !synchronised)
    return [
      warning(
        'clock',
        'systemd-timesyncd has not synchronised the clock yet',
        'Check the network and: timedatectl status',
      ),
    ]
  return [fine('clock', now.toISOString())]
}
