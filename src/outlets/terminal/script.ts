/** What a backup script writes into its log, for people and programs that look for its lines. */

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** As `date` prints it in the C locale: `Thu Oct 31 01:00:07 UTC 2024`. */
const stamp = (at: Date): string =>
  [
    days[at.getUTCDay()],
    months[at.getUTCMonth()],
    String(at.getUTCDate()).padStart(2),
    at.toISOString().slice(11, 19),
    'UTC',
    at.getUTCFullYear(),
  ].join(' ')

const runTime = (ms: number): string => new Date(Math.max(0, ms)).toISOString().slice(11, 19)

export const scriptLines = {
  started: (at: Date): string => `${stamp(at)} Backup process started`,
  making: 'Restic repository not found. Initializing a new repository.',
  backingUp: 'Creating snapshot.',
  forgetting: 'Executing retention policies.',
  completed: (at: Date): string => `${stamp(at)} Backup process completed`,
  /** The run time begins anew after 24 hours, as it does there. */
  exited: (at: Date, code: number, ms: number): string =>
    `${stamp(at)} Script exited with exit code ${code}. Script runtime: ${runTime(ms)}`,
}
