import { maskUrl } from '../../show.ts'
import type { ImportWish, Surroundings } from '../importer.ts'
import { isBackendVariable } from './known.ts'
import { podsLike } from './names.ts'
import type { Variables } from './variables.ts'
import { splitWords } from './words.ts'

/** The repository as it stands in muster.yaml. */
export function repositoryOf(variables: Variables, around: Surroundings, { printed }: ImportWish): object {
  const url = addressOf(variables, around) ?? ''
  const cacheDir = variables.text('RESTIC_CACHE_DIR')
  const backend = variables.names.filter((name) => isBackendVariable(name) && variables.text(name) !== undefined)
  const isPod = variables.text('KUBERNETES_SERVICE_HOST') !== undefined
  if (printed && maskUrl(url) !== url)
    variables.unwise('RESTIC_REPOSITORY', {
      message: 'holds a password, which is not printed',
      next: 'Put it into RESTIC_REST_USERNAME and RESTIC_REST_PASSWORD, and the address without it into url.',
    })
  return {
    tool: 'restic',
    url: printed ? maskUrl(url) : url,
    ...passwordOf(variables),
    ...(backend.length > 0 && { environment: Object.fromEntries(backend.map((name) => [name, { env: name }])) }),
    ...(cacheDir !== undefined && { cacheDir }),
    create: true,
    ...(isPod && { lockHosts: [podsLike(variables.text('HOSTNAME') ?? around.host)] }),
    // Each backup reads the repository back; between them nothing happens, and looking at a bucket costs money.
    read: { every: '6h' },
  }
}

function addressOf(variables: Variables, { readText }: Surroundings): string | undefined {
  const url = variables.text('RESTIC_REPOSITORY')
  const file = variables.text('RESTIC_REPOSITORY_FILE')
  if (url !== undefined && file !== undefined)
    variables.wrong('RESTIC_REPOSITORY_FILE', { message: 'says the same as RESTIC_REPOSITORY', next: 'Leave one out.' })
  if (url !== undefined) return url.trim()
  if (file === undefined) {
    const next = 'Set it to the repository, such as s3:s3.example.com/bucket/emby.'
    variables.wrong('RESTIC_REPOSITORY', { message: 'is not set', next })
    return undefined
  }
  const text = readText(file)
  if (typeof text === 'string' && text.trim() !== '') return text.trim()
  const why = typeof text === 'string' ? { message: 'the file is empty', next: 'Write the repository into it.' } : text
  variables.wrong('RESTIC_REPOSITORY_FILE', { message: `${JSON.stringify(file)}: ${why.message}`, next: why.next })
  return undefined
}

/** One of the three; restic itself would take the first it finds, and say nothing of the others. */
function passwordOf(variables: Variables): object {
  const command = variables.text('RESTIC_PASSWORD_COMMAND')
  const file = variables.text('RESTIC_PASSWORD_FILE')
  if (command !== undefined && file !== undefined)
    variables.wrong('RESTIC_PASSWORD_COMMAND', {
      message: 'says the same as RESTIC_PASSWORD_FILE',
      next: 'Leave one out.',
    })
  const other = file !== undefined ? 'RESTIC_PASSWORD_FILE' : 'RESTIC_PASSWORD_COMMAND'
  if ((file ?? command) !== undefined && variables.text('RESTIC_PASSWORD') !== undefined)
    variables.wrong('RESTIC_PASSWORD', { message: `says the same as ${other}`, next: 'Leave one out.' })
  if (command !== undefined) {
    // restic splits it into words, and expands nothing.
    const split = splitWords(command.replaceAll('$', '\\$'), { host: '', variable: () => undefined })
    if (split.ok) return { password: { command: split.words } }
    variables.wrong('RESTIC_PASSWORD_COMMAND', split)
    return {}
  }
  if (file !== undefined) return { password: { file } }
  if (variables.text('RESTIC_PASSWORD') === undefined) {
    const next = 'Set it, from a Secret, or RESTIC_PASSWORD_FILE or RESTIC_PASSWORD_COMMAND.'
    variables.wrong('RESTIC_PASSWORD', { message: 'is not set', next })
  }
  return { password: { env: 'RESTIC_PASSWORD' } }
}
