/** Arguments of `restic backup` that stand in a variable, as settings of Muster. */
import { refusedArguments, separate } from '../../../sources/tools/restic/settings.ts'
import type { Variables } from './variables.ts'
import { type Expansion, splitWords } from './words.ts'

/** What somebody asks of `restic backup`. */
export interface Asked {
  readonly sources: readonly string[]
  readonly tags: readonly string[]
  /** Backend options. */
  readonly options: readonly string[]
  readonly limits: Readonly<Record<string, string>>
  /** Passed on as they are. */
  readonly arguments: readonly string[]
  readonly program?: string
}

const nothing: Asked = { sources: [], tags: [], options: [], limits: {}, arguments: [] }

const command = 'RESTIC_BACKUP_COMMAND'
const parameters = 'RESTIC_ADDITIONAL_BACKUP_PARAMETERS'

/** From RESTIC_SOURCE and RESTIC_ADDITIONAL_BACKUP_PARAMETERS. */
export function parametersOf(variables: Variables, by: Expansion, host: string): Asked {
  const sources = wordsOf(variables, 'RESTIC_SOURCE', by) ?? []
  // A dash would make an option of it.
  for (const source of sources.filter((one) => one.startsWith('-')))
    variables.wrong('RESTIC_SOURCE', {
      message: `${JSON.stringify(source.slice(0, 60))} would be taken for an option`,
      next: `Write ./${source.slice(0, 60)}, or put options into ${parameters}.`,
    })
  const asked = askedOf(variables, parameters, wordsOf(variables, parameters, by) ?? [], host)
  return { ...asked, sources: whole(variables, 'RESTIC_SOURCE', [...sources, ...asked.sources]) }
}

/** From RESTIC_BACKUP_COMMAND, which takes the place of both. */
export function commandOf(variables: Variables, by: Expansion, host: string): Asked {
  const words = wordsOf(variables, command, by)
  if (words === undefined) return nothing
  const [program = '', verb, ...rest] = words
  if (!/(?:^|\/)restic$/.test(program) || verb !== 'backup') {
    const next = 'Write restic backup and its arguments; what has to happen before belongs into PRE_HOOK.'
    variables.wrong(command, { message: 'is not restic backup, and Muster runs nothing else', next })
    return nothing
  }
  const asked = askedOf(variables, command, rest, host)
  if (asked.sources.length === 0)
    variables.wrong(command, { message: 'names nothing to back up', next: 'Name a folder, such as "$RESTIC_SOURCE".' })
  const sources = whole(variables, command, asked.sources)
  return { ...asked, sources, ...(program !== 'restic' && { program }) }
}

function wordsOf(variables: Variables, name: string, by: Expansion): readonly string[] | undefined {
  const text = variables.text(name)
  const split = text === undefined ? { ok: true as const, words: [] } : splitWords(text, by)
  if (split.ok) return split.words
  variables.wrong(name, split)
  return undefined
}

/** Sources that only a shell would find. */
function whole(variables: Variables, name: string, sources: readonly string[]): readonly string[] {
  for (const source of sources.filter((one) => /[*?[]/.test(one)))
    variables.wrong(name, {
      message: `${JSON.stringify(source.slice(0, 60))} is a pattern, which only a shell fills in`,
      next: 'Name the folder above it, and leave out the rest with --exclude.',
    })
  return sources
}

function askedOf(variables: Variables, name: string, words: readonly string[], host: string): Asked {
  const { options: given, sources } = separate(words)
  const asked = { tags: [] as string[], options: [] as string[], arguments: [] as string[] }
  const limits: Record<string, string> = {}
  for (const { option, value, written } of given) {
    if (option === 'host' || option === 'hostname' || option === 'H') {
      if (value === host) continue
      const next = 'Take it out and set RESTIC_HOSTNAME, which retention goes by too.'
      variables.wrong(name, { message: `names another host than RESTIC_HOSTNAME by ${dashed(option)}`, next })
    } else if (option === 'tag') asked.tags.push(...(value ?? '').split(',').filter((tag) => tag !== ''))
    else if (option === 'option' || option === 'o') asked.options.push(value ?? '')
    else if ((option === 'limit-upload' || option === 'limit-download') && /^[1-9]\d{0,9}$/.test(value ?? ''))
      limits[option === 'limit-upload' ? 'uploadRate' : 'downloadRate'] = `${value}K`
    else if (/^(?:v+|verbose|q|quiet|json)$/.test(option))
      variables.unwise(name, {
        message: `${dashed(option)} is left out: Muster reads the output`,
        next: 'Take it out.',
      })
    else asked.arguments.push(...written)
  }
  const [refused] = refusedArguments(asked.arguments)
  if (refused !== undefined) {
    // What stands behind the sign may be a secret.
    const argument = refused.argument.replace(/=.*/s, '=…"')
    variables.wrong(name, { message: `the argument ${argument} is refused: ${refused.reason}`, next: 'Take it out.' })
  }
  return { ...asked, limits, sources }
}

const dashed = (option: string): string => (option.length === 1 ? `-${option}` : `--${option}`)
