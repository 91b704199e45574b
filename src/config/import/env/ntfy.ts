import type { ImportWish, Surroundings } from '../importer.ts'
import type { Variables } from './variables.ts'
import { type Expansion, expandText } from './words.ts'

const priorities = ['min', 'low', 'default', 'high', 'max'] as const

/** The notifier as it stands in muster.yaml; undefined where it is not wanted. */
export function ntfyOf(
  variables: Variables,
  by: Expansion,
  around: Surroundings,
  host: string,
  { printed }: ImportWish,
): object | undefined {
  if (!variables.isWanted('NTFY_ENABLED')) return undefined
  const priority = priorityOf(variables)
  return {
    kind: 'ntfy',
    url: serverOf(variables.text('NTFY_SERVER')?.trim() ?? 'ntfy.sh'),
    topic: variables.text('NTFY_TOPIC')?.trim() ?? 'backup',
    ...credentialsOf(variables, printed === true),
    priority: { critical: priority, warning: priority, good: priority },
    tags: (variables.text('NTFY_TAG') ?? 'bangbang')
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ''),
    lamp: false,
    failureTitle: titleOf(variables, by, around) ?? `${host} - Backup failed`,
    groupWait: '0s',
    remindEvery: 'failure',
    resolved: false,
  }
}

/** Without a scheme curl takes http; ntfy.sh itself is better asked by https. */
const serverOf = (server: string): string =>
  /^https?:\/\//i.test(server) ? server : `${/^ntfy\.sh(?:\/|$)/.test(server) ? 'https' : 'http'}://${server}`

function priorityOf(variables: Variables): number {
  const text = variables.text('NTFY_PRIO')?.trim() ?? '4'
  if (/^[1-5]$/.test(text)) return Number(text)
  const named = [...priorities, 'urgent'].indexOf(text.toLowerCase())
  if (named >= 0) return Math.min(named, 4) + 1
  const message = `${variables.show('NTFY_PRIO')} is no priority of ntfy`
  variables.wrong('NTFY_PRIO', { message, next: `Write 1 to 5, or one of: ${priorities.join(', ')}.` })
  return 4
}

/** Shell code only where it was allowed; what names the host and variables needs none. */
function titleOf(variables: Variables, by: Expansion, around: Surroundings): string | undefined {
  const text = variables.text('NTFY_TITLE')
  if (text === undefined) return undefined
  const isAllowed = variables.flag('MUSTER_ALLOW_SHELL', false)
  const expanded = expandText(text, by)
  if (expanded.ok) return oneTitle(expanded.text)
  if (!isAllowed) {
    const next = `${expanded.next} Or allow the shell: MUSTER_ALLOW_SHELL=true.`
    variables.wrong('NTFY_TITLE', { message: expanded.message, next })
    return undefined
  }
  const printed = around.shell(`echo ${text}`)
  if (typeof printed === 'string') return oneTitle(printed)
  variables.wrong('NTFY_TITLE', printed)
  return undefined
}

/** As `echo` leaves it: blanks and line ends are one blank. */
const oneTitle = (text: string): string | undefined => text.trim().replaceAll(/\s+/g, ' ') || undefined

/** Arguments of curl: `-u user:password`, or `-u :tk_…` with a token. */
function credentialsOf(variables: Variables, printed: boolean): object {
  const text = variables.text('NTFY_CREDS')?.trim()
  if (text === undefined) return {}
  const [, user, password = ''] = /^(?:(?:-u|--user)\s*)?([^\s:-][^\s:]*|(?=:)):(\S+)$/.exec(text) ?? []
  if (user === undefined) {
    variables.wrong('NTFY_CREDS', {
      message: 'is not understood',
      next: 'Write -u user:password, or -u :token, without blanks in either.',
    })
    return {}
  }
  const secret = printed ? { env: 'NTFY_PASSWORD' } : password
  return user === '' ? { token: secret } : { user, password: secret }
}
